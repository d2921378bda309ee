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
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/arp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "addr.h"
#include "bridge.h"
#include "fdb.h"
#include "guard.h"
#include "lock.h"
#include "mode.h"
#include "neigh.h"
#include "network.h"
#include "port.h"

/* Tags that say nothing but a priority (VLAN 0) which are looked behind. */
#define VNS_GUARD_TAGS_MAX	4

/* The device by which the host is on the VMs' link; NULL: it is not. */
static const struct net_device *
vns_guard_host_device(const struct vns_network *network)
{
	const struct vns_mode *mode = READ_ONCE(network->mode);
	const struct vns_bridge *bridge;

	if (mode->host)
		return network->dev;
	bridge = mode->bridged ? rcu_dereference(network->bridge) : NULL;
	return bridge ? bridge->dev : NULL;
}

/* Is the address the host's on this link? */
static bool vns_guard_is_host4(const struct vns_network *network, __be32 addr)
{
	const struct net_device *dev = vns_guard_host_device(network);

	return dev && vns_addr_is_own4(dev, addr);
}

static bool vns_guard_is_host6(const struct vns_network *network,
			       const struct in6_addr *addr)
{
	const struct net_device *dev = vns_guard_host_device(network);

	return dev && vns_addr_is_own6(dev, addr);
}

/*
 * Does the host ask just now whether an address is free? Another question would
 * make it give the address up.
 */
static bool vns_guard_is_asked_for(const struct vns_network *network,
				   const struct in6_addr *addr)
{
	const struct net_device *dev = vns_guard_host_device(network);

	return dev && vns_addr_is_tentative6(dev, addr);
}

/* A VM has an address of the host's; of a bridged one, the user wants to know. */
static enum vns_stat vns_guard_refuse(struct vns_port *port,
				      const struct sk_buff *skb,
				      const struct in6_addr *addr)
{
	if (READ_ONCE(port->network->mode)->bridged)
		vns_neigh_warn_host(port, skb, addr);
	return VNS_DROP_BAD_SOURCE_ADDRESS;
}

/* An address that a VM says it has. */
static enum vns_stat vns_guard_claim4(struct vns_port *port,
				      const struct sk_buff *skb, __be32 addr)
{
	struct in6_addr mapped;

	if (unlikely(!vns_lock_allows4(port, addr)))
		return VNS_DROP_LOCKED;
	if (likely(!vns_guard_is_host4(port->network, addr)))
		return VNS_STAT_MAX;

	ipv6_addr_set_v4mapped(addr, &mapped);
	return vns_guard_refuse(port, skb, &mapped);
}

static enum vns_stat vns_guard_claim6(struct vns_port *port,
				      const struct sk_buff *skb,
				      const struct in6_addr *addr)
{
	if (unlikely(!vns_lock_allows6(port, addr)))
		return VNS_DROP_LOCKED;
	if (likely(!vns_guard_is_host6(port->network, addr)))
		return VNS_STAT_MAX;
	return vns_guard_refuse(port, skb, addr);
}

/*
 * A DHCP client asks for itself: the server's answer is believed to be for the
 * VM whose address it has. A relay would ask for others: it has no place here.
 */
static enum vns_stat vns_guard_check_dhcp(struct vns_port *port,
					  const struct sk_buff *skb,
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
	vns_lock_note_request(port, dhcp->xid);
	/* the server is not the host's, and there may be relays */
	if (READ_ONCE(port->network->mode)->bridged &&
	    !READ_ONCE(port->lock_key))
		return VNS_STAT_MAX;
	return ether_addr_equal(dhcp->chaddr, eth_hdr(skb)->h_source) ?
	       VNS_STAT_MAX : VNS_DROP_LOCKED;
}

static enum vns_stat vns_guard_check_ipv4(struct vns_port *port,
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

	cause = vns_guard_claim4(port, skb, iph->saddr);
	if (likely(cause == VNS_STAT_MAX) && iph->protocol == IPPROTO_UDP)
		cause = vns_guard_check_dhcp(port, skb, iph, offset);
	return cause;
}

