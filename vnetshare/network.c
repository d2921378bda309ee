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

#include "announce.h"
#include "bridge.h"
#include "flow.h"
#include "hooks.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "port.h"
#include "port_native.h"
#include "portfwd.h"

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
 * vns_network_bump() - have the packets of a network judged anew
 * @network: behind a change of it
 *
 * Context: rtnl.
 */
void vns_network_bump(struct vns_network *network)
{
	struct vns_bridge *bridge = rtnl_dereference(network->bridge);
	struct vns_port *port;

	ASSERT_RTNL();
	list_for_each_entry(port, &network->ports, list)
		vns_port_bump(port);
	if (bridge)
		vns_port_bump(&bridge->port);
}

/**
 * vns_network_update_fast() - go the fast path, or not
 * @network: whose mode, settings or flags changed
 *
 * Who captures on the network's device wants to see every packet.
 *
 * Context: rtnl.
 */
void vns_network_update_fast(struct vns_network *network)
{
	unsigned int flags = network->dev->flags;
	bool fast = network->fastpath && network->mode->outside &&
		    network->flows->on && flags & IFF_UP &&
		    !(flags & IFF_PROMISC);

	ASSERT_RTNL();
	if (fast == network->fast)
		return;
	WRITE_ONCE(network->fast, fast);
	vns_network_bump(network);
}

/**
 * vns_network_changed() - announce that an attribute has another value
 * @network: the network, whose sessions are judged anew
 *
 * Context: rtnl.
 */
void vns_network_changed(struct vns_network *network)
{
	vns_network_bump(network);
	if (network->dev->reg_state == NETREG_REGISTERED)
		vns_announce_network(network, VNETSHARE_CMD_NETWORK_CHANGE_NTF);
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
