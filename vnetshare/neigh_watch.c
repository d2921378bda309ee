// SPDX-License-Identifier: GPL-2.0
/*
 * What frames of a bridged network say about who has which IP address: what
 * VMs say fills the table (neigh.c); where the outside says otherwise, there is
 * a conflict, which is announced.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "announce.h"
#include "bridge.h"
#include "fdb.h"
#include "frame.h"
#include "lock.h"
#include "neigh.h"
#include "network.h"
#include "port.h"

/* The same conflict is announced so often at most. */
#define VNS_NEIGH_WARN_INTERVAL	(10 * HZ)

/* Options of one message that are looked at. */
#define VNS_NEIGH_OPTIONS_MAX	16

/* An address in a packet may not be one that a bridge sends to. */
static const u8 *vns_neigh_mac(const struct sk_buff *skb, const u8 *mac)
{
	return is_valid_ether_addr(mac) ? mac : eth_hdr(skb)->h_source;
}

/*
 * Sets @mac to the Ethernet address that a message of neighbour discovery says,
 * or comes from.
 */
static void vns_neigh_read_nd_mac(const struct sk_buff *skb,
				  struct vns_frame_nd *nd, u8 *mac)
{
	u8 wanted = nd->type == NDISC_NEIGHBOUR_ADVERTISEMENT ?
		    ND_OPT_TARGET_LL_ADDR : ND_OPT_SOURCE_LL_ADDR;
	int i, at;
	u8 type;

