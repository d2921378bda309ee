// SPDX-License-Identifier: GPL-2.0
/*
 * Data path of a bridged network: between the VMs, the uplink's link, and the
 * host, which uses the uplink as its own interface.
 *
 * The host gets VMs' frames as if the uplink had received them. VMs get the
 * host's frames from a netdev egress hook on the uplink. The module must not
 * handle its own frames again there: a frame for the host carries a mark, and
 * a frame for the uplink is noted in a per-CPU variable while it is sent.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/dst_metadata.h>

#include "binding.h"
#include "bridge.h"
#include "fdb.h"
#include "macnat.h"
#include "mode.h"
#include "network.h"
#include "output.h"
#include "parse.h"
#include "port.h"
#include "snoop.h"
#include "stats.h"
#include "switch.h"
#include "switch_cache.h"

/* 01:80:c2:00:00:03, in group_forward */
#define VNS_BRIDGE_GROUP_EAPOL	BIT(3)

/* The frame that this CPU is sending by an uplink */
struct vns_bridge_sending {
	const struct vns_bridge *bridge;
	const struct sk_buff *skb;
};

static DEFINE_PER_CPU(struct vns_bridge_sending, vns_bridge_sending);

/*
 * VMs must not inject frames into the host's own 802.1X session with its
 * authenticator.
 */
static bool vns_bridge_may_reach_host(const struct vns_bridge *bridge,
				      const struct vns_parse *parse)
{
	/* the host takes priority tags off, one after the other */
	if (unlikely(!vns_parse_on_link(parse)))
		return true;
	if (likely(parse->type != htons(ETH_P_PAE) &&
		   parse->type != htons(ETH_P_PREAUTH)))
		return true;
	return !bridge->macnat &&
	       READ_ONCE(bridge->network->group_forward) &
	       VNS_BRIDGE_GROUP_EAPOL;
}

/*
 * Give a frame to the host, as if the uplink had received it. The mark makes
 * vns_bridge_handle_frame() pass it.
 */
static enum vns_verdict vns_bridge_to_host(struct vns_bridge *bridge,
					   struct sk_buff *skb,
					   const struct vns_parse *parse)
{
	if (unlikely(!(bridge->dev->flags & IFF_UP))) {
		vns_stats_drop(bridge->network, skb, VNS_DROP_NO_UPLINK);
		return VNS_CONSUMED;
	}
	if (unlikely(!vns_bridge_may_reach_host(bridge, parse))) {
		vns_stats_drop(bridge->network, skb, VNS_DROP_NOT_ALLOWED);
		return VNS_CONSUMED;
	}

	skb->dev = bridge->dev;
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, &bridge->mark->dst);
	return VNS_LOCAL;
}

static bool vns_bridge_take_mark(struct vns_bridge *bridge,
				 struct sk_buff *skb)
{
	if (likely(skb_dst(skb) != &bridge->mark->dst))
		return false;
	skb_dst_drop(skb);
	return true;
}

/*
 * Send a frame by the uplink to the LAN; consumes the skb. @parse is NULL for a
 * frame that vns_switch_cache_find() found an entry for.
 */
static void vns_bridge_send(struct vns_bridge *bridge, struct sk_buff *skb,
			    const struct vns_parse *parse)
{
	struct vns_network *network = bridge->network;
	struct net_device *dev = bridge->dev;
	struct vns_bridge_sending outer;

	if (bridge->macnat &&
	    unlikely(!(parse ? vns_macnat_out(skb, parse, dev->dev_addr) :
			       vns_macnat_out_plain(skb, dev->dev_addr)))) {
		vns_stats_drop(network, skb, VNS_DROP_UNTRANSLATABLE);
		return;
	}

	skb_push(skb, ETH_HLEN);
	if (unlikely(!vns_output_fits(dev, skb))) {
		vns_stats_drop(network, skb, dev->flags & IFF_UP ?
			       VNS_DROP_TOO_BIG : VNS_DROP_NO_UPLINK);
		return;
	}

	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb->dev = dev;
	/* an upper device sends the same skb by its lower device: nests */
	outer = *this_cpu_ptr(&vns_bridge_sending);
	this_cpu_write(vns_bridge_sending.bridge, bridge);
	this_cpu_write(vns_bridge_sending.skb, skb);
	dev_queue_xmit(skb);
	*this_cpu_ptr(&vns_bridge_sending) = outer;
}

