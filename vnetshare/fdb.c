// SPDX-License-Identifier: GPL-2.0
/*
 * Forwarding database: which port a MAC address lives behind.
 *
 * Looked up for every frame under RCU without a lock; changed under
 * vns_fdb.lock. A hostile VM can make it grow to VNS_FDB_PORT_MAX entries for
 * its own port, no further, and never pushes out an entry of another port.
 */
#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "bridge.h"
#include "fdb.h"
#include "mode.h"
#include "network.h"
#include "port.h"
#include "stats.h"

#define VNS_FDB_GC_INTERVAL_MAX	10 /* seconds */

static inline u32 vns_fdb_hash(const void *data, u32 len, u32 seed)
{
	u64 key = *(const u64 *)data;

	return jhash_2words((u32)key, (u32)(key >> 32), seed);
}

static inline int vns_fdb_compare(struct rhashtable_compare_arg *arg,
				  const void *obj)
{
	const struct vns_fdb_entry *entry = obj;

	return entry->key != *(const u64 *)arg->key;
}

static const struct rhashtable_params vns_fdb_params = {
	.head_offset = offsetof(struct vns_fdb_entry, node),
	.key_offset = offsetof(struct vns_fdb_entry, key),
	.key_len = sizeof(u64),
	.hashfn = vns_fdb_hash,
	.obj_cmpfn = vns_fdb_compare,
	.max_size = VNS_FDB_NETWORK_MAX,
	.automatic_shrinking = true,
};

static void vns_fdb_arm_gc(struct vns_fdb *fdb)
{
	u32 seconds = clamp_t(u32, READ_ONCE(fdb->ageing) / 2, 1,
			      VNS_FDB_GC_INTERVAL_MAX);

	queue_delayed_work(system_power_efficient_wq, &fdb->gc, seconds * HZ);
}

static bool vns_fdb_is_full(const struct vns_fdb *fdb,
			    const struct vns_port *port)
{
	lockdep_assert_held(&fdb->lock);
	return port->n_fdb >= VNS_FDB_PORT_MAX ||
	       (fdb->count >= VNS_FDB_NETWORK_MAX &&
		port->n_fdb >= VNS_FDB_PORT_MIN);
}

static void vns_fdb_list(struct vns_fdb *fdb, struct vns_port *port,
			 struct vns_fdb_entry *entry)
{
	lockdep_assert_held(&fdb->lock);
	if (!vns_port_is_uplink(port))
		vns_network_kick_filter(port->network);
	entry->since = jiffies;
	entry->id = ++fdb->last_id;
	hlist_add_head(&entry->port_node, &port->fdb);
	WRITE_ONCE(port->n_fdb, port->n_fdb + 1);
}

static void vns_fdb_unlist(struct vns_fdb *fdb, struct vns_port *port,
			   struct vns_fdb_entry *entry)
{
	lockdep_assert_held(&fdb->lock);
	if (!vns_port_is_uplink(port))
		vns_network_kick_filter(port->network);
	hlist_del(&entry->port_node);
	WRITE_ONCE(port->n_fdb, port->n_fdb - 1);
}

static void vns_fdb_delete(struct vns_fdb *fdb, struct vns_fdb_entry *entry)
{
	struct vns_port *port;

	lockdep_assert_held(&fdb->lock);
	port = rcu_dereference_protected(entry->port,
					 lockdep_is_held(&fdb->lock));
	rhashtable_remove_fast(&fdb->table, &entry->node, vns_fdb_params);
	vns_fdb_unlist(fdb, port, entry);
	vns_port_bump(port);
	WRITE_ONCE(fdb->count, fdb->count - 1);
	kfree_rcu(entry, rcu);
}

/*
 * No entry of that key exists. Pinned addresses are few and exempt from the
 * limits, so that learned addresses can not keep them out.
 */
static int vns_fdb_insert(struct vns_fdb *fdb, struct vns_port *port, u64 key,
			  bool pinned)
{
	struct vns_fdb_entry *entry;
	int err;

	lockdep_assert_held(&fdb->lock);
	if (!pinned && vns_fdb_is_full(fdb, port))
		return -ENOSPC;

	entry = kzalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (!entry)
		return -ENOMEM;

	entry->key = key;
	entry->used = jiffies;
	entry->pinned = pinned;
	entry->home = port->id;
	RCU_INIT_POINTER(entry->port, port);
	err = rhashtable_insert_fast(&fdb->table, &entry->node, vns_fdb_params);
	if (err) {
		kfree(entry);
		return err;
	}

	vns_fdb_list(fdb, port, entry);
	WRITE_ONCE(fdb->count, fdb->count + 1);
	vns_fdb_arm_gc(fdb);
	return 0;
}