/* Sender's part of an ARP packet for IPv4 over Ethernet. */
struct vns_guard_arp {
	struct arphdr hdr;
	u8 sha[ETH_ALEN];
	__be32 sip;
} __packed;

static enum vns_stat vns_guard_check_arp(struct vns_port *port,
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
	return vns_guard_claim4(port, skb, arp->sip);
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
		return vns_guard_claim6(port, skb, &msg->target);
	case NDISC_NEIGHBOUR_SOLICITATION:
		/* the address is about to be taken, or the host's asked for */
		if (from_nowhere &&
		    unlikely(vns_guard_is_asked_for(port->network,
						    &msg->target)))
			return vns_guard_refuse(port, skb, &msg->target);
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

	cause = vns_guard_claim6(port, skb, &ip6h->saddr);
	if (unlikely(cause != VNS_STAT_MAX))
		return cause;

	nexthdr = ip6h->nexthdr;
	offset += sizeof(*ip6h);
	if (unlikely(ipv6_ext_hdr(nexthdr)))
		offset = ipv6_skip_exthdr(skb, offset, &nexthdr, &frag_off);
	/* what is to come may hide it as well */
	if (unlikely(offset < 0))
		return frag_off && READ_ONCE(port->lock_key) ?
		       VNS_DROP_LOCKED : VNS_STAT_MAX;
	if (nexthdr != IPPROTO_ICMPV6)
		return VNS_STAT_MAX;
	if (unlikely(frag_off && READ_ONCE(port->lock_key)))
		return vns_guard_check_first_fragment(skb, offset);
	return vns_guard_check_nd(port, skb, offset,
				  ipv6_addr_any(&ip6h->saddr));
}

/* What is behind the tags of VLANs that are in a frame; negative: too many. */
static int vns_guard_skip_tags(const struct sk_buff *skb, __be16 *proto)
{
	const struct vlan_hdr *vlan;
	struct vlan_hdr buffer;
	int offset = 0;

	while (eth_type_vlan(*proto)) {
		if (offset == VNS_GUARD_TAGS_MAX * VLAN_HLEN)
			return -EINVAL;
		vlan = skb_header_pointer(skb, offset, sizeof(*vlan), &buffer);
		if (!vlan)
			return -EINVAL;
		*proto = vlan->h_vlan_encapsulated_proto;
		offset += VLAN_HLEN;
	}
	return offset;
}

/* Where the checksum of a transport header is, from its begin; 0: not known. */
static int vns_guard_csum_offset(struct sk_buff *skb, u8 proto)
{
	if (skb_csum_is_sctp(skb))
		return proto == IPPROTO_SCTP ? skb->csum_offset : 0;

	switch (proto) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, check);
	case IPPROTO_UDP:
		return offsetof(struct udphdr, check);
	case IPPROTO_ICMPV6:
		return offsetof(struct icmp6hdr, icmp6_cksum);
	default:
		return 0;
	}
}

/* Where a packet's transport header is, and whose; negative: not known. */
static int vns_guard_find_transport(const struct sk_buff *skb, u8 *proto)
{
	__be16 ethertype = skb->protocol, frag_off = 0;
	struct ipv6hdr buffer6;
	struct iphdr buffer4;
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;
	int offset = 0;

	if (unlikely(eth_type_vlan(ethertype)))
		offset = vns_guard_skip_tags(skb, &ethertype);
	if (offset < 0)
		return offset;

	switch (ethertype) {
	case htons(ETH_P_IP):
		iph = skb_header_pointer(skb, offset, sizeof(*iph), &buffer4);
		if (!iph || ip_is_fragment(iph))
			return -EINVAL;
		*proto = iph->protocol;
		return offset + iph->ihl * 4;
	case htons(ETH_P_IPV6):
		ip6h = skb_header_pointer(skb, offset, sizeof(*ip6h), &buffer6);
		if (!ip6h)
			return -EINVAL;
		*proto = ip6h->nexthdr;
		offset += sizeof(*ip6h);
		if (unlikely(ipv6_ext_hdr(*proto)))
			offset = ipv6_skip_exthdr(skb, offset, proto,
						  &frag_off);
		return frag_off ? -EINVAL : offset;
	default:
		return -EINVAL;
	}
}

