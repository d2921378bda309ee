// SPDX-License-Identifier: GPL-2.0
/*
 * Fast path: the table of entries and their life. flow.h and
 * Documentation/locking.rst have the locking rules.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>

#include <vns_compat.h>

#include "flow.h"
#include "flow_route.h"
#include "mode.h"
#include "network.h"
#include "port.h"

/* One bucket for each bucket of conntrack, within these limits. */
#define VNS_FLOW_BITS_MIN	12
#define VNS_FLOW_BITS_MAX	17

#define VNS_FLOW_GC_INTERVAL	HZ

static struct kmem_cache *vns_flow_cache __read_mostly;

static u32 vns_flow_bucket(const struct vns_flow_table *flows,
			   const struct vns_flow *flow)
{
	if (flow->kind <= U8_MAX)
		return vns_flow_hash4(flows, flow->addrs, flow->ports);
	return vns_flow_hash6(flows, &flow->addrs6, flow->ports);
}

static spinlock_t *vns_flow_lock(struct vns_flow_table *flows, u32 bucket)
{
	return &flows->locks[bucket % VNS_FLOW_LOCKS];
}

static bool vns_flow_has_key(const struct vns_flow *flow,
			     const struct vns_flow *key)
{
	return flow->addrs == key->addrs && flow->ports == key->ports &&
	       flow->kind == key->kind &&
	       (key->kind <= U8_MAX ||
		!memcmp(&flow->addrs6, &key->addrs6, sizeof(key->addrs6)));
}

/*
 * Find the entry with the addresses, ports and kind of @key, NULL if there is
 * none. RCU read side, or under the bucket's lock.
 */
struct vns_flow *vns_flow_find(const struct vns_flow_table *flows,
			       const struct vns_flow *key)
{
	u32 bucket = vns_flow_bucket(flows, key);
	struct vns_flow *flow;

	hlist_for_each_entry_rcu(flow, &flows->buckets[bucket], node)
		if (vns_flow_has_key(flow, key))
			return flow;
	return NULL;
}

static void vns_flow_free_rcu(struct rcu_head *rcu)
{
	struct vns_flow *flow = container_of(rcu, struct vns_flow, rcu);

	nf_ct_put(flow->ct);
	dst_release(flow->dst);
	neigh_release(flow->neigh);
	kmem_cache_free(vns_flow_cache, flow);
}

/* Call with the bucket's lock held. Does nothing if the entry has ended. */
static void vns_flow_end(struct vns_flow_table *flows, struct vns_flow *flow)
{
	if (hlist_unhashed(&flow->node))
		return;

	hlist_del_init_rcu(&flow->node);
	atomic_dec(&flow->port->n_flows);
	atomic_dec(&flows->count);
	call_rcu(&flow->rcu, vns_flow_free_rcu);
}

/* Do the entry's generations match the current ones? */
static bool vns_flow_is_current(const struct vns_flow_table *flows,
				const struct vns_flow *flow)
{
	const struct vns_flow_dev *uplink = flow->from;
	const struct vns_port *port = flow->from;
	u32 gen;

	gen = flow->direction == VNETSHARE_FLOW_IN ?
	      atomic_read(&uplink->gen) : atomic_read(&port->flow_gen);
	if (READ_ONCE(flow->gen) != gen + atomic_read(&flows->rules))
		return false;
	if (flow->to &&
	    READ_ONCE(flow->to_gen) != atomic_read(&flow->to->flow_gen))
		return false;
	return !flow->out || flow->out_gen == atomic_read(&flow->out->gen);
}

/*
 * Copy a draft and take its references. NULL: out of memory, or an object that
 * it points to is being freed.
 */
static struct vns_flow *vns_flow_create(const struct vns_flow *draft)
{
	struct vns_flow *flow;

	flow = kmem_cache_alloc(vns_flow_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!flow)
		return NULL;

	*flow = *draft;
	if (!dst_hold_safe(flow->dst))
		goto err_free;
	if (!refcount_inc_not_zero(&flow->neigh->refcnt))
		goto err_release_dst;
	nf_conntrack_get(&flow->ct->ct_general);
	return flow;

err_release_dst:
	dst_release(flow->dst);
err_free:
	kmem_cache_free(vns_flow_cache, flow);
	return NULL;
}

static bool vns_flow_is_full(const struct vns_flow_table *flows,
			     const struct vns_port *port)
{
	return atomic_read(&flows->count) >= VNS_FLOW_MAX &&
	       atomic_read(&port->n_flows) >= VNS_FLOW_PORT_MIN;
}

