// SPDX-License-Identifier: GPL-2.0
/*
 * Events: the only netdevice notifier, which tells the fast path, uplinks,
 * networks and ports, in this order; and the begin and end of namespaces.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/netns/generic.h>

#include "announce.h"
#include "binding.h"
#include "bridge.h"
#include "device.h"
#include "events.h"
#include "fdb.h"
#include "flow.h"
#include "network.h"
#include "port.h"
#include "port_attached.h"
#include "portfwd.h"
#include "snoop_table.h"
#include "uplink.h"

unsigned int vns_net_id __read_mostly;

/* Native ports have carrier while their network is up. */
static void vns_events_tell_native(struct vns_network *network)
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
 * Sets what a network's device needs, whatever the host's defaults are. A new
 * in_device or inet6_dev has the defaults again.
 */
static void vns_events_configure(const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct inet6_dev *idev = __in6_dev_get(dev);

	/*
	 * A port forward may lead from 127.0.0.1 to a VM. The guard drops
	 * packets from or to loopback addresses that come from VMs.
	 */
	if (in_dev)
		IN_DEV_CONF_SET(in_dev, ROUTE_LOCALNET, 1);
	if (!idev)
		return;

	/*
	 * The host must not take addresses and routes from a VM's router
	 * advertisements. For the VMs, the host is a router, and its neighbour
	 * advertisements must say so.
	 */
	WRITE_ONCE(idev->cnf.accept_ra, 0);
	WRITE_ONCE(idev->cnf.forwarding, 1);
	/* no DAD: the guard lets no VM use an address of the host */
	WRITE_ONCE(idev->cnf.accept_dad, 0);
	/* keep the gateway's address while the device is down, as with IPv4 */
	WRITE_ONCE(idev->cnf.keep_addr_on_down, 1);
}

static int vns_events_network(unsigned long event, struct net_device *dev)
{
	struct vns_network *network = vns_network_of(dev);

	if (!network)
		return NOTIFY_DONE;

	switch (event) {
	case NETDEV_REGISTER:
		vns_events_configure(dev);
		vns_announce_network(network, VNETSHARE_CMD_NETWORK_ADD_NTF);
		break;
	case NETDEV_UNREGISTER:
		vns_announce_network(network, VNETSHARE_CMD_NETWORK_DEL_NTF);
		break;
	case NETDEV_UP:
		vns_events_configure(dev);
		fallthrough;
	case NETDEV_DOWN:
		vns_network_update_fast(network);
		vns_events_tell_native(network);
		break;
	case NETDEV_CHANGEMTU:
		vns_events_configure(dev);
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

static int
vns_events_pre_change_mac(struct net_device *dev,
			  struct netdev_notifier_pre_changeaddr_info *info)
{
	return vns_bridge_allows_mac(vns_network_of(dev), info->dev_addr,
				     info->info.extack) ?
	       NOTIFY_DONE : notifier_from_errno(-EBUSY);
}

static int vns_events_port(unsigned long event, struct net_device *dev)
{
	struct vns_port *port = vns_device_find_port(dev);

	if (!port)
		return NOTIFY_DONE;

	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		if (!vns_port_running(port)) {
			vns_fdb_flush_port(port, false);
			vns_snoop_table_flush_port(port, false);
			vns_binding_forget(port);
		}
		vns_port_bump(port);
		vns_network_update_carrier(port->network);
		vns_announce_port(port, VNETSHARE_CMD_PORT_CHANGE_NTF);
		break;
	case NETDEV_CHANGEMTU:
		vns_port_bump(port);
		break;
	case NETDEV_CHANGENAME:
	case NETDEV_REGISTER: /* after a move to another namespace */
		vns_announce_port(port, VNETSHARE_CMD_PORT_CHANGE_NTF);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
		/* The switch carries Ethernet frames only. */
		return NOTIFY_BAD;
	case NETDEV_UNREGISTER:
		/* Also sent when a device leaves the namespace. */
		if (!port->native)
			vns_port_attached_del(port, true);
		break;
	}

	return NOTIFY_DONE;
}

static int vns_events_netdev(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	vns_flow_dev_notify(event, dev);
	if (event == NETDEV_PRE_CHANGEADDR && vns_network_is(dev))
		return vns_events_pre_change_mac(dev, ptr);
	if (vns_uplink_notify_device(event, dev) == NOTIFY_BAD)
		return NOTIFY_BAD;
	if (vns_network_is(dev))
		return vns_events_network(event, dev);
	return vns_events_port(event, dev);
}

/* Called after addrconf's notifier, which makes the inet6_dev. */
static struct notifier_block vns_events_notifier = {
	.notifier_call = vns_events_netdev,
	.priority = ADDRCONF_NOTIFY_PRIORITY - 1,
};

static int __net_init vns_events_net_init(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	INIT_LIST_HEAD(&vn->networks);
	vn->seq = 1;
	vn->net = net;
	vns_flow_init_net(&vn->flows, net);
	vns_flow_dev_init_net(&vn->flows);
	return vns_portfwd_init_net(vn);
}

static void __net_exit vns_events_net_exit(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	/* The devices of the namespace were removed before. */
	WARN_ON_ONCE(!list_empty(&vn->networks));
	WARN_ON_ONCE(vn->route_users || vn->nat_users);
	vns_portfwd_exit_net(vn);
	/* waits for packets in flight, which may use the list of devices */
	vns_flow_exit_net(&vn->flows);
	vns_flow_dev_exit_net(&vn->flows);
}

static struct pernet_operations vns_events_net_ops = {
	.init = vns_events_net_init,
	.exit = vns_events_net_exit,
	.id = &vns_net_id,
	.size = sizeof(struct vns_net),
};

int __init vns_events_init(void)
{
	int err;

	err = register_pernet_subsys(&vns_events_net_ops);
	if (err)
		return err;

	err = register_netdevice_notifier(&vns_events_notifier);
	if (err)
		unregister_pernet_subsys(&vns_events_net_ops);
	return err;
}

/* No network is left. */
void vns_events_exit(void)
{
	unregister_netdevice_notifier(&vns_events_notifier);
	unregister_pernet_subsys(&vns_events_net_ops);
}