/**
 * vns_bridge_output() - send a frame of the switch cache to a VM or the LAN
 * @to: the VM's port, or &vns_bridge.port of an uplink that is no Linux bridge
 * @skb: a frame that vns_switch_cache_find() returned @to for; consumed
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_bridge_output(struct vns_port *to, struct sk_buff *skb)
{
	if (!vns_port_is_uplink(to))
		vns_output(to, skb);
	else
		vns_bridge_send(container_of(to, struct vns_bridge, port), skb,
				NULL);
}

/* A VM's frame to a MAC address that is no VM's */
static enum vns_verdict vns_bridge_to_outside(struct vns_bridge *bridge,
					      struct sk_buff *skb,
					      const struct vns_parse *parse)
{
	if (bridge->is_port) {
		/* the network's device is a port of the Linux bridge */
		skb->pkt_type = PACKET_OTHERHOST;
		return vns_switch_local(bridge->network, skb);
	}
	vns_bridge_send(bridge, skb, parse);
	return VNS_CONSUMED;
}

/* A VM's frame to a group: for the other VMs, the LAN and the host */
static enum vns_verdict vns_bridge_to_group(struct vns_port *port,
					    struct vns_bridge *bridge,
					    struct sk_buff *skb,
					    const struct vns_parse *parse)
{
	struct vns_network *network = port->network;
	struct sk_buff *clone;

	skb->pkt_type = is_broadcast_ether_addr(eth_hdr(skb)->h_dest) ?
			PACKET_BROADCAST : PACKET_MULTICAST;
	if (!READ_ONCE(network->isolate))
		vns_switch_flood(network, port, skb, true);

	if (!bridge) {
		consume_skb(skb);
		return VNS_CONSUMED;
	}
	if (bridge->is_port)
		return vns_switch_local(network, skb);

	clone = skb_clone(skb, GFP_ATOMIC);
	if (clone)
		vns_bridge_send(bridge, clone, parse);
	else
		vns_stats_inc(network->stats, VNS_DROP_NO_MEMORY);
	return vns_bridge_to_host(bridge, skb, parse);
}

/* Have the uplink receive the VLAN that a VM sent a frame on. */
static void vns_bridge_note_vlan(struct vns_network *network,
				 const struct sk_buff *skb)
{
	u16 vid = skb_vlan_tag_get_id(skb);

	if (skb->vlan_proto != htons(ETH_P_8021Q) || !vid ||
	    test_bit(vid, network->vlans))
		return;
	if (!test_and_set_bit(vid, network->vlans))
		vns_network_kick_filter(network);
}

/**
 * vns_bridge_from_vm() - forward a frame of a bridged network's VM
 * @port: the VM's port
 * @skb: a frame that vns_input() has checked, and whose source is learned
 * @parse: its parsed headers
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_LOCAL: the caller still owns the skb and gives it to the stack;
 * VNS_CONSUMED otherwise.
 */
enum vns_verdict vns_bridge_from_vm(struct vns_port *port, struct sk_buff *skb,
				    const struct vns_parse *parse)
{
	struct vns_network *network = port->network;
	struct vns_bridge *bridge = rcu_dereference(network->bridge);
	struct vns_port *to;

	if (unlikely(skb_vlan_tag_present(skb)))
		vns_bridge_note_vlan(network, skb);
	vns_snoop_vm(port, skb, parse, bridge && bridge->macnat);

	if (is_multicast_ether_addr(eth_hdr(skb)->h_dest))
		return vns_bridge_to_group(port, bridge, skb, parse);

	/* check before the FDB, which may hold a stale entry */
	if (bridge && !bridge->is_port &&
	    ether_addr_equal(eth_hdr(skb)->h_dest, bridge->dev->dev_addr)) {
		skb->pkt_type = PACKET_HOST;
		return vns_bridge_to_host(bridge, skb, parse);
	}

	to = vns_fdb_find_rcu(&network->fdb, eth_hdr(skb)->h_dest);
	if (bridge && (!to || to == &bridge->port)) {
		if (to && !bridge->is_port)
			vns_switch_cache_note(port, to, skb, parse);
		return vns_bridge_to_outside(bridge, skb, parse);
	}
	return vns_switch_to_port(port, to, skb, parse);
}

/*
 * Check and learn the source of a frame from the outside to VMs. Returns false
 * if that is the MAC address of a VM: the outside reflects or forges it.
 */
