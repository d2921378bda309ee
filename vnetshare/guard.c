// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM's frame claims about IP addresses: loopback addresses have no
 * business on a wire, the host's own are nobody else's, and a locked port has
 * only some.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/arp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "addr.h"
#include "fdb.h"
#include "guard.h"
#include "lock.h"
#include "mode.h"
#include "network.h"
#include "port.h"

/* Tags that say nothing but a priority (VLAN 0) which are looked behind. */
#define VNS_GUARD_TAGS_MAX	4

/* Is the address the host's on this network, of which the host is a part? */
static bool vns_guard_is_host4(const struct vns_network *network, __be32 addr)
{
	return READ_ONCE(network->mode)->host &&
	       vns_addr_is_own4(network, addr);
}

static bool vns_guard_is_host6(const struct vns_network *network,
			       const struct in6_addr *addr)
{
	return READ_ONCE(network->mode)->host &&
	       vns_addr_is_own6(network, addr);
}

/* An address that a VM says it has. */
static enum vns_stat vns_guard_claim4(const struct vns_port *port, __be32 addr)
{
	if (unlikely(!vns_lock_allows4(port, addr)))
		return VNS_DROP_LOCKED;
	if (unlikely(vns_guard_is_host4(port->network, addr)))
		return VNS_DROP_BAD_SOURCE_ADDRESS;
	return VNS_STAT_MAX;
}

static enum vns_stat vns_guard_claim6(const struct vns_port *port,
				      const struct in6_addr *addr)
{
	if (unlikely(!vns_lock_allows6(port, addr)))
		return VNS_DROP_LOCKED;
	if (unlikely(vns_guard_is_host6(port->network, addr)))
		return VNS_DROP_BAD_SOURCE_ADDRESS;
	return VNS_STAT_MAX;
}

/*
 * A DHCP client asks for itself: the server's answer is believed to be for the
 * VM whose address it has. A relay would ask for others: it has no place here.
 */
static enum vns_stat vns_guard_check_dhcp(const struct sk_buff *skb,
					  const struct iphdr *iph, int offset)
{
	const struct vns_lock_dhcp *dhcp;
	struct vns_lock_dhcp dhcp_buffer;
	struct udphdr udp_buffer;
	const struct udphdr *udp;

	/* what follows the first fragment is nothing without it */
	if (iph->frag_off & htons(IP_OFFSET))
		return VNS_STAT_MAX;

	offset += iph->ihl * 4;
	udp = skb_header_pointer(skb, offset, sizeof(*udp), &udp_buffer);
	if (!udp)
		return VNS_DROP_MALFORMED;
	if (likely(udp->dest != htons(VNS_LOCK_DHCP_SERVER)))
		return VNS_STAT_MAX;

	offset += sizeof(*udp);
	dhcp = skb_header_pointer(skb, offset,
				  offsetof(struct vns_lock_dhcp, sname),
				  &dhcp_buffer);
	if (!dhcp)
		return VNS_DROP_MALFORMED;
	return ether_addr_equal(dhcp->chaddr, eth_hdr(skb)->h_source) ?
	       VNS_STAT_MAX : VNS_DROP_LOCKED;
}

static enum vns_stat vns_guard_check_ipv4(const struct vns_port *port,
					  const struct sk_buff *skb, int offset)
{
	enum vns_stat cause;
	const struct iphdr *iph;
	struct iphdr buffer;

	iph = skb_header_pointer(skb, offset, sizeof(*iph), &buffer);
	if (!iph)
		return VNS_DROP_MALFORMED;
	if (ipv4_is_loopback(iph->saddr) || ipv4_is_loopback(iph->daddr))
		return VNS_DROP_LOOPBACK_ADDRESS;

	cause = vns_guard_claim4(port, iph->saddr);
	if (likely(cause == VNS_STAT_MAX) && iph->protocol == IPPROTO_UDP)
		cause = vns_guard_check_dhcp(skb, iph, offset);
	return cause;
}

/* Sender's part of an ARP packet for IPv4 over Ethernet. */
struct vns_guard_arp {
	struct arphdr hdr;
	u8 sha[ETH_ALEN];
	__be32 sip;
} __packed;

static enum vns_stat vns_guard_check_arp(const struct vns_port *port,
					 const struct sk_buff *skb, int offset)
{
	u64 key = READ_ONCE(port->lock_key);
	const struct vns_guard_arp *arp;
	struct vns_guard_arp buffer;

	arp = skb_header_pointer(skb, offset, sizeof(*arp), &buffer);
	if (!arp)
		return VNS_DROP_MALFORMED;
	/* what no IPv4 stack takes for an answer */
	if (arp->hdr.ar_pro != htons(ETH_P_IP) || arp->hdr.ar_hln != ETH_ALEN ||
	    arp->hdr.ar_pln != sizeof(arp->sip))
		return key ? VNS_DROP_LOCKED : VNS_STAT_MAX;
	if (unlikely(key && key != vns_fdb_key(arp->sha)))
		return VNS_DROP_LOCKED;
	return vns_guard_claim4(port, arp->sip);
}

