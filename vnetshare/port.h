/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PORT_H
#define _VNETSHARE_PORT_H

#include <linux/netdevice.h>

#include "binding.h"
#include "lro.h"

struct vns_network;

/**
 * struct vns_port_settings - configuration of a port
 * @mac: the VM's MAC address, all zero for none
 * @lock: accept only frames from @mac and from the port's IP addresses
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
 * struct vns_port - port of a network, which a VM is plugged into
 * @network: the network that the port belongs to
 * @dev: the attached device, or the native port's device
 * @native: @dev is a native port's device
 * @bound_key: vns_fdb_key() of the only source MAC address accepted, 0 for any;
 *	written under rtnl, read with READ_ONCE()
 * @binding: the source IP addresses accepted while @bound_key is set; RCU for
 *	readers, changed under @binding_lock
 * @flow_gen: generation, bumped after a change of where frames from this port
 *	or to it may go; see flow.h and switch_cache.h
 * @list: in &vns_network.ports
 * @set: the settings; rtnl
 * @id: the port's number in its network, from 1; 0 for &vns_bridge.port
 * @binding_lock: serialises changes of @binding
 * @flood_since: jiffies when @flooded was last set to 0, READ_ONCE() and
 *	WRITE_ONCE()
 * @flooded: frames that the port has flooded since then, likewise
 * @dhcp_xid: transaction ID of the last DHCP request that came from the port
 * @dhcp_asked: that request is not answered yet
 * @old_mtu: MTU of an attached @dev before it was attached, rtnl
 * @former_mtu: MTU of @dev before the current change of the network's MTU, rtnl
 * @lro: large receive offload that was turned off on an attached @dev or on the
 *	uplink, and on the devices below it, rtnl
 * @dev_tracker: the reference on an attached @dev
 * @fdb: &struct vns_fdb_entry behind this port, guarded by &vns_fdb.lock
 * @n_fdb: length of @fdb, guarded by &vns_fdb.lock
 * @dead: no MAC address is learned any more, guarded by &vns_fdb.lock
 * @snoop: &struct vns_snoop_entry of the VMs behind this port, guarded by
 *	&vns_snoop_table.lock
 * @n_snoop: length of @snoop, likewise
 * @snoop_dead: no IP address is learned any more, likewise
 * @snoop_tried: jiffies when all entries of a full port were last found to be
 *	in use, READ_ONCE() and WRITE_ONCE()
 * @snoop_warned4: jiffies of the last announcement that a VM behind this port
 *	has an IPv4 address of the host, 0 for never; cmpxchg()
 * @snoop_warned6: likewise, IPv6
 * @n_flows: fast path entries of the VMs behind this port
 * @rcu: for kfree_rcu()
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

/* Is this the &vns_bridge.port of a bridged network? */
static inline bool vns_port_is_uplink(const struct vns_port *port)
{
	return !port->id;
}

/*
 * Invalidates what is cached for frames of the port. Call it after the change,
 * in any context.
 */
static inline void vns_port_bump(struct vns_port *port)
{
	/* a CPU that reads the new value sees the change, too */
	smp_mb__before_atomic();
	atomic_inc(&port->flow_gen);
}

/* Can frames be sent to the port? Any context; may be outdated at once. */
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