/*
 * Is it a checksum within a tunnel, that the segments of a frame each need one of?
 * Behind the outer transport header nothing is checked, but what is said to DHCP
 * servers.
 */
static bool vns_guard_csum_is_inner(const struct sk_buff *skb, int start,
				    int offset, u8 proto)
{
	const struct udphdr *udp;
	struct udphdr buffer;

	if (!skb_is_gso(skb) || !skb->encapsulation)
		return false;

	switch (proto) {
	case IPPROTO_UDP:
		udp = skb_header_pointer(skb, offset, sizeof(*udp), &buffer);
		return udp && udp->dest != htons(VNS_LOCK_DHCP_SERVER) &&
		       start >= offset + (int)sizeof(*udp);
	case IPPROTO_GRE:
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return start > offset;
	default:
		return false;
	}
}

/* Is what is left to be summed up a transport header, and all behind it? */
static bool vns_guard_csum_is_transport(struct sk_buff *skb, int start)
{
	u8 proto = 0;
	int offset = vns_guard_find_transport(skb, &proto);

	if (offset < 0)
		return false;
	if (likely(start == offset))
		return skb->csum_offset == vns_guard_csum_offset(skb, proto);
	return vns_guard_csum_is_inner(skb, start, offset, proto);
}

/**
 * vns_guard_settle_csum() - let nothing of a frame change after it was checked
 * @skb: a VM's frame of ip_summed CHECKSUM_PARTIAL, skb->data behind the MAC
 *	header; its head may be another one afterwards
 *
 * The VM says where a checksum is to be put, and only the last device puts it
 * there: over an address that has been checked long before, if the VM likes. So
 * what is not the checksum of a transport header is summed up at once.
 *
 * Context: softirq or BH disabled.
 * Return: false if the frame must be dropped.
 */
bool vns_guard_settle_csum(struct sk_buff *skb)
{
	int start = skb_checksum_start_offset(skb);
	unsigned int end = start + skb->csum_offset + sizeof(__sum16);

	if (start < 0 || end > skb_headlen(skb))
		return false;
	if (likely(vns_guard_csum_is_transport(skb, start)))
		return true;
	return !skb_is_gso(skb) && !skb_checksum_help(skb);
}

/**
 * vns_guard_check() - may a VM send a frame with these addresses
 * @port: the port it came in by
 * @skb: the frame, skb->data behind the MAC header, skb->protocol set
 *
 * Looks behind tags of VLAN 0, which carry only a priority. Frames of other
 * VLANs are on a link that is not ours, but a locked port has its addresses
 * there, too.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: a VNS_DROP_* cause, or VNS_STAT_MAX when the frame is fine.
 */
enum vns_stat vns_guard_check(struct vns_port *port, struct sk_buff *skb)
{
	bool locked = READ_ONCE(port->lock_key);
	__be16 proto = skb->protocol;
	const struct vlan_hdr *vlan;
	struct vlan_hdr buffer;
	int offset = 0;

	/* some switches take the tag of their own VLAN for none */
	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb) && !locked)
		return VNS_STAT_MAX;

	while (unlikely(eth_type_vlan(proto))) {
		if (offset == VNS_GUARD_TAGS_MAX * VLAN_HLEN)
			return VNS_DROP_MALFORMED;
		vlan = skb_header_pointer(skb, offset, sizeof(*vlan), &buffer);
		if (!vlan)
			return VNS_DROP_MALFORMED;
		if (ntohs(vlan->h_vlan_TCI) & VLAN_VID_MASK && !locked)
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
		/* a length: LLC may hold any of the above, for who looks */
		return locked && !eth_proto_is_802_3(proto) ?
		       VNS_DROP_LOCKED : VNS_STAT_MAX;
	}
}