static void vns_fdb_move(struct vns_fdb *fdb, struct vns_fdb_entry *entry,
			 struct vns_port *to)
{
	struct vns_port *from;

	lockdep_assert_held(&fdb->lock);
	from = rcu_dereference_protected(entry->port,
					 lockdep_is_held(&fdb->lock));
	vns_fdb_unlist(fdb, from, entry);
	rcu_assign_pointer(entry->port, to);
	/* after the change: cached paths to the old port end */
	vns_port_bump(from);
	vns_fdb_list(fdb, to, entry);
	WRITE_ONCE(entry->used, jiffies);
}

/* Find a port by its number; NULL if it was removed, or for the uplink (0). */
static struct vns_port *vns_fdb_find_port(struct vns_network *network, u32 id)
{
	struct vns_port *port;

	list_for_each_entry_rcu(port, &network->ports, list)
		if (port->id == id)
			return port->dead ? NULL : port;
	return NULL;
}

/*
 * An address that moves often is behind a loop (a VM that connects two of its
 * ports), or two machines have it. It is held at its first port for a while:
 * frames from it on other ports are dropped, which ends the loop.
 *
 * Return: false if the address must not move.
 */
static bool vns_fdb_may_move(struct vns_network *network,
			     struct vns_fdb_entry *entry)
{
	struct vns_fdb *fdb = &network->fdb;
	struct vns_port *home, *from;

	lockdep_assert_held(&fdb->lock);
	if (entry->held && time_before(jiffies, entry->held))
		return false;

	from = rcu_dereference_protected(entry->port,
					 lockdep_is_held(&fdb->lock));
	if (vns_port_is_uplink(from))
		return true;
	if (time_after(jiffies, entry->since + VNS_FDB_HOME_TIME))
		entry->home = from->id;
	if (!entry->moves || time_after(jiffies, entry->moving + HZ)) {
		entry->moves = 0;
		entry->moving = jiffies;
	}
	entry->held = 0;
	if (entry->moves++ < VNS_FDB_MOVES_MAX)
		return true;

	entry->moves = 0;
	entry->held = (jiffies + VNS_FDB_HOLD_TIME) ?: 1;
	home = vns_fdb_find_port(network, entry->home);
	if (home && home != from && home->n_fdb < VNS_FDB_PORT_MAX)
		vns_fdb_move(fdb, entry, home);
	return false;
}

/* Number of the entry's port, 0 for the uplink */
static u32 vns_fdb_port_id(const struct vns_fdb *fdb,
			   const struct vns_fdb_entry *entry)
{
	lockdep_assert_held(&fdb->lock);
	return rcu_dereference_protected(entry->port,
					 lockdep_is_held(&fdb->lock))->id;
}

/*
 * Would an address in recent use move between the uplink and a port? Then the
 * LAN reflects a VM's frame, or a VM reflects a frame of the LAN. If such a
 * frame went out again, the LAN's switches would learn the address at the
 * uplink. An address that a VM took over while its owner was silent returns to
 * the outside with the owner's next frame.
 */
static bool vns_fdb_comes_round(const struct vns_fdb *fdb,
				const struct vns_port *port,
				const struct vns_fdb_entry *entry)
{
	if (!vns_fdb_port_id(fdb, entry) == vns_port_is_uplink(port))
		return false;
	if (entry->crossed &&
	    time_before(jiffies, entry->crossed + VNS_FDB_RECLAIM_TIME))
		return !vns_port_is_uplink(port);
	return time_before(jiffies,
			   READ_ONCE(entry->used) + VNS_FDB_CROSS_TIME);
}

/* An address was seen on another port than its entry's. */
static enum vns_stat vns_fdb_learn_move(struct vns_port *port,
					struct vns_fdb_entry *entry)
{
	struct vns_network *network = port->network;
	struct vns_fdb *fdb = &network->fdb;

	lockdep_assert_held(&fdb->lock);
	if (entry->pinned)
		return VNS_DROP_LOCKED;
	if (vns_fdb_comes_round(fdb, port, entry))
		return VNS_DROP_LOOP;
	if (vns_fdb_is_full(fdb, port)) {
		vns_stats_inc(network->stats, VNS_STAT_FDB_FULL);
		/* frames to unknown addresses go outside */
		if (vns_port_is_uplink(port))
			vns_fdb_delete(fdb, entry);
		return VNS_STAT_MAX;
	}
	if (!vns_fdb_may_move(network, entry))
		return rcu_access_pointer(entry->port) == port ? VNS_STAT_MAX :
								 VNS_DROP_LOOP;
	if (!vns_port_is_uplink(port) && !vns_fdb_port_id(fdb, entry))
		entry->crossed = jiffies ?: 1;
	vns_fdb_move(fdb, entry, port);
	vns_stats_inc(network->stats, VNS_STAT_FDB_MOVED);
	return VNS_STAT_MAX;
}

