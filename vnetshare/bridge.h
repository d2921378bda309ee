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

/* Devices whose large receive offload is remembered. */
/**
 * struct vns_bridge - what binds a bridged network to its uplink
 * @network: the network
 * @port: the outside as the switch sees it: MAC addresses out there live behind
 *	it. Its device is the uplink; of a network that is a port of a Linux
 *	bridge, the network's own
 * @dev: the uplink, or the Linux bridge
 * @is_port: the network's device is a port of the Linux bridge @dev
 * @macnat: VMs share the uplink's MAC address
 * @running: frames could pass @dev when that was announced last, rtnl
 * @mark: on frames that go to the host, see vns_bridge_to_host()
 * @old_mac: of the network's device before a Linux bridge wanted a higher one
 * @high_mac: which that is; all zero for none
 * @filter: what @dev was told to receive, rtnl
 * @egress: our hook in what the host sends by @dev
 * @dev_tracker: our reference on @dev
 * @rcu: defers the freeing past the last frame
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

/**
 * vns_bridge_running() - can frames pass an uplink
 * @bridge: the binding to it
 *
 * Context: any.
 * Return: true if so; the answer may be outdated at once.
 */
static inline bool vns_bridge_running(const struct vns_bridge *bridge)
{
	return netif_running(bridge->dev) && netif_carrier_ok(bridge->dev);
}

/**
 * vns_bridge_is_host_mac() - is a MAC address the host's on a network's uplink
 * @network: the network
 * @mac: 6 bytes
 *
 * Context: RCU read side, or rtnl.
 * Return: true if so.
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

/**
 * vns_bridge_get_rtnl() - the binding of a network
 * @network: the network
 *
 * Context: rtnl.
 * Return: the binding, NULL if there is none.
 */
static inline struct vns_bridge *
vns_bridge_get_rtnl(const struct vns_network *network)
{
	return rtnl_dereference(network->bridge);
}

#endif /* _VNETSHARE_BRIDGE_H */