/* Neighbour discovery: who says that an address is where. */
static enum vns_stat vns_guard_check_nd(struct vns_port *port,
					const struct sk_buff *skb, int offset,
					bool from_nowhere)
{
	const struct nd_msg *msg;
	struct nd_msg buffer;

	msg = skb_header_pointer(skb, offset, sizeof(*msg), &buffer);
	if (!msg)
		return VNS_STAT_MAX;	/* shorter than any that counts */

	switch (msg->icmph.icmp6_type) {
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		return vns_guard_claim6(port, &msg->target);
	case NDISC_NEIGHBOUR_SOLICITATION:
		/* the address is about to be taken */
		if (from_nowhere &&
		    !vns_guard_is_host6(port->network, &msg->target) &&
		    !vns_lock_claim6(port, &msg->target))
			return VNS_DROP_LOCKED;
		break;
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_REDIRECT:
		if (READ_ONCE(port->lock_key))
			return VNS_DROP_LOCKED;
		break;
	}
	return VNS_STAT_MAX;
}

/* Neighbour discovery never comes in fragments (RFC 6980), which could hide it. */
static enum vns_stat vns_guard_check_first_fragment(const struct sk_buff *skb,
						    int offset)
{
	const u8 *type;
	u8 buffer;

	type = skb_header_pointer(skb, offset, sizeof(*type), &buffer);
	if (!type || (*type >= NDISC_ROUTER_SOLICITATION &&
		      *type <= NDISC_REDIRECT))
		return VNS_DROP_LOCKED;
	return VNS_STAT_MAX;
}

static enum vns_stat vns_guard_check_ipv6(struct vns_port *port,
					  const struct sk_buff *skb, int offset)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buffer;
	enum vns_stat cause;
	__be16 frag_off = 0;
	u8 nexthdr;

	ip6h = skb_header_pointer(skb, offset, sizeof(*ip6h), &buffer);
	if (!ip6h)
		return VNS_DROP_MALFORMED;
	if (ipv6_addr_loopback(&ip6h->saddr) ||
	    ipv6_addr_loopback(&ip6h->daddr))
		return VNS_DROP_LOOPBACK_ADDRESS;

	cause = vns_guard_claim6(port, &ip6h->saddr);
	if (unlikely(cause != VNS_STAT_MAX))
		return cause;

	nexthdr = ip6h->nexthdr;
	offset += sizeof(*ip6h);
	if (unlikely(ipv6_ext_hdr(nexthdr)))
		offset = ipv6_skip_exthdr(skb, offset, &nexthdr, &frag_off);
	if (offset < 0 || nexthdr != IPPROTO_ICMPV6)
		return VNS_STAT_MAX;
	if (unlikely(frag_off && READ_ONCE(port->lock_key)))
		return vns_guard_check_first_fragment(skb, offset);
	return vns_guard_check_nd(port, skb, offset,
				  ipv6_addr_any(&ip6h->saddr));
}

/**
 * vns_guard_check() - may a VM send a frame with these addresses
 * @port: the port it came in by
 * @skb: the frame, skb->data behind the MAC header, skb->protocol set
 *
 * Looks behind tags of VLAN 0, which carry only a priority. Frames of other
 * VLANs are on a link that is not ours.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: a VNS_DROP_* cause, or VNS_STAT_MAX when the frame is fine.
 */
enum vns_stat vns_guard_check(struct vns_port *port, struct sk_buff *skb)
{
	__be16 proto = skb->protocol;
	const struct vlan_hdr *vlan;
	struct vlan_hdr buffer;
	int offset = 0;

	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))
		return VNS_STAT_MAX;

	while (unlikely(eth_type_vlan(proto))) {
		if (offset == VNS_GUARD_TAGS_MAX * VLAN_HLEN)
			return VNS_DROP_MALFORMED;
		vlan = skb_header_pointer(skb, offset, sizeof(*vlan), &buffer);
		if (!vlan)
			return VNS_DROP_MALFORMED;
		if (ntohs(vlan->h_vlan_TCI) & VLAN_VID_MASK)
			return VNS_STAT_MAX;
		proto = vlan->h_vlan_encapsulated_proto;
		offset += VLAN_HLEN;
	}

	switch (proto) {
	case htons(ETH_P_IP):
		return vns_guard_check_ipv4(port, skb, offset);
	case htons(ETH_P_IPV6):
		return vns_guard_check_ipv6(port, skb, offset);
	case htons(ETH_P_ARP):
		return vns_guard_check_arp(port, skb, offset);
	default:
		return VNS_STAT_MAX;
	}
}
