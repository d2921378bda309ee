/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PORT_H
#define _VNETSHARE_PORT_H

#include <linux/netdevice.h>

#include "lock.h"

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
	struct in6_addr addresses[VNS_LOCK_ADDRESSES_MAX];
};

/**
 * struct vns_port - where a VM is plugged into a network
 * @network: the network
 * @dev: the attached device, or the native port's device
 * @native: @dev is one of ours (vns_native.c)
 * @lock_key: vns_fdb_key() of the only source address let in, 0 for any;
 *	written under rtnl, read with READ_ONCE()
 * @lock: the IP addresses that are let in while @lock_key is set; RCU for
 *	readers, changed under @lock_lock
 * @list: in &vns_network.ports
 * @set: the settings; rtnl
 * @id: the port's number in its network, from 1
 * @lock_lock: serialises changes of @lock
 * @old_mtu: MTU of an attached device before, rtnl
 * @dev_tracker: our reference on an attached @dev
 * @fdb: &struct vns_fdb_entry behind this port, guarded by &vns_fdb.lock
 * @n_fdb: length of @fdb, guarded by &vns_fdb.lock
 * @dead: nothing is learned any more, guarded by &vns_fdb.lock
 * @rcu: defers the freeing past the last frame
 */
struct vns_port {
	/* read for every frame */
	struct vns_network *network;
	struct net_device *dev;
	u64 lock_key;
	struct vns_lock __rcu *lock;
	bool native;
	struct list_head list;

	/* configuration */
	struct vns_port_settings set;
	u32 id;
	spinlock_t lock_lock; /* see @lock */
	u32 old_mtu;
	netdevice_tracker dev_tracker;

	struct hlist_head fdb;
	u32 n_fdb;
	bool dead;
	struct rcu_head rcu;
};

struct vns_port *vns_port_find(struct net_device *dev);
struct vns_port *vns_port_find_id(struct vns_network *network, u32 id);
struct vns_port *vns_port_create(struct vns_network *network,
				 struct net_device *dev, bool native,
				 const struct vns_port_settings *set,
				 struct netlink_ext_ack *extack);
void vns_port_publish(struct vns_port *port);
void vns_port_unpublish(struct vns_port *port);
void vns_port_free(struct vns_port *port);
int vns_port_set(struct vns_port *port, const struct vns_port_settings *set,
		 struct netlink_ext_ack *extack);
bool vns_port_running(const struct vns_port *port);
void vns_port_output(struct vns_port *port, struct sk_buff *skb);
int vns_port_notify_device(unsigned long event, struct net_device *dev);

int vns_attach_add(struct vns_network *network, struct net_device *dev,
		   const struct vns_port_settings *set,
		   struct netlink_ext_ack *extack);
void vns_attach_del(struct vns_port *port);
struct vns_port *vns_attach_find(const struct net_device *dev);

#endif /* _VNETSHARE_PORT_H */
