// SPDX-License-Identifier: GPL-2.0
/*
 * Table of the IP addresses of a bridged network's VMs, filled by snoop.c. If
 * VMs share the uplink's MAC address, the table finds the receiver of a frame;
 * otherwise it serves to detect address conflicts.
 *
 * Looked up under RCU without a lock; changed under vns_snoop_table.lock. A VM
 * can add VNS_SNOOP_PORT_MAX entries for its own port at most, and never
 * displaces an entry of another port. Addresses of the host are not entered.
 */
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "addr.h"
#include "bridge.h"
#include "network.h"
#include "port.h"
#include "snoop_table.h"
#include "stats.h"

#define VNS_SNOOP_GC_INTERVAL_MAX	10 /* seconds */

/* An entry that was unused for this time may be replaced. */
#define VNS_SNOOP_STALE_TIME	(60 * HZ)

static const struct rhashtable_params vns_snoop_table_params = {
	.head_offset = offsetof(struct vns_snoop_entry, node),
	.key_offset = offsetof(struct vns_snoop_entry, addr),
	.key_len = sizeof(struct in6_addr),
	.max_size = VNS_SNOOP_NETWORK_MAX,
	.automatic_shrinking = true,
};

/* Seconds that an unused address is kept */
static unsigned long vns_snoop_table_ageing(const struct vns_network *network)
{
	return (unsigned long)READ_ONCE(network->fdb.ageing) *
	       VNS_SNOOP_AGEING_FACTOR;
}

static void vns_snoop_table_arm_gc(struct vns_network *network)
{
	unsigned long seconds = clamp_t(unsigned long,
					vns_snoop_table_ageing(network) / 2, 1,
					VNS_SNOOP_GC_INTERVAL_MAX);

	queue_delayed_work(system_power_efficient_wq, &network->snoop.gc,
			   seconds * HZ);
}

static bool vns_snoop_table_is_stale(const struct vns_snoop_entry *entry)
{
	return time_after(jiffies,
			  READ_ONCE(entry->used) + VNS_SNOOP_STALE_TIME);
}

/*
 * Is it an address of the host, on any link (link-local addresses: on the
 * uplink's link), or an IPv4 broadcast or multicast address? RCU read side.
 */
static bool vns_snoop_table_is_reserved(const struct vns_network *network,
					const struct in6_addr *addr)
{
	const struct vns_bridge *bridge = rcu_dereference(network->bridge);
	const struct net_device *dev = bridge ? bridge->dev : NULL;
	struct net *net = dev_net(network->dev);

	if (!ipv6_addr_v4mapped(addr))
		return vns_addr_is_host6(net, addr, dev);

	switch (inet_addr_type_dev_table(net, dev, addr->s6_addr32[3])) {
	case RTN_LOCAL:
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return true;
	default:
		return false;
	}
}

static bool vns_snoop_table_is_elsewhere4(const struct vns_bridge *bridge,
					  __be32 addr)
{
	struct flowi4 fl4 = { .daddr = addr };
	struct fib_result res;

	return !fib_lookup(dev_net(bridge->dev), &fl4, &res, 0) &&
	       res.prefixlen && FIB_RES_DEV(res) != bridge->dev;
}

static bool vns_snoop_table_is_elsewhere6(const struct vns_bridge *bridge,
					  const struct in6_addr *addr)
{
	struct flowi6 fl6 = { .daddr = *addr };
	const struct fib6_info *from;
	struct dst_entry *dst;
	bool elsewhere;

	if (!ipv6_mod_enabled() ||
	    ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL)
		return false;

	dst = ip6_route_output(dev_net(bridge->dev), NULL, &fl6);
	from = rcu_dereference(container_of(dst, struct rt6_info, dst)->from);
	elsewhere = !dst->error && from && from->fib6_dst.plen &&
		    dst->dev != bridge->dev;
	dst_release(dst);
	return elsewhere;
}

/*
 * If VMs share the uplink's MAC address, packets that the host routes arrive
 * there, too. Does the host have a route other than the default one to the
 * address by another device? RCU read side.
 */
