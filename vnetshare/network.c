// SPDX-License-Identifier: GPL-2.0
/*
 * Networks of a namespace: lookup, carrier, and the invalidation of what is
 * cached for their packets.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netns/generic.h>

#include "announce.h"
#include "bridge.h"
#include "flow.h"
#include "mode.h"
#include "network.h"
#include "port.h"

/* Returns NULL if no network has this ifindex. */
struct vns_network *vns_network_find(struct net *net, u32 ifindex)
{
	ASSERT_RTNL();
	return vns_network_of(__dev_get_by_index(net, ifindex));
}

/*
 * Invalidates what is cached for the network's packets, so that they are
 * checked anew. Call it after the change.
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

/*
 * Call it after a change of the mode, the settings or the device's flags. While
 * a program captures on the device (IFF_PROMISC), the fast path is off, so that
 * the capture has every packet.
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

/* Announces a changed attribute and invalidates cached paths. Context: rtnl. */
void vns_network_changed(struct vns_network *network)
{
	vns_network_bump(network);
	if (network->dev->reg_state == NETREG_REGISTERED)
		vns_announce_network(network, VNETSHARE_CMD_NETWORK_CHANGE_NTF);
}

/*
 * A network has carrier while one of its ports is running. In mode bridged it
 * has the uplink's carrier instead, unless it is a port of a Linux bridge.
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
