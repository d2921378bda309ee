/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_BRIDGE_H
#define _VNETSHARE_BRIDGE_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>

#include "bridge_filter.h"
#include "network.h"
#include "port.h"
#include "switch.h"

struct vns_parse;

/**
 * struct vns_bridge - attachment of a bridged network to its uplink
 * @network: the network
 * @port: stands for the outside in the switch: the FDB has the MAC addresses of
 *	the outside on it. Its device is the uplink, or the network's own
 *	device if @is_port
 * @dev: the uplink, or the Linux bridge
 * @is_port: the network's device is a port of the Linux bridge @dev
 * @macnat: VMs share the uplink's MAC address
 * @running: the last announced state of vns_bridge_running(), rtnl
 * @mark: on frames that go to the host, see vns_bridge_to_host()
 * @old_mac: MAC address of the network's device before @high_mac was set
 * @high_mac: MAC address that the network's device was given as a port of a
 *	Linux bridge; all zero for none
 * @filter: the receive filters that were set on @dev, rtnl
 * @egress: hook on the packets that the host sends by @dev
 * @dev_tracker: tracks the reference on @dev
 * @rcu: frees the attachment after a grace period
 */
struct vns_bridge {
	struct vns_network *network;
	struct vns_port port;
	struct net_device *dev;
	bool is_port;
	bool macnat;
	bool running;
	struct metadata_dst *mark;
	u8 old_mac[ETH_ALEN];
	u8 high_mac[ETH_ALEN];
	struct vns_bridge_filter filter;
	struct nf_hook_ops egress;
	netdevice_tracker dev_tracker;
	struct rcu_head rcu;
};

/* bridge.c */
enum vns_verdict vns_bridge_from_vm(struct vns_port *port, struct sk_buff *skb,
				    const struct vns_parse *parse);
void vns_bridge_output(struct vns_port *to, struct sk_buff *skb);
void vns_bridge_from_linux_bridge(struct vns_bridge *bridge,
				  struct sk_buff *skb);
rx_handler_result_t vns_bridge_handle_frame(struct sk_buff **pskb);
unsigned int vns_bridge_egress(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state);

/* bridge_bind.c */
u32 vns_bridge_mtu(struct net_device *dev);
int vns_bridge_check(const struct vns_network *network,
		     struct net_device *dev, enum vnetshare_macnat macnat,
		     struct netlink_ext_ack *extack);
int vns_bridge_bind(struct vns_network *network, struct net_device *dev,
		    struct netlink_ext_ack *extack);
void vns_bridge_unbind(struct vns_network *network);
bool vns_bridge_allows_mac(const struct vns_network *network, const u8 *mac,
			   struct netlink_ext_ack *extack);
bool vns_bridge_is_bound(const struct vns_network *network,
			 struct net_device *dev);

/* Context: any. The answer may be outdated at once. */
static inline bool vns_bridge_running(const struct vns_bridge *bridge)
{
	return netif_running(bridge->dev) && netif_carrier_ok(bridge->dev);
}

/*
 * Is a MAC address that of the network's uplink? Context: RCU read side, or
 * rtnl.
 */
static inline bool vns_bridge_is_host_mac(const struct vns_network *network,
					  const u8 *mac)
{
	const struct vns_bridge *bridge;

	if (likely(!rcu_access_pointer(network->bridge)))
		return false;
	bridge = rcu_dereference_rtnl(network->bridge);
	return bridge && ether_addr_equal(bridge->dev->dev_addr, mac);
}

static inline struct vns_bridge *
vns_bridge_get_rtnl(const struct vns_network *network)
{
	return rtnl_dereference(network->bridge);
}

#endif /* _VNETSHARE_BRIDGE_H */