static bool vns_snoop_table_is_routed(const struct vns_network *network,
				      const struct in6_addr *addr)
{
	const struct vns_bridge *bridge = rcu_dereference(network->bridge);

	if (!bridge || !bridge->macnat)
		return false;
	return ipv6_addr_v4mapped(addr) ?
	       vns_snoop_table_is_elsewhere4(bridge, addr->s6_addr32[3]) :
	       vns_snoop_table_is_elsewhere6(bridge, addr);
}

/* Does the host receive or route packets to an address? RCU read side. */
static bool vns_snoop_table_is_hosts(const struct vns_network *network,
				     const struct in6_addr *addr)
{
	return vns_snoop_table_is_reserved(network, addr) ||
	       vns_snoop_table_is_routed(network, addr);
}

/* May an address be entered for a VM? RCU read side. */
static bool vns_snoop_table_is_usable(const struct vns_network *network,
				      const struct in6_addr *addr)
{
	__be32 addr4 = addr->s6_addr32[3];
	int type = ipv6_addr_type(addr);

	if (ipv6_addr_v4mapped(addr)) {
		if (ipv4_is_zeronet(addr4) || ipv4_is_loopback(addr4) ||
		    ipv4_is_multicast(addr4) || ipv4_is_lbcast(addr4))
			return false;
	} else if (!(type & IPV6_ADDR_UNICAST) || type & IPV6_ADDR_LOOPBACK) {
		return false;
	}
	return !vns_snoop_table_is_hosts(network, addr);
}

/* Exact under the lock; without it, the answer may be outdated. */
static bool vns_snoop_table_is_full(const struct vns_port *port)
{
	const struct vns_snoop_table *table = &port->network->snoop;
	u32 n = READ_ONCE(port->n_snoop);

	return n >= VNS_SNOOP_PORT_MAX ||
	       (READ_ONCE(table->count) >= VNS_SNOOP_NETWORK_MAX &&
		n >= VNS_SNOOP_PORT_MIN);
}

/* Was a full port searched for a stale entry within the last second? */
static bool vns_snoop_table_is_busy(const struct vns_port *port)
{
	unsigned long tried = READ_ONCE(port->snoop_tried);

	return time_in_range(jiffies, tried, tried + HZ);
}

static void vns_snoop_table_list(struct vns_snoop_table *table,
				 struct vns_port *port,
				 struct vns_snoop_entry *entry)
{
	lockdep_assert_held(&table->lock);
	entry->id = ++table->last_id;
	hlist_add_head(&entry->port_node, &port->snoop);
	WRITE_ONCE(port->n_snoop, port->n_snoop + 1);
}

static void vns_snoop_table_unlist(struct vns_snoop_table *table,
				   struct vns_port *port,
				   struct vns_snoop_entry *entry)
{
	lockdep_assert_held(&table->lock);
	hlist_del(&entry->port_node);
	WRITE_ONCE(port->n_snoop, port->n_snoop - 1);
}

/* The entry leaves the table and its port. */
static void vns_snoop_table_delete(struct vns_snoop_table *table,
				   struct vns_snoop_entry *entry)
{
	struct vns_port *port;

	lockdep_assert_held(&table->lock);
	port = rcu_dereference_protected(entry->port,
					 lockdep_is_held(&table->lock));
	rhashtable_remove_fast(&table->table, &entry->node,
			       vns_snoop_table_params);
	vns_snoop_table_unlist(table, port, entry);
	WRITE_ONCE(table->count, table->count - 1);
	kfree_rcu(entry, rcu);
}

/*
 * If the port is full, delete its least recently used entry, provided that is
 * stale. Returns false if there is no room.
 */
static bool vns_snoop_table_make_room(struct vns_snoop_table *table,
				      struct vns_port *port)
{
	struct vns_snoop_entry *entry, *oldest = NULL;

	lockdep_assert_held(&table->lock);
	if (!vns_snoop_table_is_full(port))
		return true;
	if (vns_snoop_table_is_busy(port))
		return false;

	hlist_for_each_entry(entry, &port->snoop, port_node)
		if (!oldest || time_before(READ_ONCE(entry->used),
					   READ_ONCE(oldest->used)))
			oldest = entry;
	if (oldest && vns_snoop_table_is_stale(oldest)) {
		vns_snoop_table_delete(table, oldest);
		return true;
	}

