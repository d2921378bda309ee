/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_UPLINK_H
#define _VNETSHARE_UPLINK_H

#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/types.h>

struct netlink_ext_ack;
struct vns_network;
struct vns_network_settings;

/**
 * struct vns_uplink - how a network reaches the outside
 * @name: name of the device; empty: follow the routing table. Guarded by rtnl
 * @found: @name was chosen automatically for a bridged network; rtnl
 * @ifindex: the device of that name, 0 if @name is empty, -1 while there is
 *	none; written under rtnl, read with READ_ONCE()
 */
struct vns_uplink {
	char name[IFNAMSIZ];
	bool found;
	int ifindex;
};

/* May packets to the outside leave by @dev? */
static inline bool vns_uplink_is(const struct vns_uplink *uplink,
				 const struct net_device *dev)
{
	int ifindex = READ_ONCE(uplink->ifindex);

	return !ifindex || ifindex == dev->ifindex;
}

void vns_uplink_init(struct vns_network *network);
void vns_uplink_destroy(struct vns_network *network);
int vns_uplink_check(struct net *net, const struct vns_network *network,
		     const struct vns_network_settings *settings,
		     struct netlink_ext_ack *extack);
u32 vns_uplink_mtu(struct net *net, const char *name);
void vns_uplink_set(struct vns_network *network,
		    const struct vns_network_settings *settings);
int vns_uplink_bind(struct vns_network *network,
		    struct netlink_ext_ack *extack);
int vns_uplink_change(struct vns_network *network,
		      const struct vns_network_settings *settings,
		      struct netlink_ext_ack *extack);
int vns_uplink_notify_device(unsigned long event, struct net_device *dev);

#endif /* _VNETSHARE_UPLINK_H */
