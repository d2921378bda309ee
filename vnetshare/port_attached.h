/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PORT_ATTACHED_H
#define _VNETSHARE_PORT_ATTACHED_H

#include <linux/types.h>

struct net_device;
struct netlink_ext_ack;
struct vns_network;
struct vns_port;
struct vns_port_settings;

int vns_port_attached_add(struct vns_network *network, struct net_device *dev,
			  const struct vns_port_settings *set,
			  struct netlink_ext_ack *extack);
void vns_port_attached_del(struct vns_port *port, bool leaving);
struct vns_port *vns_port_attached_find(const struct net_device *dev);

#endif /* _VNETSHARE_PORT_ATTACHED_H */