static bool vns_bridge_admit(struct vns_bridge *bridge,
			     const struct sk_buff *skb,
			     const struct vns_parse *parse)
{
	struct vns_network *network = bridge->network;
	enum vns_stat cause;

	if (unlikely(bridge->macnat &&
		     ether_addr_equal(eth_hdr(skb)->h_source,
				      bridge->dev->dev_addr)))
		goto err_reflected;

	cause = vns_fdb_learn_rcu(&bridge->port, eth_hdr(skb)->h_source);
	if (unlikely(cause != VNS_STAT_MAX))
		goto err_reflected;

	if (unlikely(parse->kind != VNS_PARSE_OTHER)) {
		vns_binding_snoop(network, skb, parse);
		vns_snoop_outside(network, skb, parse, bridge->dev->dev_addr);
	}
	return true;

err_reflected:
	vns_stats_inc(network->stats, VNS_DROP_REFLECTED);
	return false;
}

/* Send a group frame of the outside to all VMs. The caller keeps the skb. */
static void vns_bridge_flood(struct vns_bridge *bridge, struct sk_buff *skb,
			     const struct vns_parse *parse)
{
	if (!vns_switch_is_reserved(bridge->network, eth_hdr(skb)->h_dest) &&
	    vns_bridge_admit(bridge, skb, parse))
		vns_switch_flood(bridge->network, NULL, skb, true);
}

/*
 * Learn the source of a frame to the host, so that no VM can take its MAC
 * address.
 */
static void vns_bridge_learn_partner(struct vns_bridge *bridge,
				     const struct sk_buff *skb)
{
	const u8 *source = eth_hdr(skb)->h_source;

	if (likely(!ether_addr_equal(source, bridge->dev->dev_addr)))
		vns_fdb_learn_rcu(&bridge->port, source);
}

/*
 * A frame to the uplink's own MAC address, which VMs share. Returns the VM's
 * port, or NULL: the host gets the frame, or it was dropped and *pskb is NULL.
 */
static struct vns_port *vns_bridge_translate(struct vns_bridge *bridge,
					     struct sk_buff **pskb,
					     const struct vns_parse *parse)
{
	struct vns_port *to = NULL;
	struct sk_buff *clone;

	switch (vns_macnat_in(bridge->network, *pskb, parse, &to)) {
	case VNS_MACNAT_VM:
		break;
	case VNS_MACNAT_HOST:
		vns_bridge_learn_partner(bridge, *pskb);
		to = NULL;
		break;
	case VNS_MACNAT_GROUP:
		clone = skb_clone(*pskb, GFP_ATOMIC);
		if (clone) {
			vns_bridge_flood(bridge, clone, parse);
			consume_skb(clone);
		}
		to = NULL;
		break;
	case VNS_MACNAT_DROP:
		vns_stats_drop(bridge->network, *pskb,
			       VNS_DROP_UNTRANSLATABLE);
		*pskb = NULL;
		to = NULL;
		break;
	}
	return to;
}

/* A frame of the LAN without an entry in the switch cache; not shared */
static noinline rx_handler_result_t
vns_bridge_from_outside(struct vns_bridge *bridge, struct sk_buff **pskb,
			bool shared)
{
	struct vns_network *network = bridge->network;
	struct sk_buff *skb = *pskb;
	struct vns_parse parse;
	struct vns_port *to;

	vns_parse(skb, &parse);
	if (is_multicast_ether_addr(eth_hdr(skb)->h_dest)) {
		vns_bridge_flood(bridge, skb, &parse);
		return RX_HANDLER_PASS;
	}

	to = shared ? vns_bridge_translate(bridge, pskb, &parse) :
		      vns_fdb_find_rcu(&network->fdb, eth_hdr(skb)->h_dest);
	if (!*pskb)
		return RX_HANDLER_CONSUMED;
	if (!to || to == &bridge->port)
		return RX_HANDLER_PASS;

	if (!vns_bridge_admit(bridge, skb, &parse)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_HDR);
		return RX_HANDLER_CONSUMED;
	}
	if (!shared)
		vns_switch_cache_note(&bridge->port, to, skb, &parse);
	vns_output(to, skb);
	return RX_HANDLER_CONSUMED;
}

/**
 * vns_bridge_handle_frame() - rx handler of an uplink
 * @pskb: the frame, skb->data behind the MAC header; a shared skb is replaced
 *	by a copy
 *
 * Context: softirq, RCU read side.
 * Return: RX_HANDLER_PASS if the host gets the frame, too; RX_HANDLER_CONSUMED
 * if only a VM does, or it was dropped.
 */
