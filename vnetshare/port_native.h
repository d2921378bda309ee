/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PORT_NATIVE_H
#define _VNETSHARE_PORT_NATIVE_H

#include <linux/netdevice.h>

struct vns_network;
struct vns_port;
struct vns_port_settings;

/**
 * struct vns_port_native - private part of a native port's device
 * @port: the port; RCU for readers, rtnl for writers; NULL while the device is
 *	being made or removed
 */
struct vns_port_native {
	struct vns_port __rcu *port;
};

extern const struct net_device_ops vns_port_native_netdev_ops;

static inline bool vns_port_native_is(const struct net_device *dev)
{
	return dev->netdev_ops == &vns_port_native_netdev_ops;
}

struct net_device *vns_port_native_create(struct vns_network *network,
					  const char *name,
					  const struct vns_port_settings *set,
					  struct netlink_ext_ack *extack);
void vns_port_native_dellink(struct net_device *dev, struct list_head *head);
struct vns_port *vns_port_native_find(const struct net_device *dev);

int vns_port_native_init(void);
void vns_port_native_exit(void);

#endif /* _VNETSHARE_PORT_NATIVE_H */
