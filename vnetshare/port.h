/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PORT_H
#define _VNETSHARE_PORT_H

#include <linux/netdevice.h>

#include "binding.h"
#include "lro.h"

struct vns_network;

/**
 * struct vns_port_settings - what a port shall be
 * @mac: the VM's address, all zero for none
 * @lock: let in only what comes from @mac and the port's IP addresses
 * @n_addresses: length of @addresses
 * @addresses: IP addresses that a locked port may use besides those that it
 *	learns; IPv4 as ::ffff:a.b.c.d
 */
struct vns_port_settings {
	u8 mac[ETH_ALEN];
	bool lock;
	u8 n_addresses;
	struct in6_addr addresses[VNS_BINDING_ADDRESSES_MAX];
};

/**
 * struct vns_port - where a VM is plugged into a network
 * @network: the network
 * @dev: the attached device, or the native port's device
 * @native: @dev is one of ours (vns_port_native.c)
 * @bound_key: vns_fdb_key() of the only source address let in, 0 for any;
 *	written under rtnl, read with READ_ONCE()
 * @binding: the IP addresses that are let in while @bound_key is set; RCU for
 *	readers, changed under @binding_lock
 * @flow_gen: bumped behind what changes where frames from here, or to here, may
 *	go; see flow.h and switch_cache.h
 * @list: in &vns_network.ports
 * @set: the settings; rtnl
 * @id: the port's number in its network, from 1; 0: the outside (vns_bridge)
 * @binding_lock: serialises changes of @binding
 * @flood_since: jiffies when @flooded was 0, READ_ONCE() and WRITE_ONCE()
 * @flooded: frames to everybody since, likewise
 * @dhcp_xid: of the last DHCP request that came in by the port
 * @dhcp_asked: that was not answered yet
 * @old_mtu: MTU of an attached device before, rtnl
 * @former_mtu: MTU of @dev before the change under way, rtnl
 * @lro: what an attached @dev, or the uplink, and those below it had, rtnl
 * @dev_tracker: our reference on an attached @dev
 * @fdb: &struct vns_fdb_entry behind this port, guarded by &vns_fdb.lock
 * @n_fdb: length of @fdb, guarded by &vns_fdb.lock
 * @dead: nothing is learned any more, guarded by &vns_fdb.lock
 * @snoop: &struct vns_snoop_entry of the VMs here, guarded by &vns_snoop_table.lock
 * @n_snoop: length of @snoop, likewise
 * @snoop_dead: no IP address is learned any more, likewise
 * @snoop_tried: jiffies when a full port was last found to use all that it has,
 *	READ_ONCE() and WRITE_ONCE()
 * @snoop_warned4: jiffies when it was last announced that a VM here has an IPv4
 *	address of the host, 0 for never; cmpxchg()
 * @snoop_warned6: likewise, IPv6
 * @n_flows: entries of the fast path that are due to the VMs here
 * @rcu: defers the freeing past the last frame
 */
struct vns_port {
	/* read for every frame */
	struct vns_network *network;
	struct net_device *dev;
	u64 bound_key;
	struct vns_binding __rcu *binding;
	bool native;
	atomic_t flow_gen;
	struct list_head list;

	/* configuration */
	struct vns_port_settings set;
	u32 id;
	spinlock_t binding_lock; /* see @binding */
	unsigned long flood_since;
	u32 flooded;
	__be32 dhcp_xid;
	bool dhcp_asked;
	u32 old_mtu;
	u32 former_mtu;
	struct vns_lro lro;
	netdevice_tracker dev_tracker;

	struct hlist_head fdb;
	u32 n_fdb;
	bool dead;

	struct hlist_head snoop;
	u32 n_snoop;
	bool snoop_dead;
	unsigned long snoop_tried;
	unsigned long snoop_warned4;
	unsigned long snoop_warned6;

	atomic_t n_flows;
	struct rcu_head rcu;
};

/**
 * vns_port_is_uplink() - does a port stand for the outside
 * @port: any port
 *
 * Return: true for &vns_bridge.port, false for a VM's.
 */
static inline bool vns_port_is_uplink(const struct vns_port *port)
{
	return !port->id;
}

/**
 * vns_port_bump() - have what was decided for the frames of a port decided anew
 * @port: behind a change of it
 *
 * Context: any.
 */
static inline void vns_port_bump(struct vns_port *port)
{
	/* who reads this sees the change, too */
	smp_mb__before_atomic();
	atomic_inc(&port->flow_gen);
}

/**
 * vns_port_running() - can frames be sent to a port
 * @port: the port
 *
 * Context: any.
 * Return: true if so; the answer may be outdated at once.
 */
static inline bool vns_port_running(const struct vns_port *port)
{
	return netif_running(port->dev) && netif_carrier_ok(port->dev);
}

struct vns_port *vns_port_find_id(struct vns_network *network, u32 id);
struct vns_port *vns_port_create(struct vns_network *network,
				 struct net_device *dev, bool native,
				 const struct vns_port_settings *set,
				 struct netlink_ext_ack *extack);
void vns_port_init(struct vns_port *port, struct vns_network *network,
		   struct net_device *dev);
void vns_port_close(struct vns_port *port);
void vns_port_publish(struct vns_port *port);
void vns_port_unpublish(struct vns_port *port);
void vns_port_free(struct vns_port *port);
int vns_port_set(struct vns_port *port, const struct vns_port_settings *set,
		 struct netlink_ext_ack *extack);

#endif /* _VNETSHARE_PORT_H */
