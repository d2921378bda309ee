// SPDX-License-Identifier: GPL-2.0
/*
 * Uplinks: the device through which a network reaches the outside. One that
 * was named may come and go (a USB adapter, a VPN); the name is what counts.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "native.h"
#include "network.h"
#include "uplink.h"

static bool vns_uplink_usable(const struct net_device *dev)
{
	return !vns_netdev_is(dev) && !vns_native_is(dev) &&
	       !(dev->flags & IFF_LOOPBACK);
}

/**
 * vns_uplink_check() - can the device of this name be an uplink
 * @net: namespace
 * @name: of the device; empty: follow the routing table
 * @extack: gets the reason of a refusal
 *
 * Context: rtnl.
 * Return: 0 or a negative error.
 */
int vns_uplink_check(struct net *net, const char *name,
		     struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	ASSERT_RTNL();
	if (!*name)
		return 0;

	dev = __dev_get_by_name(net, name);
	if (!dev) {
		NL_SET_ERR_MSG(extack, "no device has the uplink's name");
		return -ENODEV;
	}
	if (!vns_uplink_usable(dev)) {
		NL_SET_ERR_MSG(extack, "the uplink can not be a vnetshare or loopback device");
		return -EINVAL;
	}
	return 0;
}

static void vns_uplink_resolve(struct vns_network *network)
{
	struct vns_uplink *uplink = &network->uplink;
	struct net_device *dev;

	if (!*uplink->name) {
		WRITE_ONCE(uplink->ifindex, 0);
		return;
	}

	dev = __dev_get_by_name(dev_net(network->dev), uplink->name);
	WRITE_ONCE(uplink->ifindex,
		   dev && vns_uplink_usable(dev) ? dev->ifindex : -1);
}

/**
 * vns_uplink_set() - choose a network's uplink
 * @network: the network
 * @name: passed vns_uplink_check()
 *
 * Context: rtnl.
 */
void vns_uplink_set(struct vns_network *network, const char *name)
{
	ASSERT_RTNL();
	strscpy(network->uplink.name, name, sizeof(network->uplink.name));
	vns_uplink_resolve(network);
}

static void vns_uplink_update(struct vns_network *network,
			      const struct net_device *gone)
{
	int old = network->uplink.ifindex;

	if (!gone)
		vns_uplink_resolve(network);
	else if (old == gone->ifindex)
		WRITE_ONCE(network->uplink.ifindex, -1);

	if (network->uplink.ifindex != old)
		vns_network_changed(network);
}

/**
 * vns_uplink_notify_device() - a device came, went or has another name
 * @event: NETDEV_*
 * @dev: any device
 *
 * Context: rtnl.
 */
void vns_uplink_notify_device(unsigned long event, struct net_device *dev)
{
	struct vns_net *vn = vns_network_net(dev_net(dev));
	struct vns_network *network;

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
	case NETDEV_UNREGISTER:
		break;
	default:
		return;
	}

	list_for_each_entry(network, &vn->networks, list)
		if (*network->uplink.name)
			vns_uplink_update(network,
					  event == NETDEV_UNREGISTER ?
					  dev : NULL);
}
