// SPDX-License-Identifier: GPL-2.0
/*
 * Snooping in bridged networks: IP addresses are learned from VMs' frames
 * (snoop_table.c). If a machine outside claims the address of a VM, the
 * conflict is announced.
 */
#include <linux/etherdevice.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "announce.h"
#include "binding.h"
#include "bridge.h"
#include "fdb.h"
#include "network.h"
#include "parse.h"
#include "port.h"
#include "snoop.h"
#include "snoop_table.h"

/* Minimum time between two announcements of the same conflict */
#define VNS_SNOOP_WARN_INTERVAL	(10 * HZ)

/* Number of options in one message that are read */
#define VNS_SNOOP_OPTIONS_MAX	16

/* The MAC address in a packet if it is valid, else the frame's source */
static const u8 *vns_snoop_mac(const struct sk_buff *skb, const u8 *mac)
{
	return is_valid_ether_addr(mac) ? mac : eth_hdr(skb)->h_source;
}

/*
 * Sets @mac to the link-layer address in a neighbour discovery message, or to
 * the frame's source.
 */
static void vns_snoop_read_nd_mac(const struct sk_buff *skb,
				  const struct vns_parse *parse, u8 *mac)
{
	u8 wanted = parse->icmp_type == NDISC_NEIGHBOUR_ADVERTISEMENT ?
		    ND_OPT_TARGET_LL_ADDR : ND_OPT_SOURCE_LL_ADDR;
	int next = parse->option;
	int i, at;
	u8 type;

	for (i = 0; i < VNS_SNOOP_OPTIONS_MAX; i++) {
		at = vns_parse_nd_option(skb, parse, &next, &type);
		if (at <= 0)
			break;
		if (type != wanted)
			continue;
		if (!skb_copy_bits(skb, at + sizeof(struct nd_opt_hdr), mac,
				   ETH_ALEN) && is_valid_ether_addr(mac))
			return;
		break;
	}
	ether_addr_copy(mac, eth_hdr(skb)->h_source);
}

static noinline void vns_snoop_vm_arp(struct vns_port *port,
				      const struct sk_buff *skb,
				      const struct vns_parse_arp *arp)
{
	struct in6_addr addr;
	bool claimed;

	/* an ARP probe (sip is 0) is no claim yet */
	claimed = arp->sip;
	if (!claimed && arp->hdr.ar_op != htons(ARPOP_REQUEST))
		return;

	ipv6_addr_set_v4mapped(claimed ? arp->sip : arp->tip, &addr);
	vns_snoop_table_learn_rcu(port, &addr,
				  vns_fdb_key(vns_snoop_mac(skb, arp->sha)),
				  claimed);
}

static void vns_snoop_vm_ipv4(struct vns_port *port, const struct sk_buff *skb,
			      __be32 saddr)
{
	struct in6_addr addr;

	ipv6_addr_set_v4mapped(saddr, &addr);
	vns_snoop_table_learn_rcu(port, &addr,
				  vns_fdb_key(eth_hdr(skb)->h_source), false);
}

/* ::ffff:a.b.c.d in a packet is ignored: it means IPv4 in the table. */
static void vns_snoop_learn6(struct vns_port *port, const struct in6_addr *addr,
			     const u8 *mac, bool claimed)
{
	if (likely(!ipv6_addr_v4mapped(addr)))
		vns_snoop_table_learn_rcu(port, addr, vns_fdb_key(mac),
					  claimed);
}

static noinline void vns_snoop_vm_nd(struct vns_port *port,
				     const struct sk_buff *skb,
				     const struct vns_parse *parse)
{
	bool advert = parse->icmp_type == NDISC_NEIGHBOUR_ADVERTISEMENT;
	u8 mac[ETH_ALEN] __aligned(2);
	struct in6_addr target;

	vns_snoop_read_nd_mac(skb, parse, mac);
	if (!advert && !ipv6_addr_any(&parse->saddr6))
		vns_snoop_learn6(port, &parse->saddr6, mac, true);
	else if ((advert ||
		  parse->icmp_type == NDISC_NEIGHBOUR_SOLICITATION) &&
		 vns_parse_nd_target(skb, parse, &target))
		vns_snoop_learn6(port, &target, mac,
				 advert && parse->flags & VNS_PARSE_OVERRIDE);
}

static void vns_snoop_vm_ipv6(struct vns_port *port, const struct sk_buff *skb,
			      const struct vns_parse *parse, bool packets)
{
	if (parse->kind == VNS_PARSE_ND && parse->hop_limit == 255)
		vns_snoop_vm_nd(port, skb, parse);
	if (packets)
		vns_snoop_learn6(port, &parse->saddr6, eth_hdr(skb)->h_source,
				 false);
}

