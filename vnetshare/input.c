// SPDX-License-Identifier: GPL-2.0
/*
 * Input of the switch, for frames from VMs and from the host. The checks of a
 * VM's frame are made here, in order.
 *
 * As in the stack's receive path, the MAC header is set and skb->data is after
 * it. Every byte of a VM's frame is untrusted.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "binding.h"
#include "bridge.h"
#include "fdb.h"
#include "guard.h"
#include "input.h"
#include "mode.h"
#include "network.h"
#include "output.h"
#include "parse.h"
#include "port.h"
#include "stats.h"
#include "switch.h"

/*
 * Check a frame from a VM and learn its source MAC address. Where a check
 * changes the frame, it updates @parse.
 *
 * Return: a VNS_DROP_* cause, VNS_STAT_MAX if the frame may go on.
 */
static enum vns_stat vns_input_check(struct vns_port *port,
				     struct sk_buff *skb,
				     struct vns_parse *parse)
{
	struct vns_network *network = port->network;
	u64 bound_key = READ_ONCE(port->bound_key);
	struct net_device *dev = network->dev;
	const struct ethhdr *eth;
	enum vns_stat cause;

	if (unlikely(!(dev->flags & IFF_UP)))
		return VNS_DROP_PORT_DOWN;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(!vns_guard_settle_csum(skb, parse)))
		return VNS_DROP_MALFORMED;

	eth = eth_hdr(skb);
	if (unlikely(!is_valid_ether_addr(eth->h_source)))
		return VNS_DROP_BAD_SOURCE_MAC;
	if (unlikely(bound_key && bound_key != vns_fdb_key(eth->h_source)))
		return VNS_DROP_LOCKED;
	if (unlikely(ether_addr_equal(eth->h_source, dev->dev_addr) ||
		     vns_bridge_is_host_mac(network, eth->h_source)))
		return VNS_DROP_OWN_MAC;
	if (unlikely(vns_switch_is_reserved(network, eth->h_dest)))
		return VNS_DROP_RESERVED_MULTICAST;
	if (is_multicast_ether_addr(eth->h_dest) &&
	    unlikely(!vns_switch_may_flood(port)))
		return VNS_DROP_FLOOD_LIMIT;

	cause = vns_guard_check(port, skb, parse);
	if (unlikely(cause != VNS_STAT_MAX))
		return cause;

	return vns_fdb_learn_rcu(port, eth_hdr(skb)->h_source);
}

/* Pass a frame to the host, if the mode lets VMs reach it. */
static enum vns_verdict vns_input_to_host(struct vns_network *network,
					  struct sk_buff *skb)
{
	if (likely(READ_ONCE(network->mode)->host))
		return vns_switch_local(network, skb);

	if (skb->pkt_type == PACKET_HOST)
		vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
	else
		consume_skb(skb);	/* delivered to the other ports */
	return VNS_CONSUMED;
}

/*
 * The slow path of vns_input(), for frames that neither the fast path nor the
 * switch cache carries. Same context and contract.
 */
enum vns_verdict vns_input_slow(struct vns_port *port, struct sk_buff *skb)
{
	struct vns_network *network = port->network;
	struct vns_parse parse;
	enum vns_stat cause;
	const u8 *dest;

	vns_parse(skb, &parse);
	cause = vns_input_check(port, skb, &parse);
	if (unlikely(cause != VNS_STAT_MAX)) {
		vns_stats_drop(network, skb, cause);
		return VNS_CONSUMED;
	}

	if (READ_ONCE(network->mode)->bridged)
		return vns_bridge_from_vm(port, skb, &parse);

	dest = eth_hdr(skb)->h_dest;
	if (ether_addr_equal(dest, network->dev->dev_addr)) {
		skb->pkt_type = PACKET_HOST;
		return vns_input_to_host(network, skb);
	}

	if (is_multicast_ether_addr(dest)) {
		skb->pkt_type = is_broadcast_ether_addr(dest) ?
				PACKET_BROADCAST : PACKET_MULTICAST;
		if (!READ_ONCE(network->isolate))
			vns_switch_flood(network, port, skb, true);
		return vns_input_to_host(network, skb);
	}

	return vns_switch_to_port(port, vns_fdb_find_rcu(&network->fdb, dest),
				  skb, &parse);
}

/*
 * Handle a frame that the host sends into its network. skb->data is after the
 * MAC header. Consumes the skb.
 *
 * Context: BH disabled, RCU read side.
 */
void vns_input_from_host(struct vns_network *network, struct sk_buff *skb)
{
	const u8 *dest = eth_hdr(skb)->h_dest;
	struct vns_bridge *bridge;
	struct vns_port *to;

	if (READ_ONCE(network->mode)->bridged) {
		bridge = rcu_dereference(network->bridge);
		if (bridge && bridge->is_port)
			vns_bridge_from_linux_bridge(bridge, skb);
		else
			vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
		return;
	}

	vns_binding_snoop_host(network, skb);
	to = is_multicast_ether_addr(dest) ?
	     NULL : vns_fdb_find_rcu(&network->fdb, dest);
	if (to)
		vns_output(to, skb);
	else
		vns_switch_flood(network, NULL, skb, false);
}
