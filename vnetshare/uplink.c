// SPDX-License-Identifier: GPL-2.0
/*
 * Uplinks: the device through which a network reaches the outside. It is set by
 * name; the device of that name may come and go (a USB adapter, a VPN). A
 * bridged network is attached to the device and takes over the device's new
 * name if it is renamed.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "bridge_filter.h"
#include "mode.h"
#include "network.h"
#include "port_native.h"
#include "uplink.h"

static bool vns_uplink_usable(const struct net_device *dev)
{
	return !vns_network_is(dev) && !vns_port_native_is(dev) &&
	       !(dev->flags & IFF_LOOPBACK);
}

/*
 * Can a network have the uplink of these settings? @network is NULL if it does
 * not exist yet.
 *
 * Returns 0, or a negative error with the reason in extack.
 */
int vns_uplink_check(struct net *net, const struct vns_network *network,
		     const struct vns_network_settings *settings,
		     struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	ASSERT_RTNL();
	if (!*settings->uplink) {
		if (!settings->mode->bridged)
			return 0;
		NL_SET_ERR_MSG(extack, "a bridged network needs an uplink: name the device");
		return -EINVAL;
	}

	dev = __dev_get_by_name(net, settings->uplink);
	if (!dev) {
		NL_SET_ERR_MSG(extack, "no device has the uplink's name");
		return -ENODEV;
	}
	if (!vns_uplink_usable(dev)) {
		NL_SET_ERR_MSG(extack, "the uplink cannot be a vnetshare or loopback device");
		return -EINVAL;
	}
	if (!settings->mode->bridged)
		return 0;
	return vns_bridge_check(network, dev, settings->macnat, extack);
}

/*
 * The MTU in bytes for a network bridged to the device @name, which passed
 * vns_uplink_check(). Context: rtnl.
 */
u32 vns_uplink_mtu(struct net *net, const char *name)
{
	return vns_bridge_mtu(__dev_get_by_name(net, name));
}

/* The device of the uplink's name; NULL if there is no usable one. */
static struct net_device *vns_uplink_find(const struct vns_network *network)
{
	struct net_device *dev;

	dev = __dev_get_by_name(dev_net(network->dev), network->uplink.name);
	return dev && vns_uplink_usable(dev) ? dev : NULL;
}

static void vns_uplink_resolve(struct vns_network *network)
{
	struct vns_uplink *uplink = &network->uplink;
	struct net_device *dev;

	if (!*uplink->name) {
		WRITE_ONCE(uplink->ifindex, 0);
		return;
	}

	dev = vns_uplink_find(network);
	WRITE_ONCE(uplink->ifindex, dev ? dev->ifindex : -1);
}

/*
 * Stores an uplink that passed vns_uplink_check(). vns_uplink_bind() attaches a
 * bridged network to it.
 */
void vns_uplink_set(struct vns_network *network,
		    const struct vns_network_settings *settings)
{
	struct vns_uplink *uplink = &network->uplink;
	bool found = settings->uplink_auto;

	ASSERT_RTNL();
	network->macnat = settings->macnat;
	strscpy(uplink->name, found && !settings->mode->bridged ?
			      "" : settings->uplink, sizeof(uplink->name));
	uplink->found = found && settings->mode->bridged;
	vns_uplink_resolve(network);
	vns_network_bump(network);
}

/*
 * Bridges a network to its uplink; does nothing if it is attached already, and
 * by the current settings. Waits for grace periods.
 *
 * Returns 0, or a negative error; then the network is not attached.
 */
int vns_uplink_bind(struct vns_network *network, struct netlink_ext_ack *extack)
{
	struct net_device *dev = vns_uplink_find(network);

	ASSERT_RTNL();
	if (dev && vns_bridge_is_bound(network, dev))
		return 0;
	vns_bridge_unbind(network);
	return dev ? vns_bridge_bind(network, dev, extack) : -ENODEV;
}

/*
 * Gives a network another uplink, and attaches it if the mode of @settings,
 * which it is about to get, is bridged. @settings passed vns_uplink_check().
 * Waits for grace periods.
 *
 * Returns 0, or a negative error; then nothing has changed.
 */
int vns_uplink_change(struct vns_network *network,
		      const struct vns_network_settings *settings,
		      struct netlink_ext_ack *extack)
{
	struct vns_uplink old = network->uplink;
	enum vnetshare_macnat macnat = network->macnat;
	bool bound = vns_bridge_get_rtnl(network);
	int err;

	vns_uplink_set(network, settings);
	if (!settings->mode->bridged)
		return 0;

	err = vns_uplink_bind(network, extack);
	if (!err)
		return 0;

	network->uplink = old;
	network->macnat = macnat;
	if (bound && vns_uplink_bind(network, NULL))
		netdev_warn(network->dev, "lost its uplink %s\n",
			    network->uplink.name);
	return err;
}