/**
 * vns_flow_insert() - add an entry
 * @flows: the table
 * @draft: the entry, which is copied; replaces an entry with the same key
 *
 * The entry is left out without notice if the table is full or memory is short.
 *
 * Context: softirq or BH disabled, in the RCU read section in which the
 * generations in @draft were read.
 */
void vns_flow_insert(struct vns_flow_table *flows, const struct vns_flow *draft)
{
	u32 bucket = vns_flow_bucket(flows, draft);
	spinlock_t *lock = vns_flow_lock(flows, bucket);
	struct vns_flow *flow, *old;

	if (vns_flow_is_full(flows, draft->port))
		return;
	flow = vns_flow_create(draft);
	if (!flow)
		return;

	atomic_inc(&flow->port->n_flows);
	if (atomic_inc_return(&flows->count) == 1)
		queue_delayed_work(system_power_efficient_wq, &flows->gc,
				   VNS_FLOW_GC_INTERVAL);

	spin_lock_bh(lock);
	old = vns_flow_find(flows, draft);
	hlist_add_head_rcu(&flow->node, &flows->buckets[bucket]);
	if (old)
		vns_flow_end(flows, old);
	spin_unlock_bh(lock);

	/*
	 * pairs with vns_flow_flush_if(): either it sees the entry, or the
	 * check here sees the bumped generation
	 */
	smp_mb();
	if (likely(READ_ONCE(flows->on) && vns_flow_is_current(flows, flow)))
		return;

	spin_lock_bh(lock);
	vns_flow_end(flows, flow);
	spin_unlock_bh(lock);
}

/* Call after the change that stops new matching entries. */
static void vns_flow_flush_if(struct vns_flow_table *flows,
			      bool (*match)(const struct vns_flow *flow,
					    const void *data),
			      const void *data)
{
	struct hlist_node *tmp;
	struct vns_flow *flow;
	u32 i;

	smp_mb(); /* see vns_flow_insert() */
	if (!flows->buckets || !atomic_read(&flows->count))
		return;

	for (i = 0; i < vns_flow_buckets(flows); i++) {
		if (!READ_ONCE(flows->buckets[i].first))
			continue;
		spin_lock_bh(vns_flow_lock(flows, i));
		hlist_for_each_entry_safe(flow, tmp, &flows->buckets[i], node)
			if (match(flow, data))
				vns_flow_end(flows, flow);
		spin_unlock_bh(vns_flow_lock(flows, i));
		cond_resched();
	}
}

static bool vns_flow_is_any(const struct vns_flow *flow, const void *data)
{
	return true;
}

static bool vns_flow_is_of_port(const struct vns_flow *flow, const void *port)
{
	return flow->from == port || flow->to == port;
}

static bool vns_flow_is_of_dev(const struct vns_flow *flow, const void *uplink)
{
	return flow->from == uplink || flow->out == uplink;
}

/* End a port's entries, when the port is removed. Context: rtnl. */
void vns_flow_flush_port(struct vns_port *port)
{
	vns_port_bump(port);
	vns_flow_flush_if(port->network->flows, vns_flow_is_of_port, port);
}

/* End an uplink's entries, when it changes or is removed. Context: rtnl. */
void vns_flow_flush_dev(struct vns_flow_dev *uplink)
{
	atomic_inc(&uplink->gen);
	vns_flow_flush_if(uplink->flows, vns_flow_is_of_dev, uplink);
}

/*
 * Start a new generation of the host's rules, so that each session's next
 * packet takes the slow path. Context: any.
 */
void vns_flow_rules_changed(struct vns_flow_table *flows)
{
	u32 cursor = vns_compat_rules_cursor(flows->net);

	/* harmless if several CPUs see the same change */
	WRITE_ONCE(flows->settle, 2);
	atomic_inc(&flows->rules);
	WRITE_ONCE(flows->cursor, cursor);
}

/* Can an entry's route and next hop still be used? RCU read side. */
bool vns_flow_route_valid(const struct net *net, const struct vns_flow *flow)
{
	if (!vns_flow_hop_ok(flow))
		return false;
	return flow->kind <= U8_MAX ? vns_flow_route4_ok(net, flow->dst) :
				      vns_flow_route6_ok(flow);
}

/* Is the entry valid, its expiry aside? */
static bool vns_flow_holds(const struct vns_flow_table *flows,
			   const struct vns_flow *flow)
{
	const struct nf_conn *ct = flow->ct;

	if (nf_ct_is_dying(ct) || !vns_flow_is_current(flows, flow))
		return false;
	if (nf_ct_protonum(ct) == IPPROTO_TCP &&
	    READ_ONCE(ct->proto.tcp.state) != TCP_CONNTRACK_ESTABLISHED)
		return false;
	return vns_flow_route_valid(flows->net, flow);
}