	WRITE_ONCE(port->snoop_tried, jiffies);
	return false;
}

/* No entry of that address exists. */
static int vns_snoop_table_insert(struct vns_snoop_table *table,
				  struct vns_port *port,
				  const struct in6_addr *addr, u64 mac)
{
	struct vns_snoop_entry *entry;
	int err;

	lockdep_assert_held(&table->lock);
	if (!vns_snoop_table_make_room(table, port))
		return -ENOSPC;

	entry = kzalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (!entry)
		return -ENOMEM;

	entry->addr = *addr;
	entry->mac = mac;
	entry->used = jiffies;
	entry->checked = jiffies;
	RCU_INIT_POINTER(entry->port, port);
	err = rhashtable_insert_fast(&table->table, &entry->node,
				     vns_snoop_table_params);
	if (err) {
		kfree(entry);
		return err;
	}

	vns_snoop_table_list(table, port, entry);
	WRITE_ONCE(table->count, table->count + 1);
	vns_snoop_table_arm_gc(port->network);
	return 0;
}

/* Another VM, or another MAC address of the VM, has the address now. */
static int vns_snoop_table_move(struct vns_snoop_table *table,
				struct vns_snoop_entry *entry,
				struct vns_port *to, u64 mac)
{
	struct vns_port *from;

	lockdep_assert_held(&table->lock);
	from = rcu_dereference_protected(entry->port,
					 lockdep_is_held(&table->lock));
	if (from != to) {
		if (!vns_snoop_table_make_room(table, to))
			return -ENOSPC;
		vns_snoop_table_unlist(table, from, entry);
		rcu_assign_pointer(entry->port, to);
		vns_snoop_table_list(table, to, entry);
	}
	WRITE_ONCE(entry->mac, mac);
	WRITE_ONCE(entry->used, jiffies);
	return 0;
}

/* The address is new, or that of another VM. */
static void vns_snoop_table_learn_slow(struct vns_port *port,
				       const struct in6_addr *addr, u64 mac,
				       bool claimed)
{
	struct vns_network *network = port->network;
	struct vns_snoop_table *table = &network->snoop;
	struct vns_snoop_entry *entry;
	int err = 0;

	spin_lock_bh(&table->lock);
	if (port->snoop_dead)
		goto out_unlock;	/* no new references to it */

	entry = rhashtable_lookup_fast(&table->table, addr,
				       vns_snoop_table_params);
	if (!entry)
		err = vns_snoop_table_insert(table, port, addr, mac);
	else if (claimed || vns_snoop_table_is_stale(entry))
		err = vns_snoop_table_move(table, entry, port, mac);
out_unlock:
	spin_unlock_bh(&table->lock);

	if (err)
		vns_stats_inc(network->stats, VNS_STAT_NEIGH_FULL);
}

/**
 * vns_snoop_table_learn_rcu() - learn the IP address of a VM
 * @port: the VM's port
 * @addr: any address, IPv4 as ::ffff:a.b.c.d; unsuitable ones are ignored
 * @mac: vns_fdb_key() of the VM's MAC address
 * @claimed: the VM claims the address, and gets it from another VM. Otherwise
 *	it only used or probed the address, and another VM that uses it keeps it
 *
 * At the limits nothing is learned. A known address takes no lock.
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_snoop_table_learn_rcu(struct vns_port *port,
			       const struct in6_addr *addr, u64 mac,
			       bool claimed)
{
	struct vns_network *network = port->network;
	struct vns_snoop_entry *entry;
	bool here;

	entry = vns_snoop_table_find_rcu(&network->snoop, addr);
	here = entry && rcu_access_pointer(entry->port) == port;
	if (likely(here && READ_ONCE(entry->mac) == mac)) {
		/* Once a second, so that CPUs can share the cache line. */
		if (unlikely(time_after(jiffies, READ_ONCE(entry->used) + HZ)))
			WRITE_ONCE(entry->used, jiffies);
		return;
	}
	if (entry && !claimed && !vns_snoop_table_is_stale(entry))
		return;
	if (!here && vns_snoop_table_is_full(port) &&
	    vns_snoop_table_is_busy(port)) {
		vns_stats_inc(network->stats, VNS_STAT_NEIGH_FULL);
		return;
	}

	if (vns_snoop_table_is_usable(network, addr))
		vns_snoop_table_learn_slow(port, addr, mac, claimed);
}

