/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_DEVICE_H
#define _VNETSHARE_DEVICE_H

struct list_head;
struct net;
struct net_device;
struct vns_network_settings;
struct vns_port;

struct net_device *
vns_device_create(struct net *net, const char *name,
		  const struct vns_network_settings *settings);
void vns_device_dellink(struct net_device *dev, struct list_head *head);
struct vns_port *vns_device_find_port(struct net_device *dev);

int vns_device_init(void);
void vns_device_exit(void);

#endif /* _VNETSHARE_DEVICE_H */