/* Attaches a bridged network again after an event of its uplink. */
static void vns_uplink_work(struct work_struct *work)
{
	struct vns_network *network = container_of(work, struct vns_network,
						   uplink_work);
	struct netlink_ext_ack extack = {};
	struct vns_bridge *old;
	int ifindex;

	rtnl_lock();
	if (network->dev->reg_state != NETREG_REGISTERED ||
	    !network->mode->bridged)
		goto out_unlock;

	old = vns_bridge_get_rtnl(network);
	ifindex = network->uplink.ifindex;
	vns_uplink_resolve(network);
	if (vns_uplink_bind(network, &extack) && extack._msg)
		netdev_warn(network->dev, "not bridged to %s: %s\n",
			    network->uplink.name, extack._msg);
	if (vns_bridge_get_rtnl(network) != old ||
	    network->uplink.ifindex != ifindex)
		vns_network_changed(network);
out_unlock:
	rtnl_unlock();
}

static void vns_uplink_filter_work(struct work_struct *work)
{
	struct vns_network *network = container_of(to_delayed_work(work),
						   struct vns_network,
						   filter_work);
	struct vns_bridge *bridge;

	rtnl_lock();
	bridge = vns_bridge_get_rtnl(network);
	if (bridge && !bridge->is_port)
		vns_bridge_filter_sync(bridge);
	rtnl_unlock();
}

void vns_uplink_init(struct vns_network *network)
{
	INIT_WORK(&network->uplink_work, vns_uplink_work);
	INIT_DELAYED_WORK(&network->filter_work, vns_uplink_filter_work);
}

/*
 * Waits for work items that take rtnl: the caller holds it only if the network
 * was never registered, because then no work was queued.
 */
void vns_uplink_destroy(struct vns_network *network)
{
	cancel_work_sync(&network->uplink_work);
	cancel_delayed_work_sync(&network->filter_work);
}

/* Unless bridged, a network only keeps track of its uplink's ifindex. */
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

static void vns_uplink_notify_routed(struct vns_network *network,
				     unsigned long event,
				     struct net_device *dev)
{
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
		vns_uplink_update(network, NULL);
		break;
	case NETDEV_UNREGISTER:
		vns_uplink_update(network, dev);
		break;
	}
}

/* @dev goes away. It may be the uplink, or the Linux bridge of the uplink. */
static void vns_uplink_lose(struct vns_network *network,
			    const struct net_device *dev)
{
	const struct vns_bridge *bridge = vns_bridge_get_rtnl(network);
	bool lost = bridge && bridge->dev == dev;

	if (network->uplink.ifindex == dev->ifindex)
		WRITE_ONCE(network->uplink.ifindex, -1);
	else if (!lost)
		return;

	vns_bridge_unbind(network);
	vns_network_changed(network);
}

/* Several events may report the same change. */
static void vns_uplink_update_running(struct vns_network *network,
				      struct vns_bridge *bridge)
{
	bool running = vns_bridge_running(bridge);

	vns_network_update_carrier(network);
	if (bridge->running == running)
		return;

	bridge->running = running;
	vns_network_changed(network);
}

static int vns_uplink_notify_bridged(struct vns_network *network,
				     unsigned long event,
				     struct net_device *dev)
{
	struct vns_uplink *uplink = &network->uplink;
	struct vns_bridge *bridge = vns_bridge_get_rtnl(network);

	switch (event) {
	case NETDEV_CHANGENAME:
		if (bridge && uplink->ifindex == dev->ifindex) {
			strscpy(uplink->name, dev->name, sizeof(uplink->name));
			vns_network_changed(network);
			break;
		}
		fallthrough;
	case NETDEV_REGISTER:
	case NETDEV_CHANGEUPPER:
		/*
		 * A device with the uplink's name appeared, or changed its
		 * master; or the network's own device changed its master.
		 */
		if (!strcmp(dev->name, uplink->name) || dev == network->dev)
			schedule_work(&network->uplink_work);
		break;
	case NETDEV_UNREGISTER:
		vns_uplink_lose(network, dev);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		if (bridge && bridge->dev == dev)
			vns_uplink_update_running(network, bridge);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
		/* the switch carries Ethernet frames */
		if (bridge && bridge->dev == dev)
			return NOTIFY_BAD;
		break;
	}
	return NOTIFY_DONE;
}

/* Returns a NOTIFY_* value. Context: rtnl. */
int vns_uplink_notify_device(unsigned long event, struct net_device *dev)
{
	struct vns_net *vn = vns_network_net(dev_net(dev));
	struct vns_network *network;
	int ret = NOTIFY_DONE;

	list_for_each_entry(network, &vn->networks, list) {
		if (!*network->uplink.name)
			continue;
		if (!network->mode->bridged)
			vns_uplink_notify_routed(network, event, dev);
		else if (vns_uplink_notify_bridged(network, event, dev) ==
			 NOTIFY_BAD)
			ret = NOTIFY_BAD;
	}
	return ret;
}