	for (i = 0; i < VNS_NEIGH_OPTIONS_MAX; i++) {
		at = vns_frame_next_option(skb, nd, &type);
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

static void vns_neigh_watch_vm_arp(struct vns_port *port,
				   const struct sk_buff *skb, int offset)
{
	const struct vns_frame_arp *arp;
	struct vns_frame_arp buffer;
	struct in6_addr addr;
	bool claimed;

	arp = vns_frame_find_arp(skb, offset, &buffer);
	if (!arp)
		return;

	/* before it claims an address, a VM asks whether somebody has it */
	claimed = arp->sip;
	if (!claimed && arp->hdr.ar_op != htons(ARPOP_REQUEST))
		return;

	ipv6_addr_set_v4mapped(claimed ? arp->sip : arp->tip, &addr);
	vns_neigh_learn_rcu(port, &addr,
			    vns_fdb_key(vns_neigh_mac(skb, arp->sha)), claimed);
}

static void vns_neigh_watch_vm_ipv4(struct vns_port *port,
				    const struct sk_buff *skb, int offset)
{
	const struct iphdr *iph;
	struct in6_addr addr;
	struct iphdr buffer;

	iph = skb_header_pointer(skb, offset, sizeof(*iph), &buffer);
	if (!iph)
		return;

	ipv6_addr_set_v4mapped(iph->saddr, &addr);
	vns_neigh_learn_rcu(port, &addr, vns_fdb_key(eth_hdr(skb)->h_source),
			    false);
}

/* On the wire, ::ffff:a.b.c.d is no IPv4 address. */
static void vns_neigh_learn6(struct vns_port *port, const struct in6_addr *addr,
			     const u8 *mac, bool claimed)
{
	if (likely(!ipv6_addr_v4mapped(addr)))
		vns_neigh_learn_rcu(port, addr, vns_fdb_key(mac), claimed);
}

static void vns_neigh_watch_vm_nd(struct vns_port *port,
				  const struct sk_buff *skb,
				  struct vns_frame_nd *nd)
{
	u8 mac[ETH_ALEN] __aligned(2);

	vns_neigh_read_nd_mac(skb, nd, mac);
	if (nd->type == NDISC_NEIGHBOUR_ADVERTISEMENT)
		vns_neigh_learn6(port, &nd->target, mac, nd->override);
	else if (!ipv6_addr_any(&nd->saddr))
		vns_neigh_learn6(port, &nd->saddr, mac, true);
	else if (nd->type == NDISC_NEIGHBOUR_SOLICITATION)
		vns_neigh_learn6(port, &nd->target, mac, false);
}

static void vns_neigh_watch_vm_ipv6(struct vns_port *port,
				    const struct sk_buff *skb, int offset,
				    bool packets)
{
	const struct ipv6hdr *ip6h;
	struct vns_frame_nd nd;
	struct ipv6hdr buffer;

	if (vns_frame_find_nd(skb, offset, &nd) > 0 && nd.hop_limit == 255)
		vns_neigh_watch_vm_nd(port, skb, &nd);
	if (!packets)
		return;

	ip6h = skb_header_pointer(skb, offset, sizeof(*ip6h), &buffer);
	if (ip6h)
		vns_neigh_learn6(port, &ip6h->saddr, eth_hdr(skb)->h_source,
				 false);
}

/**
 * vns_neigh_watch_vm() - learn from a frame which IP address a VM has
 * @port: the port it came in by
 * @skb: the frame, skb->data behind the MAC header, skb->protocol set; the
 *	guard let it pass
 * @packets: not only ARP and neighbour discovery count, but the source of every
 *	packet (the VMs share the uplink's MAC address)
 *
 * Frames of a VLAN are on a link that is not ours.
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_neigh_watch_vm(struct vns_port *port, struct sk_buff *skb,
			bool packets)
{
	__be16 proto;
	int offset = vns_frame_payload(skb, &proto);

	if (unlikely(offset < 0))
		return;

	switch (proto) {
	case htons(ETH_P_IP):
		if (packets)
			vns_neigh_watch_vm_ipv4(port, skb, offset);
		break;
	case htons(ETH_P_IPV6):
		vns_neigh_watch_vm_ipv6(port, skb, offset, packets);
		break;
	case htons(ETH_P_ARP):
		vns_neigh_watch_vm_arp(port, skb, offset);
		break;
	}
}

/* True on one CPU only when several find the same at a time. */
static bool vns_neigh_may_warn(unsigned long *warned)
{
	unsigned long old = READ_ONCE(*warned);

	if (old && time_in_range(jiffies, old, old + VNS_NEIGH_WARN_INTERVAL))
		return false;
	return cmpxchg(warned, old, jiffies ?: 1) == old;
}

/* Somebody outside says that an address is that of @mac. */
static void vns_neigh_check(struct vns_network *network,
			    const struct in6_addr *addr, const u8 *mac,
			    const u8 *uplink_mac)
{
	u8 vm_mac[ETH_ALEN] __aligned(2);
	struct vns_neigh_entry *entry;

	entry = vns_neigh_find_rcu(&network->neigh, addr);
	if (likely(!entry))
		return;

	/* what a VM said may come back, translated or not */
	vns_fdb_key_to_mac(READ_ONCE(entry->mac), vm_mac);
	if (ether_addr_equal(mac, vm_mac) || ether_addr_equal(mac, uplink_mac))
		return;
	if (vns_neigh_may_warn(&entry->warned))
		vns_announce_conflict(rcu_dereference(entry->port), addr,
				      vm_mac, mac);
}

static void vns_neigh_watch_outside_arp(struct vns_network *network,
					const struct sk_buff *skb, int offset,
					const u8 *uplink_mac)
{
	const struct vns_frame_arp *arp;
	struct vns_frame_arp buffer;
	struct in6_addr addr;

	arp = vns_frame_find_arp(skb, offset, &buffer);
	if (!arp || !arp->sip)
		return;

	ipv6_addr_set_v4mapped(arp->sip, &addr);
	vns_neigh_check(network, &addr, vns_neigh_mac(skb, arp->sha),
			uplink_mac);
}

static void vns_neigh_watch_outside_nd(struct vns_network *network,
				       const struct sk_buff *skb, int offset,
				       const u8 *uplink_mac)
{
	u8 mac[ETH_ALEN] __aligned(2);
	struct vns_frame_nd nd;

	if (likely(vns_frame_find_nd(skb, offset, &nd) <= 0 ||
		   nd.type != NDISC_NEIGHBOUR_ADVERTISEMENT ||
		   nd.hop_limit != 255 || ipv6_addr_v4mapped(&nd.target)))
		return;

	vns_neigh_read_nd_mac(skb, &nd, mac);
	vns_neigh_check(network, &nd.target, mac, uplink_mac);
	if (!ether_addr_equal(mac, uplink_mac))
		vns_lock_lose(network, &nd.target);
}

/**
 * vns_neigh_watch_outside() - look whether somebody else has a VM's IP address
 * @network: the network
 * @skb: a frame of the outside, skb->data behind the MAC header, skb->protocol
 *	set
 * @uplink_mac: the uplink's Ethernet address, which is nobody else
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_neigh_watch_outside(struct vns_network *network,
			     const struct sk_buff *skb, const u8 *uplink_mac)
{
	__be16 proto;
	int offset;

	if (!READ_ONCE(network->neigh.count))
		return;

	offset = vns_frame_payload(skb, &proto);
	if (unlikely(offset < 0))
		return;

	if (proto == htons(ETH_P_ARP))
		vns_neigh_watch_outside_arp(network, skb, offset, uplink_mac);
	else if (proto == htons(ETH_P_IPV6))
		vns_neigh_watch_outside_nd(network, skb, offset, uplink_mac);
}

/**
 * vns_neigh_warn_host() - announce that a VM uses an address of the host
 * @port: where the VM is
 * @skb: its frame
 * @addr: the address, IPv4 as ::ffff:a.b.c.d
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_neigh_warn_host(struct vns_port *port, const struct sk_buff *skb,
			 const struct in6_addr *addr)
{
	struct vns_bridge *bridge = rcu_dereference(port->network->bridge);
	unsigned long *warned = ipv6_addr_v4mapped(addr) ?
				&port->neigh_warned4 : &port->neigh_warned6;

	if (vns_neigh_may_warn(warned))
		vns_announce_conflict(port, addr, eth_hdr(skb)->h_source,
				      bridge ? bridge->dev->dev_addr : NULL);
}
