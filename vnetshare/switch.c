// SPDX-License-Identifier: GPL-2.0
/*
 * The switch: from the port (or the host) that a frame comes from to the
 * ports it goes to.
 *
 * A frame here has its MAC header set and skb->data behind it, as the stack's
 * receive path has it. Everything in a VM's frame is hostile.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "bridge.h"
#include "fdb.h"
#include "guard.h"
#include "lock.h"
#include "mode.h"
#include "network.h"
#include "port.h"
#include "recent.h"
#include "stats.h"
#include "switch.h"

/**
 * vns_switch_is_reserved() - is a frame's destination a group that is not
 *	forwarded
 * @network: the network
 * @dest: 6 bytes
 *
 * Context: any.
 * Return: true for 01:80:c2:00:00:0x that the network does not let through.
 */
bool vns_switch_is_reserved(const struct vns_network *network, const u8 *dest)
{
	return is_link_local_ether_addr(dest) &&
	       !(READ_ONCE(network->group_forward) & BIT(dest[5]));
}

/*
 * So many frames a second that are copied to everybody. Two CPUs that serve one
 * port may let a few more pass.
 */
static bool vns_switch_may_flood(struct vns_port *port)
{
	u32 limit = READ_ONCE(port->network->flood_limit);
	unsigned long now = jiffies;
	u32 count;

	if (!limit)
		return true;

	if (time_after_eq(now, READ_ONCE(port->flood_since) + HZ)) {
		WRITE_ONCE(port->flood_since, now);
		WRITE_ONCE(port->flooded, 0);
	}
	count = READ_ONCE(port->flooded);
	if (count >= limit)
		return false;
	WRITE_ONCE(port->flooded, count + 1);
	return true;
}

/*
 * Checks a frame from a VM and learns its source.
 *
 * Return: a VNS_DROP_* cause, or VNS_STAT_MAX when the frame is fine.
 */
static enum vns_stat vns_switch_check(struct vns_port *port,
				      struct sk_buff *skb)
{
	struct vns_network *network = port->network;
	u64 lock_key = READ_ONCE(port->lock_key);
	struct net_device *dev = network->dev;
	const struct ethhdr *eth;
	enum vns_stat cause;

	if (unlikely(!(dev->flags & IFF_UP)))
		return VNS_DROP_PORT_DOWN;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(!vns_guard_settle_csum(skb)))
		return VNS_DROP_MALFORMED;

	eth = eth_hdr(skb);
	if (unlikely(!is_valid_ether_addr(eth->h_source)))
		return VNS_DROP_BAD_SOURCE_MAC;
	if (unlikely(lock_key && lock_key != vns_fdb_key(eth->h_source)))
		return VNS_DROP_LOCKED;
	if (unlikely(ether_addr_equal(eth->h_source, dev->dev_addr) ||
		     vns_bridge_is_host_mac(network, eth->h_source)))
		return VNS_DROP_OWN_MAC;
	if (unlikely(vns_switch_is_reserved(network, eth->h_dest)))
		return VNS_DROP_RESERVED_MULTICAST;
	if (is_multicast_ether_addr(eth->h_dest) &&
	    unlikely(!vns_switch_may_flood(port)))
		return VNS_DROP_FLOOD_LIMIT;

	cause = vns_guard_check(port, skb);
	if (unlikely(cause != VNS_STAT_MAX))
		return cause;

	return vns_fdb_learn_rcu(port, eth_hdr(skb)->h_source);
}

static void vns_switch_output_clone(struct vns_network *network,
				    struct vns_port *to, struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (clone)
		vns_port_output(to, clone);
	else
		vns_stats_inc(network->stats, VNS_DROP_NO_MEMORY);
}

/**
 * vns_switch_flood() - send a frame to every port
 * @network: the network
 * @from: except to this one; NULL: the frame is from no port
 * @skb: skb->data behind the MAC header
 * @keep: the caller still owns the skb afterwards, else it is consumed
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_switch_flood(struct vns_network *network,
		      const struct vns_port *from, struct sk_buff *skb,
		      bool keep)
{
	struct vns_port *port, *last = NULL;

	vns_stats_inc(network->stats, VNS_STAT_FLOODED);
	list_for_each_entry_rcu(port, &network->ports, list) {
		if (port == from || !vns_port_running(port))
			continue;
		if (last)
			vns_switch_output_clone(network, last, skb);
		last = port;
	}

	if (!last) {
		if (!keep)
			consume_skb(skb);
	} else if (keep) {
		vns_switch_output_clone(network, last, skb);
	} else {
		vns_port_output(last, skb);
	}
}

/**
 * vns_switch_local() - a frame for who is behind the network's device
 * @network: the network
 * @skb: skb->data behind the MAC header, skb->pkt_type set
 *
 * Context: softirq or BH disabled.
 * Return: VNS_LOCAL.
 */