/*
 * Returns the entry of an address (IPv4 as ::ffff:a.b.c.d), valid until the end
 * of the RCU section; NULL if unknown. The host may have got the address since:
 * see vns_snoop_table_is_vm_rcu().
 */
struct vns_snoop_entry *vns_snoop_table_find_rcu(struct vns_snoop_table *table,
						 const struct in6_addr *addr)
{
	return rhashtable_lookup(&table->table, addr, vns_snoop_table_params);
}

struct vns_snoop_entry *vns_snoop_table_find4_rcu(struct vns_snoop_table *table,
						  __be32 addr)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(addr, &mapped);
	return vns_snoop_table_find_rcu(table, &mapped);
}

/*
 * Is the address of an entry still a VM's? False if the host has got it, or a
 * route to it, since. Checked once a second. Context: softirq or BH disabled,
 * RCU read side.
 */
bool vns_snoop_table_is_vm_rcu(const struct vns_network *network,
			       struct vns_snoop_entry *entry)
{
	if (likely(!time_after(jiffies, READ_ONCE(entry->checked) + HZ)))
		return true;
	if (vns_snoop_table_is_hosts(network, &entry->addr))
		return false;	/* the next vns_snoop_table_gc() removes it */
	WRITE_ONCE(entry->checked, jiffies);
	return true;
}

/*
 * Delete the entries of a port; with @last, the port is removed and learns no
 * more. Context: process or softirq.
 */
void vns_snoop_table_flush_port(struct vns_port *port, bool last)
{
	struct vns_snoop_table *table = &port->network->snoop;
	struct vns_snoop_entry *entry;
	struct hlist_node *tmp;

	spin_lock_bh(&table->lock);
	port->snoop_dead |= last;
	hlist_for_each_entry_safe(entry, tmp, &port->snoop, port_node)
		vns_snoop_table_delete(table, entry);
	spin_unlock_bh(&table->lock);
}

/* Context: rtnl. */
void vns_snoop_table_flush(struct vns_network *network)
{
	struct vns_port *port;

	ASSERT_RTNL();
	list_for_each_entry(port, &network->ports, list)
		vns_snoop_table_flush_port(port, false);
}

/* RCU read side. */
static void vns_snoop_table_gc_port(struct vns_network *network,
				    struct vns_port *port)
{
	unsigned long max_age = vns_snoop_table_ageing(network) * HZ;
	struct vns_snoop_table *table = &network->snoop;
	struct vns_snoop_entry *entry;
	struct hlist_node *tmp;

	spin_lock_bh(&table->lock);
	hlist_for_each_entry_safe(entry, tmp, &port->snoop, port_node)
		if (time_after(jiffies, READ_ONCE(entry->used) + max_age) ||
		    vns_snoop_table_is_hosts(network, &entry->addr))
			vns_snoop_table_delete(table, entry);
	spin_unlock_bh(&table->lock);
}

/* One port at a time, which bounds the time that the lock is held. */
static void vns_snoop_table_gc(struct work_struct *work)
{
	struct vns_snoop_table *table = container_of(to_delayed_work(work),
					       struct vns_snoop_table, gc);
	struct vns_network *network = container_of(table, struct vns_network,
						   snoop);
	struct vns_port *port;

	rcu_read_lock();
	list_for_each_entry_rcu(port, &network->ports, list)
		vns_snoop_table_gc_port(network, port);
	rcu_read_unlock();

	if (READ_ONCE(table->count))
		vns_snoop_table_arm_gc(network);
}

int vns_snoop_table_init(struct vns_snoop_table *table)
{
	spin_lock_init(&table->lock);
	INIT_DELAYED_WORK(&table->gc, vns_snoop_table_gc);
	table->count = 0;
	return rhashtable_init(&table->table, &vns_snoop_table_params);
}

/* No port is left, and a grace period has passed. Context: process. */
void vns_snoop_table_destroy(struct vns_snoop_table *table)
{
	cancel_delayed_work_sync(&table->gc);
	WARN_ON_ONCE(table->count);
	rhashtable_destroy(&table->table);
}
