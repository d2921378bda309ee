// SPDX-License-Identifier: GPL-2.0
/*
 * Networks of a namespace: finding them, and what happens to devices around
 * them.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/netns/generic.h>

#include "bridge.h"
#include "flow.h"
#include "forward.h"
#include "hooks.h"
#include "mode.h"
#include "nat.h"
#include "native.h"
#include "neigh.h"
#include "netlink.h"
#include "network.h"
#include "port.h"

static unsigned int vns_network_net_id __read_mostly;

/**
 * vns_network_net() - what the module keeps of a namespace
 * @net: the namespace
 *
 * Return: the module's part of it, never NULL.
 */
struct vns_net *vns_network_net(const struct net *net)
{
	return net_generic(net, vns_network_net_id);
}

/**
 * vns_network_find() - a network by its device's number
 * @net: the namespace
 * @ifindex: any number
 *
 * Context: rtnl.
 * Return: the network; NULL if that is no network.
 */
struct vns_network *vns_network_find(struct net *net, u32 ifindex)
{
	ASSERT_RTNL();
	return vns_network_of(__dev_get_by_index(net, ifindex));
}

/**
 * vns_network_set_mode() - another mode, with the VMs plugged in
 * @network: the network
 * @mode: the mode
 *
 * Ports, learned addresses and leases stay; the sessions that the new mode
 * does not allow end.
 *
 * Context: rtnl. Waits for grace periods.
 * Return: 0; a negative error, nothing having changed.
 */
int vns_network_set_mode(struct vns_network *network,
			 const struct vns_mode *mode)
{
	const struct vns_mode *old = network->mode;
	struct net *net = dev_net(network->dev);
	int err;

	ASSERT_RTNL();
	if (mode == old)
		return 0;

	err = vns_hooks_get(net, mode);
	if (err)
		return err;

	WRITE_ONCE(network->mode, mode);
	vns_flow_update(network);
	vns_flow_forget(network);
	/* no packet is judged by the old mode any more */
	synchronize_net();
	if (!mode->host)
		vns_nat_flush(network);
	else if (!mode->outside)
		vns_nat_flush_outside(network);
	vns_hooks_put(net, old);
	if (!mode->bridged) {
		vns_bridge_unbind(network);
		vns_neigh_flush(network);
	}
	vns_network_update_carrier(network);
	if (mode->outside)
		vns_forward_catch_up(vns_network_net(net));
	return 0;
}

/**
 * vns_network_changed() - announce that an attribute has another value
 * @network: the network, whose sessions are judged anew
 *
 * Context: rtnl.
 */
void vns_network_changed(struct vns_network *network)
{
	vns_flow_forget(network);
	if (network->dev->reg_state == NETREG_REGISTERED)
		vns_netlink_notify_network(network,
					   VNETSHARE_CMD_NETWORK_CHANGE_NTF);
}

/**
 * vns_network_update_carrier() - a network has carrier while a port is running
 * @network: the network; while it is bridged, the uplink's carrier is its own
 *
 * Context: rtnl.
 */
void vns_network_update_carrier(struct vns_network *network)
{
	const struct vns_bridge *bridge = vns_bridge_get_rtnl(network);
	const struct vns_port *port;

	ASSERT_RTNL();
	if (network->mode->bridged && !(bridge && bridge->is_port)) {
		if (bridge && vns_bridge_running(bridge))
			netif_carrier_on(network->dev);
		else
			netif_carrier_off(network->dev);
		return;
	}

	list_for_each_entry(port, &network->ports, list) {
		if (vns_port_running(port)) {
			netif_carrier_on(network->dev);
			return;
		}
	}
	netif_carrier_off(network->dev);
}

/* Native ports have carrier while their network is up. */
static void vns_network_tell_native(struct vns_network *network)
{
	bool up = netif_running(network->dev);
	struct vns_port *port;

	list_for_each_entry(port, &network->ports, list) {
		if (!port->native)
			continue;
		if (up && netif_running(port->dev))
			netif_carrier_on(port->dev);
		else
			netif_carrier_off(port->dev);
	}
	vns_network_update_carrier(network);
}

/*
 * What the device must be like, whatever the host's defaults are. The settings
 * are made anew with each in_device and inet6_dev.
 */
