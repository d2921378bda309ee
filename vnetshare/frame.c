// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a frame: behind priority tags, in ARP, in IPv6 neighbour
 * discovery. Every byte may be hostile; nothing here changes the frame.
 */
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "frame.h"

/* Tags that say nothing but a priority (VLAN 0) which are looked behind. */
#define VNS_FRAME_TAGS_MAX	4

/**
 * vns_frame_skip_tags() - vns_frame_payload() of a tagged frame
 * @skb: the frame, skb->data behind the MAC header
 * @proto: the Ethernet type at skb->data; set to that behind the tags
 *
 * Context: any.
 * Return: offset from skb->data; -EINVAL if the frame is cut off, or of a VLAN.
 */
int vns_frame_skip_tags(const struct sk_buff *skb, __be16 *proto)
{
	const struct vlan_hdr *vlan;
	struct vlan_hdr buffer;
	int offset = 0;

	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))
		return -EINVAL;

	while (eth_type_vlan(*proto)) {
		if (offset == VNS_FRAME_TAGS_MAX * VLAN_HLEN)
			return -EINVAL;
		vlan = skb_header_pointer(skb, offset, sizeof(*vlan), &buffer);
		if (!vlan || ntohs(vlan->h_vlan_TCI) & VLAN_VID_MASK)
			return -EINVAL;
		*proto = vlan->h_vlan_encapsulated_proto;
		offset += VLAN_HLEN;
	}
	return offset;
}

/**
 * vns_frame_find_arp() - read an ARP packet
 * @skb: the frame
 * @offset: where the packet begins, from skb->data
 * @buffer: used if the packet is not in one piece
 *
 * Context: any.
 * Return: the packet; NULL if it is cut off, or not for IPv4 over Ethernet.
 */
const struct vns_frame_arp *vns_frame_find_arp(const struct sk_buff *skb,
					       int offset,
					       struct vns_frame_arp *buffer)
{
	const struct vns_frame_arp *arp;

	arp = skb_header_pointer(skb, offset, sizeof(*arp), buffer);
	if (!arp || arp->hdr.ar_pro != htons(ETH_P_IP) ||
	    arp->hdr.ar_hln != ETH_ALEN || arp->hdr.ar_pln != sizeof(arp->sip))
		return NULL;
	return arp;
}

/* Length of a neighbour discovery message without options, 0 for others. */
static int vns_frame_nd_len(u8 type)
{
	switch (type) {
	case NDISC_ROUTER_SOLICITATION:
		return sizeof(struct rs_msg);
	case NDISC_ROUTER_ADVERTISEMENT:
		return sizeof(struct ra_msg);
	case NDISC_NEIGHBOUR_SOLICITATION:
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		return sizeof(struct nd_msg);
	case NDISC_REDIRECT:
		return sizeof(struct rd_msg);
	default:
		return 0;
	}
}

/* Reads the message at nd->offset, which ends before nd->end. */
static int vns_frame_read_nd(const struct sk_buff *skb, struct vns_frame_nd *nd,
			     bool fragment)
{
	const struct icmp6hdr *icmph;
	const struct nd_msg *msg;
	struct nd_msg buffer;
	int len;

	icmph = skb_header_pointer(skb, nd->offset, sizeof(*icmph), &buffer);
	/* what is behind the packet is padding */
	if (!icmph || nd->offset + (int)sizeof(*icmph) > nd->end)
		return -EINVAL;
	len = vns_frame_nd_len(icmph->icmp6_type);
	if (!len)
		return 0;
	if (fragment || nd->end > skb->len || nd->offset + len > nd->end)
		return -EINVAL;

	nd->type = icmph->icmp6_type;
	nd->override = nd->type == NDISC_NEIGHBOUR_ADVERTISEMENT &&
		       icmph->icmp6_override;
	nd->option = nd->offset + len;
	if (len < sizeof(*msg))
		return 1;

	/* a redirect begins like a solicitation */
	msg = skb_header_pointer(skb, nd->offset, sizeof(*msg), &buffer);
	if (!msg)
		return -EINVAL;
	nd->target = msg->target;
	return 1;
}

/**
 * vns_frame_find_nd() - read a message of IPv6 neighbour discovery
 * @skb: the frame
 * @offset: where the IPv6 header begins, from skb->data
 * @nd: set to what the message says
 *
 * Context: any.
 * Return: 1; 0 if the packet is none, or its headers are cut off; -EINVAL if the
 * message is, or could be one in fragments, which are not allowed (RFC 6980).
 */
int vns_frame_find_nd(const struct sk_buff *skb, int offset,
		      struct vns_frame_nd *nd)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buffer;
	__be16 frag_off = 0;
	u8 nexthdr;

	ip6h = skb_header_pointer(skb, offset, sizeof(*ip6h), &buffer);
	if (!ip6h)
		return -EINVAL;

	nexthdr = ip6h->nexthdr;
	if (likely(nexthdr != IPPROTO_ICMPV6 && !ipv6_ext_hdr(nexthdr)))
		return 0;

	offset += sizeof(*ip6h);
	nd->end = offset + ntohs(ip6h->payload_len);
	nd->hop_limit = ip6h->hop_limit;
	nd->saddr = ip6h->saddr;
	nd->offset = ipv6_skip_exthdr(skb, offset, &nexthdr, &frag_off);
	if (nd->offset < 0)
		return frag_off ? -EINVAL : 0;
	if (nexthdr != IPPROTO_ICMPV6)
		return 0;
	return vns_frame_read_nd(skb, nd, frag_off);
}

/**
 * vns_frame_next_option() - go through the options of neighbour discovery
 * @skb: the frame
 * @nd: its message; @nd->option is moved on
 * @type: set to ND_OPT_*
 *
 * Context: any.
 * Return: where the option, which is at least 8 bytes, begins; 0 behind the
 * last one; -EINVAL when it is malformed.
 */
int vns_frame_next_option(const struct sk_buff *skb, struct vns_frame_nd *nd,
			  u8 *type)
{
	const struct nd_opt_hdr *opt;
	struct nd_opt_hdr buffer;
	int at = nd->option;
	int len;

	if (at == nd->end)
		return 0;
	if (nd->end - at < (int)sizeof(*opt))
		return -EINVAL;

	opt = skb_header_pointer(skb, at, sizeof(*opt), &buffer);
	if (!opt)
		return -EINVAL;
	len = opt->nd_opt_len * 8;
	if (!len || len > nd->end - at)
		return -EINVAL;

	*type = opt->nd_opt_type;
	nd->option = at + len;
	return at;
}