/**
 * vns_snoop_vm() - learn a VM's IP address from a frame
 * @port: the VM's port
 * @skb: a frame that the guard let pass, skb->data behind the MAC header
 * @parse: its parsed headers
 * @packets: learn from the source of every packet, and not only from ARP and
 *	neighbour discovery (the VMs share the uplink's MAC address)
 *
 * Frames on a VLAN are ignored.
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_snoop_vm(struct vns_port *port, const struct sk_buff *skb,
		  const struct vns_parse *parse, bool packets)
{
	if (unlikely(!vns_parse_on_link(parse)))
		return;

	if (parse->kind == VNS_PARSE_ARP)
		vns_snoop_vm_arp(port, skb, &parse->arp);
	else if (vns_parse_has_ip(parse, htons(ETH_P_IPV6)))
		vns_snoop_vm_ipv6(port, skb, parse, packets);
	else if (packets && vns_parse_has_ip(parse, htons(ETH_P_IP)))
		vns_snoop_vm_ipv4(port, skb, parse->saddr4);
}

/* If several CPUs find a conflict at once, only one gets true. */
static bool vns_snoop_may_warn(unsigned long *warned)
{
	unsigned long old = READ_ONCE(*warned);

	if (old && time_in_range(jiffies, old, old + VNS_SNOOP_WARN_INTERVAL))
		return false;
	return cmpxchg(warned, old, jiffies ?: 1) == old;
}

/* A machine outside claims that @mac has an address. */
static void vns_snoop_check(struct vns_network *network,
			    const struct in6_addr *addr, const u8 *mac,
			    const u8 *uplink_mac)
{
	u8 vm_mac[ETH_ALEN] __aligned(2);
	struct vns_snoop_entry *entry;

	entry = vns_snoop_table_find_rcu(&network->snoop, addr);
	if (likely(!entry))
		return;

	/* a VM's own frame may be reflected, translated or not */
	vns_fdb_key_to_mac(READ_ONCE(entry->mac), vm_mac);
	if (ether_addr_equal(mac, vm_mac) || ether_addr_equal(mac, uplink_mac))
		return;
	if (vns_snoop_may_warn(&entry->warned))
		vns_announce_conflict(rcu_dereference(entry->port), addr,
				      vm_mac, mac);
}

static void vns_snoop_outside_arp(struct vns_network *network,
				  const struct sk_buff *skb,
				  const struct vns_parse_arp *arp,
				  const u8 *uplink_mac)
{
	struct in6_addr addr;

	if (!arp->sip)
		return;

	ipv6_addr_set_v4mapped(arp->sip, &addr);
	vns_snoop_check(network, &addr, vns_snoop_mac(skb, arp->sha),
			uplink_mac);
}

static void vns_snoop_outside_nd(struct vns_network *network,
				 const struct sk_buff *skb,
				 const struct vns_parse *parse,
				 const u8 *uplink_mac)
{
	u8 mac[ETH_ALEN] __aligned(2);
	struct in6_addr target;

	if (parse->icmp_type != NDISC_NEIGHBOUR_ADVERTISEMENT ||
	    parse->hop_limit != 255 ||
	    !vns_parse_nd_target(skb, parse, &target) ||
	    ipv6_addr_v4mapped(&target))
		return;

	vns_snoop_read_nd_mac(skb, parse, mac);
	vns_snoop_check(network, &target, mac, uplink_mac);
	if (!ether_addr_equal(mac, uplink_mac))
		vns_binding_lose(network, &target);
}

/**
 * vns_snoop_outside() - find address conflicts between VMs and the outside
 * @network: the VMs' network
 * @skb: a frame from the outside, skb->data behind the MAC header
 * @parse: its parsed headers
 * @uplink_mac: the uplink's MAC address; frames from it are no conflict
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_snoop_outside(struct vns_network *network, const struct sk_buff *skb,
		       const struct vns_parse *parse, const u8 *uplink_mac)
{
	if (!READ_ONCE(network->snoop.count) ||
	    unlikely(!vns_parse_on_link(parse)))
		return;

	if (parse->kind == VNS_PARSE_ARP)
		vns_snoop_outside_arp(network, skb, &parse->arp, uplink_mac);
	else if (parse->kind == VNS_PARSE_ND)
		vns_snoop_outside_nd(network, skb, parse, uplink_mac);
}

/**
 * vns_snoop_warn_host() - announce that a VM uses an address of the host
 * @port: the VM's port
 * @skb: the VM's frame
 * @addr: the address, IPv4 as ::ffff:a.b.c.d
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_snoop_warn_host(struct vns_port *port, const struct sk_buff *skb,
			 const struct in6_addr *addr)
{
	struct vns_bridge *bridge = rcu_dereference(port->network->bridge);
	unsigned long *warned = ipv6_addr_v4mapped(addr) ?
				&port->snoop_warned4 : &port->snoop_warned6;

	if (vns_snoop_may_warn(warned))
		vns_announce_conflict(port, addr, eth_hdr(skb)->h_source,
				      bridge ? bridge->dev->dev_addr : NULL);
}
