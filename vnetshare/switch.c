// SPDX-License-Identifier: GPL-2.0
/*
 * The switch sends frames to one port, to all ports, or to the host. The checks
 * come before (input.c, bridge.c).
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>

#include "mode.h"
#include "network.h"
#include "output.h"
#include "port.h"
#include "stats.h"
#include "switch.h"
#include "switch_cache.h"

/* Is it one of 01:80:c2:00:00:0x that the network drops? Context: any. */
bool vns_switch_is_reserved(const struct vns_network *network, const u8 *dest)
{
	return is_link_local_ether_addr(dest) &&
	       !(READ_ONCE(network->group_forward) & BIT(dest[5]));
}

/*
 * Count a frame against the port's flood limit, in frames a second; false if
 * the limit is reached. Two CPUs that serve one port may let a few more pass.
 * Context: softirq or BH disabled.
 */
bool vns_switch_may_flood(struct vns_port *port)
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

static void vns_switch_output_clone(struct vns_network *network,
				    struct vns_port *to, struct sk_buff *skb)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (clone)
		vns_output(to, clone);
	else
		vns_stats_inc(network->stats, VNS_DROP_NO_MEMORY);
}

/**
 * vns_switch_flood() - send a frame to every port
 * @network: the network to send on
 * @from: port to leave out, NULL for none
 * @skb: skb->data behind the MAC header
 * @keep: the caller keeps the skb; else it is consumed
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
		vns_output(last, skb);
	}
}

/*
 * Prepare a frame for the stack, as received by the network's device; the
 * caller keeps the skb and must set skb->pkt_type. Always returns VNS_LOCAL.
 * Context: softirq or BH disabled.
 */
enum vns_verdict vns_switch_local(struct vns_network *network,
				  struct sk_buff *skb)
{
	skb->dev = network->dev;
	dev_sw_netstats_rx_add(network->dev, skb->len);
	return VNS_LOCAL;
}

/* Show a frame between VMs to captures on the network's device. */
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
			    struct sk_buff *skb, const struct vns_parse *parse)
{
	/* vns_bridge_from_vm() caches frames to the outside */
	if (likely(!vns_port_is_uplink(to)))
		vns_switch_cache_note(from, to, skb, parse);
	vns_output(to, skb);
}

/**
 * vns_switch_to_port() - send a frame from one VM to another
 * @from: the source port
 * @to: the destination port; NULL: unknown address
 * @skb: skb->data behind the MAC header; consumed
 * @parse: its parsed headers
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_CONSUMED.
 */
enum vns_verdict vns_switch_to_port(struct vns_port *from, struct vns_port *to,
				    struct sk_buff *skb,
				    const struct vns_parse *parse)
{
	struct vns_network *network = from->network;

	/* a Linux bridge would forward the copy */
	if (unlikely(network->dev->flags & IFF_PROMISC &&
		     !netif_is_bridge_port(network->dev)))
		vns_switch_tell_host(network, skb);

	if (unlikely(READ_ONCE(network->isolate)))
		vns_stats_drop(network, skb, VNS_DROP_ISOLATED);
	else if (unlikely(to == from))
		vns_stats_drop(network, skb, VNS_DROP_SAME_PORT);
	else if (likely(to))
		vns_switch_send(from, to, skb, parse);
	else if (READ_ONCE(network->mode)->bridged)
		vns_stats_drop(network, skb, VNS_DROP_NO_UPLINK);
	else if (vns_switch_may_flood(from))
		vns_switch_flood(network, from, skb, false);
	else
		vns_stats_drop(network, skb, VNS_DROP_FLOOD_LIMIT);
	return VNS_CONSUMED;
}

