// SPDX-License-Identifier: GPL-2.0
/*
 * Networks of a namespace: finding them, and what happens to devices around
 * them.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/netns/generic.h>

#include "native.h"
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

static const struct vns_mode * const vns_network_modes[] = {
	&vns_mode_nat,
};

/**
 * vns_network_find_mode() - what a mode does
 * @id: &enum vnetshare_mode
 *
 * Return: the mode; NULL if there is none of that number.
 */
const struct vns_mode *vns_network_find_mode(u32 id)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vns_network_modes); i++)
		if (vns_network_modes[i]->id == id)
			return vns_network_modes[i];
	return NULL;
}

/**
 * vns_network_changed() - announce that an attribute has another value
 * @network: the network
 *
 * Context: rtnl.
 */
void vns_network_changed(struct vns_network *network)
{
	if (network->dev->reg_state == NETREG_REGISTERED)
		vns_netlink_notify_network(network,
					   VNETSHARE_CMD_NETWORK_CHANGE_NTF);
}

/**
 * vns_network_update_carrier() - a network has carrier while a port is running
 * @network: the network
 *
 * Context: rtnl.
 */
void vns_network_update_carrier(struct vns_network *network)
{
	const struct vns_port *port;

	ASSERT_RTNL();
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
 * A VM is no router of the host's: its advertisements must not give the host
 * addresses and routes. The setting is made anew with each inet6_dev.
 */
static void vns_network_refuse_routers(const struct net_device *dev)
{
	struct inet6_dev *idev = __in6_dev_get(dev);

	if (idev)
		WRITE_ONCE(idev->cnf.accept_ra, 0);
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
		vns_network_refuse_routers(dev);
		vns_netlink_notify_network(network,
					   VNETSHARE_CMD_NETWORK_ADD_NTF);
		break;
	case NETDEV_UNREGISTER:
		vns_netlink_notify_network(network,
					   VNETSHARE_CMD_NETWORK_DEL_NTF);
		break;
	case NETDEV_UP:
		vns_network_refuse_routers(dev);
		fallthrough;
	case NETDEV_DOWN:
		vns_network_tell_native(network);
		break;
	case NETDEV_CHANGEMTU:
		vns_network_refuse_routers(dev);
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

static int vns_network_netdev_event(struct notifier_block *nb,
				    unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	vns_uplink_notify_device(event, dev);
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
	return 0;
}

static void __net_exit vns_network_net_exit(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	/* The devices of a dying namespace are removed before. */
	WARN_ON_ONCE(!list_empty(&vn->networks));
	WARN_ON_ONCE(vn->nat_users);
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