/* An address is new, or was seen on another port. */
static enum vns_stat vns_fdb_learn_slow(struct vns_port *port, u64 key)
{
	struct vns_network *network = port->network;
	enum vns_stat cause = VNS_STAT_MAX;
	struct vns_fdb *fdb = &network->fdb;
	struct vns_fdb_entry *entry;

	spin_lock_bh(&fdb->lock);
	entry = rhashtable_lookup_fast(&fdb->table, &key, vns_fdb_params);
	if (port->dead) {
		/* The port is being removed: no new references to it. */
	} else if (!entry) {
		if (vns_fdb_insert(fdb, port, key, false))
			vns_stats_inc(network->stats, VNS_STAT_FDB_FULL);
	} else if (rcu_access_pointer(entry->port) != port) {
		cause = vns_fdb_learn_move(port, entry);
	}
	spin_unlock_bh(&fdb->lock);

	return cause;
}

/**
 * vns_fdb_learn_rcu() - learn the port of a source address
 * @port: the port that the frame came from
 * @addr: the frame's source address
 *
 * At the limits nothing is learned, and the frame may pass.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_STAT_MAX; VNS_DROP_LOCKED if the address is pinned to another
 * port; VNS_DROP_LOOP if it is held at another port.
 */
enum vns_stat vns_fdb_learn_rcu(struct vns_port *port, const u8 *addr)
{
	struct vns_fdb_entry *entry;
	u64 key = vns_fdb_key(addr);

	entry = rhashtable_lookup(&port->network->fdb.table, &key,
				  vns_fdb_params);
	if (unlikely(!entry || rcu_access_pointer(entry->port) != port))
		return vns_fdb_learn_slow(port, key);

	/* Once a second, so that CPUs can share the cache line. */
	if (unlikely(time_after(jiffies, READ_ONCE(entry->used) + HZ)))
		WRITE_ONCE(entry->used, jiffies);
	return VNS_STAT_MAX;
}

/*
 * Returns the port of an address, valid until the end of the RCU section; NULL
 * if unknown.
 */
struct vns_port *vns_fdb_find_rcu(struct vns_fdb *fdb, const u8 *addr)
{
	struct vns_fdb_entry *entry;
	u64 key = vns_fdb_key(addr);

	entry = rhashtable_lookup(&fdb->table, &key, vns_fdb_params);
	return entry ? rcu_dereference(entry->port) : NULL;
}

/**
 * vns_fdb_pin() - assign a configured address to a port
 * @port: the port it is pinned to
 * @addr: a unicast address
 * @extack: set on -EEXIST
 *
 * A learned entry of that address moves to the port and becomes pinned.
 *
 * Context: rtnl.
 * Return: 0, -EEXIST if it is pinned to another port, -ENOMEM.
 */
int vns_fdb_pin(struct vns_port *port, const u8 *addr,
		struct netlink_ext_ack *extack)
{
	struct vns_fdb *fdb = &port->network->fdb;
	struct vns_fdb_entry *entry;
	u64 key = vns_fdb_key(addr);
	int err = 0;

	ASSERT_RTNL();
	spin_lock_bh(&fdb->lock);
	entry = rhashtable_lookup_fast(&fdb->table, &key, vns_fdb_params);
	if (!entry) {
		err = vns_fdb_insert(fdb, port, key, true);
	} else if (rcu_access_pointer(entry->port) == port) {
		entry->pinned = true;
	} else if (entry->pinned) {
		err = -EEXIST;
	} else {
		vns_fdb_move(fdb, entry, port);
		entry->pinned = true;
	}
	spin_unlock_bh(&fdb->lock);

	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack,
			       "another port of this network has that MAC address");
	return err;
}

/* Delete the entry of a configured address. Context: rtnl. */
void vns_fdb_unpin(struct vns_port *port, const u8 *addr)
{
	struct vns_fdb *fdb = &port->network->fdb;
	struct vns_fdb_entry *entry;
	u64 key = vns_fdb_key(addr);

	ASSERT_RTNL();
	spin_lock_bh(&fdb->lock);
	entry = rhashtable_lookup_fast(&fdb->table, &key, vns_fdb_params);
	if (entry && rcu_access_pointer(entry->port) == port && entry->pinned)
		vns_fdb_delete(fdb, entry);
	spin_unlock_bh(&fdb->lock);
}

/*
 * Delete the entries of a port; with @pinned_too, also the pinned one, because
 * the port is removed. Context: process or softirq.
 */