/*
 * Does the entry carry packets? If not, it waits for renewal or removal. RCU
 * read side.
 */
bool vns_flow_is_in_use(const struct vns_flow_table *flows,
			const struct vns_flow *flow)
{
	return (s32)((u32)jiffies - READ_ONCE(flow->until)) <= 0 &&
	       vns_flow_holds(flows, flow);
}

/* Number of entries of a network's VMs. Context: rtnl. */
u32 vns_flow_total(const struct vns_network *network)
{
	const struct vns_port *port;
	u32 total = 0;

	ASSERT_RTNL();
	list_for_each_entry(port, &network->ports, list)
		total += atomic_read(&port->n_flows);
	return total;
}

static bool vns_flow_is_over(const struct vns_flow_table *flows,
			     const struct vns_flow *flow)
{
	return (s32)((u32)jiffies - READ_ONCE(flow->until)) > HZ ||
	       !vns_flow_holds(flows, flow);
}

static void vns_flow_gc_bucket(struct vns_flow_table *flows, u32 bucket)
{
	spinlock_t *lock = vns_flow_lock(flows, bucket);
	struct vns_flow *flow;

	/* entries that are added during the walk are checked the next time */
	hlist_for_each_entry_rcu(flow, &flows->buckets[bucket], node) {
		if (likely(!vns_flow_is_over(flows, flow)))
			continue;
		spin_lock_bh(lock);
		vns_flow_end(flows, flow);
		spin_unlock_bh(lock);
	}
}

static void vns_flow_gc(struct work_struct *work)
{
	struct vns_flow_table *flows = container_of(to_delayed_work(work),
						    struct vns_flow_table, gc);
	u8 settle = READ_ONCE(flows->settle);
	u32 i;

	if (settle) {
		WRITE_ONCE(flows->settle, settle - 1);
		atomic_inc(&flows->rules);
	}
	vns_flow_rules(flows);
	for (i = 0; i < vns_flow_buckets(flows); i++) {
		if (!READ_ONCE(flows->buckets[i].first))
			continue;
		rcu_read_lock();
		vns_flow_gc_bucket(flows, i);
		rcu_read_unlock();
		cond_resched();
	}

	if (atomic_read(&flows->count))
		queue_delayed_work(system_power_efficient_wq, &flows->gc,
				   VNS_FLOW_GC_INTERVAL);
}

/*
 * Allow entries in a namespace with a network that has a way out. Without
 * memory for the table there is no fast path; all else works.
 *
 * Context: rtnl.
 */
void vns_flow_start(struct vns_flow_table *flows)
{
	unsigned int bits = clamp_t(unsigned int,
				    ilog2(nf_conntrack_htable_size),
				    VNS_FLOW_BITS_MIN, VNS_FLOW_BITS_MAX);

	ASSERT_RTNL();
	if (!flows->buckets) {
		flows->shift = 64 - bits;
		flows->buckets = kvcalloc(1U << bits, sizeof(*flows->buckets),
					  GFP_KERNEL_ACCOUNT);
		if (!flows->buckets)
			return;
		get_random_bytes(flows->key, sizeof(flows->key));
	}
	flows->cursor = vns_compat_rules_cursor(flows->net);
	WRITE_ONCE(flows->on, true);
}

/*
 * End all entries, when no network of the namespace has a way out. Context:
 * rtnl.
 */
void vns_flow_stop(struct vns_flow_table *flows)
{
	ASSERT_RTNL();
	WRITE_ONCE(flows->on, false);
	vns_flow_flush_if(flows, vns_flow_is_any, NULL);
}

/* @flows is all zero. */
void vns_flow_init_net(struct vns_flow_table *flows, struct net *net)
{
	int i;

	flows->net = net;
	INIT_DELAYED_WORK(&flows->gc, vns_flow_gc);
	for (i = 0; i < VNS_FLOW_LOCKS; i++)
		spin_lock_init(&flows->locks[i]);
}

/* The namespace has no networks any more. May wait for a grace period. */
void vns_flow_exit_net(struct vns_flow_table *flows)
{
	/* wait for packets in flight, if the table was ever used */
	if (flows->buckets)
		synchronize_net();
	cancel_delayed_work_sync(&flows->gc);
	WARN_ON_ONCE(atomic_read(&flows->count));
	kvfree(flows->buckets);
}

int __init vns_flow_init(void)
{
	vns_flow_cache = kmem_cache_create("vnetshare_flow",
					   sizeof(struct vns_flow), 0,
					   SLAB_HWCACHE_ALIGN, NULL);
	return vns_flow_cache ? 0 : -ENOMEM;
}

/* All entries have ended; waits until they are freed. */
void vns_flow_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(vns_flow_cache);
}