rx_handler_result_t vns_bridge_handle_frame(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct vns_network *network;
	struct vns_bridge *bridge;
	struct vns_port *to;
	const u8 *dest;
	bool shared;

	bridge = rcu_dereference(skb->dev->rx_handler_data);
	network = bridge->network;
	dest = eth_hdr(skb)->h_dest;
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK ||
		     vns_bridge_take_mark(bridge, skb) ||
		     !READ_ONCE(network->mode)->bridged ||
		     !(network->dev->flags & IFF_UP)))
		return RX_HANDLER_PASS;
	if (ether_addr_equal(dest, bridge->dev->dev_addr) && !bridge->macnat) {
		vns_bridge_learn_partner(bridge, skb);
		return RX_HANDLER_PASS;
	}

	skb = skb_share_check(skb, GFP_ATOMIC);
	*pskb = skb;
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;

	dest = eth_hdr(skb)->h_dest;
	/* the receiver of a frame to a shared MAC address is not cached */
	shared = ether_addr_equal(dest, bridge->dev->dev_addr);
	if (!shared && !is_multicast_ether_addr(dest)) {
		to = vns_switch_cache_find(&bridge->port, skb);
		if (to) {
			vns_output(to, skb);
			return RX_HANDLER_CONSUMED;
		}
	}
	return vns_bridge_from_outside(bridge, pskb, shared);
}

/**
 * vns_bridge_egress() - netfilter egress hook of an uplink
 * @priv: &struct vns_bridge
 * @skb: skb->data at the MAC header
 * @state: unused
 *
 * Context: BH disabled, RCU read side.
 * Return: NF_ACCEPT: the frame goes to the LAN; NF_STOLEN: a VM got it, or it
 * was dropped.
 */
unsigned int vns_bridge_egress(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct vns_bridge *bridge = priv;
	struct vns_network *network = bridge->network;
	const struct ethhdr *eth;
	struct vns_port *to = NULL;

	if ((this_cpu_read(vns_bridge_sending.skb) == skb &&
	     this_cpu_read(vns_bridge_sending.bridge) == bridge) ||
	    !READ_ONCE(network->mode)->bridged ||
	    !(network->dev->flags & IFF_UP) ||
	    unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		return NF_ACCEPT;

	eth = (const struct ethhdr *)skb->data;
	if (is_multicast_ether_addr(eth->h_dest)) {
		if (vns_switch_is_reserved(network, eth->h_dest))
			return NF_ACCEPT;
		skb = skb_clone(skb, GFP_ATOMIC);
		if (!skb)
			return NF_ACCEPT;
	} else {
		to = vns_fdb_find_rcu(&network->fdb, eth->h_dest);
		if (!to || to == &bridge->port)
			return NF_ACCEPT;
		skb = skb_share_check(skb, GFP_ATOMIC);
		if (unlikely(!skb))
			return NF_STOLEN;
	}

	skb_reset_mac_header(skb);
	skb_pull(skb, ETH_HLEN);
	/* the host may be the LAN's DHCP server */
	vns_binding_snoop_host(network, skb);
	if (to) {
		vns_output(to, skb);
		return NF_STOLEN;
	}
	vns_switch_flood(network, NULL, skb, false);
	return NF_ACCEPT;
}

/**
 * vns_bridge_from_linux_bridge() - forward a Linux bridge's frame to VMs
 * @bridge: attachment of a network whose device is a port of that bridge
 * @skb: skb->data behind the MAC header; consumed
 *
 * Context: BH disabled, RCU read side.
 */
void vns_bridge_from_linux_bridge(struct vns_bridge *bridge,
				  struct sk_buff *skb)
{
	struct vns_network *network = bridge->network;
	const u8 *dest = eth_hdr(skb)->h_dest;
	struct vns_parse parse;
	struct vns_port *to;

	vns_parse(skb, &parse);
	if (is_multicast_ether_addr(dest)) {
		vns_bridge_flood(bridge, skb, &parse);
		consume_skb(skb);
		return;
	}

	to = vns_fdb_find_rcu(&network->fdb, dest);
	if (to && to != &bridge->port && vns_bridge_admit(bridge, skb, &parse))
		vns_output(to, skb);
	else
		consume_skb(skb);	/* the bridge did not know, either */
}