void vns_fdb_flush_port(struct vns_port *port, bool pinned_too)
{
	struct vns_fdb *fdb = &port->network->fdb;
	struct vns_fdb_entry *entry;
	struct hlist_node *tmp;

	spin_lock_bh(&fdb->lock);
	hlist_for_each_entry_safe(entry, tmp, &port->fdb, port_node)
		if (pinned_too || !entry->pinned)
			vns_fdb_delete(fdb, entry);
	spin_unlock_bh(&fdb->lock);
}

/**
 * vns_fdb_collect() - list the addresses of a network's VMs
 * @network: the network to list
 * @keys: set to the addresses, each as vns_fdb_key() returns it
 * @max: length of @keys
 *
 * Context: rtnl.
 * Return: number of addresses; @max + 1 if there are more than @max.
 */
u32 vns_fdb_collect(struct vns_network *network, u64 *keys, u32 max)
{
	struct vns_fdb *fdb = &network->fdb;
	const struct vns_fdb_entry *entry;
	const struct vns_port *port;
	u32 n = 0;

	ASSERT_RTNL();
	spin_lock_bh(&fdb->lock);
	list_for_each_entry(port, &network->ports, list) {
		if (n + port->n_fdb > max) {
			n = max + 1;
			break;
		}
		hlist_for_each_entry(entry, &port->fdb, port_node)
			keys[n++] = entry->key;
	}
	spin_unlock_bh(&fdb->lock);
	return n;
}

/*
 * The address that a port used last. A bridged network keeps it, because frames
 * of the LAN to unknown addresses do not reach VMs.
 */
static const struct vns_fdb_entry *
vns_fdb_find_newest(const struct vns_fdb *fdb, const struct vns_port *port)
{
	const struct vns_fdb_entry *entry, *newest = NULL;

	lockdep_assert_held(&fdb->lock);
	if (!READ_ONCE(port->network->mode)->bridged ||
	    vns_port_is_uplink(port))
		return NULL;

	hlist_for_each_entry(entry, &port->fdb, port_node)
		if (!newest || time_after(READ_ONCE(entry->used),
					  READ_ONCE(newest->used)))
			newest = entry;
	return newest;
}

static void vns_fdb_gc_port(struct vns_fdb *fdb, struct vns_port *port)
{
	unsigned long max_age = READ_ONCE(fdb->ageing) * HZ;
	const struct vns_fdb_entry *newest;
	struct vns_fdb_entry *entry;
	struct hlist_node *tmp;

	spin_lock_bh(&fdb->lock);
	newest = vns_fdb_find_newest(fdb, port);
	hlist_for_each_entry_safe(entry, tmp, &port->fdb, port_node)
		if (!entry->pinned && entry != newest &&
		    time_after(jiffies, READ_ONCE(entry->used) + max_age))
			vns_fdb_delete(fdb, entry);
	spin_unlock_bh(&fdb->lock);
}

/* One port at a time, which bounds the time that the lock is held. */
static void vns_fdb_gc(struct work_struct *work)
{
	struct vns_fdb *fdb = container_of(to_delayed_work(work),
					   struct vns_fdb, gc);
	struct vns_network *network = container_of(fdb, struct vns_network,
						   fdb);
	struct vns_bridge *bridge;
	struct vns_port *port;

	rcu_read_lock();
	list_for_each_entry_rcu(port, &network->ports, list)
		vns_fdb_gc_port(fdb, port);
	bridge = rcu_dereference(network->bridge);
	if (bridge)
		vns_fdb_gc_port(fdb, &bridge->port);
	rcu_read_unlock();

	if (READ_ONCE(fdb->count))
		vns_fdb_arm_gc(fdb);
}

/* @seconds: 1 to VNS_FDB_AGEING_MAX. Context: process. */
void vns_fdb_set_ageing(struct vns_fdb *fdb, u32 seconds)
{
	WRITE_ONCE(fdb->ageing, seconds);
	mod_delayed_work(system_power_efficient_wq, &fdb->gc, 0);
}

/* The caller has set the ageing time; no frame reaches the network yet. */
int vns_fdb_init(struct vns_fdb *fdb)
{
	spin_lock_init(&fdb->lock);
	INIT_DELAYED_WORK(&fdb->gc, vns_fdb_gc);
	fdb->count = 0;
	return rhashtable_init(&fdb->table, &vns_fdb_params);
}

/* No port is left, and a grace period has passed. Context: process. */
void vns_fdb_destroy(struct vns_fdb *fdb)
{
	cancel_delayed_work_sync(&fdb->gc);
	WARN_ON_ONCE(fdb->count);
	rhashtable_destroy(&fdb->table);
}