enum vns_verdict vns_switch_local(struct vns_network *network,
				  struct sk_buff *skb)
{
	skb->dev = network->dev;
	dev_sw_netstats_rx_add(network->dev, skb->len);
	return VNS_LOCAL;
}

/* A frame for the host, if the mode lets VMs talk to it. */
static enum vns_verdict vns_switch_to_host(struct vns_network *network,
					   struct sk_buff *skb)
{
	if (likely(READ_ONCE(network->mode)->host))
		return vns_switch_local(network, skb);

	if (skb->pkt_type == PACKET_HOST)
		vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
	else
		consume_skb(skb);	/* the other ports had it */
	return VNS_CONSUMED;
}

/* A frame between VMs, which a capture on the network's device wants to see. */
static void vns_switch_tell_host(struct vns_network *network,
				 struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (!clone)
		return;

	clone->pkt_type = PACKET_OTHERHOST;
	vns_switch_local(network, clone);
	netif_rx(clone);
}

static void vns_switch_send(struct vns_port *from, struct vns_port *to,
			    struct sk_buff *skb)
{
	/* the outside is remembered by vns_bridge_from_vm() */
	if (likely(to->id))
		vns_recent_note(from, to, skb);
	vns_port_output(to, skb);
}

/**
 * vns_switch_to_port() - a frame from one VM to another
 * @from: the port it came in by
 * @to: the port it goes to; NULL: not known, or not there
 * @skb: skb->data behind the MAC header; consumed
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_CONSUMED.
 */
enum vns_verdict vns_switch_to_port(struct vns_port *from, struct vns_port *to,
				    struct sk_buff *skb)
{
	struct vns_network *network = from->network;

	/* what a Linux bridge is given, it sends on */
	if (unlikely(network->dev->flags & IFF_PROMISC &&
		     !netif_is_bridge_port(network->dev)))
		vns_switch_tell_host(network, skb);

	if (unlikely(READ_ONCE(network->isolate)))
		vns_stats_drop(network, skb, VNS_DROP_ISOLATED);
	else if (unlikely(to == from))
		vns_stats_drop(network, skb, VNS_DROP_SAME_PORT);
	else if (likely(to))
		vns_switch_send(from, to, skb);
	else if (READ_ONCE(network->mode)->bridged)
		vns_stats_drop(network, skb, VNS_DROP_NO_UPLINK);
	else if (vns_switch_may_flood(from))
		vns_switch_flood(network, from, skb, false);
	else
		vns_stats_drop(network, skb, VNS_DROP_FLOOD_LIMIT);
	return VNS_CONSUMED;
}

/**
 * vns_switch_input_slow() - a frame that a VM sent, not in the fast path
 * @port: the port it came in by
 * @skb: not shared, skb->data behind the MAC header, skb->protocol set
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_LOCAL: the skb is still the caller's, who gives it to the stack
 * of the host; VNS_CONSUMED otherwise.
 */
enum vns_verdict vns_switch_input_slow(struct vns_port *port, struct sk_buff *skb)
{
	struct vns_network *network = port->network;
	enum vns_stat cause;
	const u8 *dest;

	cause = vns_switch_check(port, skb);
	if (unlikely(cause != VNS_STAT_MAX)) {
		vns_stats_drop(network, skb, cause);
		return VNS_CONSUMED;
	}

	if (READ_ONCE(network->mode)->bridged)
		return vns_bridge_from_vm(port, skb);

	dest = eth_hdr(skb)->h_dest;
	if (ether_addr_equal(dest, network->dev->dev_addr)) {
		skb->pkt_type = PACKET_HOST;
		return vns_switch_to_host(network, skb);
	}

	if (is_multicast_ether_addr(dest)) {
		skb->pkt_type = is_broadcast_ether_addr(dest) ?
				PACKET_BROADCAST : PACKET_MULTICAST;
		if (!READ_ONCE(network->isolate))
			vns_switch_flood(network, port, skb, true);
		return vns_switch_to_host(network, skb);
	}

	return vns_switch_to_port(port, vns_fdb_find_rcu(&network->fdb, dest),
				  skb);
}

/**
 * vns_switch_from_host() - a frame that the host sends into its network
 * @network: the network
 * @skb: skb->data behind the MAC header; consumed
 *
 * Context: BH disabled, RCU read side.
 */
void vns_switch_from_host(struct vns_network *network, struct sk_buff *skb)
{
	const u8 *dest = eth_hdr(skb)->h_dest;
	struct vns_bridge *bridge;
	struct vns_port *to;

	if (READ_ONCE(network->mode)->bridged) {
		bridge = rcu_dereference(network->bridge);
		if (bridge && bridge->is_port)
			vns_bridge_from_leg(bridge, skb);
		else
			vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
		return;
	}

	vns_lock_snoop(network, skb, false);
	to = is_multicast_ether_addr(dest) ?
	     NULL : vns_fdb_find_rcu(&network->fdb, dest);
	if (to)
		vns_port_output(to, skb);
	else
		vns_switch_flood(network, NULL, skb, false);
}