static void vns_network_configure_device(const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct inet6_dev *idev = __in6_dev_get(dev);

	/* a forward may lead from 127.0.0.1 to a VM; the switch lets no VM */
	if (in_dev)
		IN_DEV_CONF_SET(in_dev, ROUTE_LOCALNET, 1);
	if (!idev)
		return;

	/*
	 * A VM is no router of the host's: its advertisements must not give
	 * the host addresses and routes. To the VMs the host is one, and must
	 * say so in its neighbour advertisements.
	 */
	WRITE_ONCE(idev->cnf.accept_ra, 0);
	WRITE_ONCE(idev->cnf.forwarding, 1);
	/* nobody else on this link may have an address of the host's */
	WRITE_ONCE(idev->cnf.accept_dad, 0);
	/* the gateway's address outlives a moment down, as its IPv4 one does */
	WRITE_ONCE(idev->cnf.keep_addr_on_down, 1);
}

/**
 * vns_network_notify_device() - something happened to a network's device
 * @event: NETDEV_*
 * @dev: any device
 *
 * Context: rtnl.
 * Return: a NOTIFY_* value.
 */
int vns_network_notify_device(unsigned long event, struct net_device *dev)
{
	struct vns_network *network = vns_network_of(dev);

	if (!network)
		return NOTIFY_DONE;

	switch (event) {
	case NETDEV_REGISTER:
		vns_network_configure_device(dev);
		vns_netlink_notify_network(network,
					   VNETSHARE_CMD_NETWORK_ADD_NTF);
		break;
	case NETDEV_UNREGISTER:
		vns_netlink_notify_network(network,
					   VNETSHARE_CMD_NETWORK_DEL_NTF);
		break;
	case NETDEV_UP:
		vns_network_configure_device(dev);
		fallthrough;
	case NETDEV_DOWN:
		vns_flow_update(network);
		vns_network_tell_native(network);
		break;
	case NETDEV_CHANGEMTU:
		vns_network_configure_device(dev);
		fallthrough;
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEADDR:
		vns_network_changed(network);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
		return NOTIFY_BAD;
	}

	return NOTIFY_DONE;
}

static int vns_network_pre_change_mac(struct net_device *dev,
				      struct netdev_notifier_pre_changeaddr_info *info)
{
	return vns_bridge_allows_mac(vns_network_of(dev), info->dev_addr,
				     info->info.extack) ?
	       NOTIFY_DONE : notifier_from_errno(-EBUSY);
}

static int vns_network_netdev_event(struct notifier_block *nb,
				    unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	vns_flow_notify_device(event, dev);
	if (event == NETDEV_PRE_CHANGEADDR && vns_netdev_is(dev))
		return vns_network_pre_change_mac(dev, ptr);
	if (vns_uplink_notify_device(event, dev) == NOTIFY_BAD)
		return NOTIFY_BAD;
	if (vns_netdev_is(dev))
		return vns_network_notify_device(event, dev);
	return vns_port_notify_device(event, dev);
}

/* After addrconf's, which makes the inet6_dev. */
static struct notifier_block vns_network_netdev_notifier = {
	.notifier_call = vns_network_netdev_event,
	.priority = ADDRCONF_NOTIFY_PRIORITY - 1,
};

static int __net_init vns_network_net_init(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	INIT_LIST_HEAD(&vn->networks);
	vn->seq = 1;
	vn->net = net;
	vns_flow_init_net(&vn->flows, net);
	return vns_forward_init_net(vn);
}

static void __net_exit vns_network_net_exit(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	/* The devices of a dying namespace are removed before. */
	WARN_ON_ONCE(!list_empty(&vn->networks));
	WARN_ON_ONCE(vn->route_users || vn->nat_users);
	vns_forward_exit_net(vn);
	vns_flow_exit_net(&vn->flows);
}

static struct pernet_operations vns_network_net_ops = {
	.init = vns_network_net_init,
	.exit = vns_network_net_exit,
	.id = &vns_network_net_id,
	.size = sizeof(struct vns_net),
};

/**
 * vns_network_init() - get ready for networks
 *
 * Return: 0 or a negative error.
 */
int __init vns_network_init(void)
{
	int err;

	err = register_pernet_subsys(&vns_network_net_ops);
	if (err)
		return err;

	err = register_netdevice_notifier(&vns_network_netdev_notifier);
	if (err)
		unregister_pernet_subsys(&vns_network_net_ops);
	return err;
}

/**
 * vns_network_exit() - the inverse of vns_network_init(), no network is left
 */
void vns_network_exit(void)
{
	unregister_netdevice_notifier(&vns_network_netdev_notifier);
	unregister_pernet_subsys(&vns_network_net_ops);
}
