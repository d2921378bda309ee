// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of frames: tags, ARP, IPv4 and IPv6, UDP, neighbour discovery,
 * DHCP. Every byte may be hostile; nothing here changes the frame. This file
 * also builds for user space, where selftests/fuzz/parse/ feeds it.
 */
#include <linux/icmpv6.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "parse.h"

/* Maximum number of tags that are read */
#define VNS_PARSE_TAGS_MAX	4

/* The mark of options, behind the names of a server and a file */
#define VNS_PARSE_DHCP_COOKIE	0x63825363
#define VNS_PARSE_DHCP_COOKIE_AT (sizeof(struct vns_parse_dhcp) + 64 + 128)

/* DHCP options */
#define VNS_PARSE_OPTION_PAD	0
#define VNS_PARSE_OPTION_TYPE	53
#define VNS_PARSE_OPTION_END	255

/*
 * Returns a header that is in the skb's head, as those of most frames are; else
 * NULL. Functions that copy the others have a buffer on the stack and are not
 * inlined: the kernel clears such a buffer each time.
 */
static __always_inline const void *vns_parse_linear(const struct sk_buff *skb,
						    int offset, int len)
{
	return likely((int)skb_headlen(skb) - offset >= len) ?
	       skb->data + offset : NULL;
}

/* Returns false if it is not known what is behind the tags. */
static noinline bool vns_parse_read_tags(const struct sk_buff *skb,
					 struct vns_parse *parse)
{
	const struct vlan_hdr *vlan;
	struct vlan_hdr buffer;

	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))
		parse->flags |= VNS_PARSE_VLAN;

	while (eth_type_vlan(parse->type)) {
		vlan = NULL;
		if (parse->network < VNS_PARSE_TAGS_MAX * VLAN_HLEN)
			vlan = skb_header_pointer(skb, parse->network,
						  sizeof(*vlan), &buffer);
		if (!vlan) {
			parse->flags |= VNS_PARSE_BAD_TAGS;
			return false;
		}
		if (ntohs(vlan->h_vlan_TCI) & VLAN_VID_MASK)
			parse->flags |= VNS_PARSE_VLAN;
		parse->type = vlan->h_vlan_encapsulated_proto;
		parse->network += VLAN_HLEN;
	}
	return true;
}

static noinline void vns_parse_read_arp(const struct sk_buff *skb,
					struct vns_parse *parse)
{
	int sender = offsetof(struct vns_parse_arp, tha);
	struct vns_parse_arp *arp = &parse->arp;
	u8 kind = VNS_PARSE_ARP;

	if (skb_copy_bits(skb, parse->network, arp, sizeof(*arp)) < 0) {
		kind = VNS_PARSE_ARP_SENDER;
		if (skb_copy_bits(skb, parse->network, arp, sender) < 0) {
			parse->flags |= VNS_PARSE_CUT;
			return;
		}
	}
	if (arp->hdr.ar_pro == htons(ETH_P_IP) &&
	    arp->hdr.ar_hln == ETH_ALEN && arp->hdr.ar_pln == sizeof(arp->sip))
		parse->kind = kind;
}

static void vns_parse_set_udp(struct vns_parse *parse, const struct udphdr *udp)
{
	parse->sport = udp->source;
	parse->dport = udp->dest;
	if (parse->type != htons(ETH_P_IP))
		return;
	if (unlikely(udp->dest == htons(VNS_PARSE_DHCP_SERVER)))
		parse->kind = VNS_PARSE_DHCP_TO_SERVER;
	else if (unlikely(udp->source == htons(VNS_PARSE_DHCP_SERVER) &&
			  udp->dest == htons(VNS_PARSE_DHCP_CLIENT) &&
			  !(parse->flags & VNS_PARSE_FRAGMENT)))
		parse->kind = VNS_PARSE_DHCP_TO_CLIENT;
	else
		return;
	parse->end = parse->transport + ntohs(udp->len);
}

static noinline void vns_parse_copy_udp(const struct sk_buff *skb,
					struct vns_parse *parse)
{
	struct udphdr udp;

	if (skb_copy_bits(skb, parse->transport, &udp, sizeof(udp)) < 0)
		parse->flags |= VNS_PARSE_CUT_UDP;
	else
		vns_parse_set_udp(parse, &udp);
}

static __always_inline void vns_parse_read_udp(const struct sk_buff *skb,
					       struct vns_parse *parse)
{
	const void *udp = vns_parse_linear(skb, parse->transport,
					   sizeof(struct udphdr));

	if (likely(udp))
		vns_parse_set_udp(parse, udp);
	else
		vns_parse_copy_udp(skb, parse);
}

static void vns_parse_set_ipv4(const struct sk_buff *skb,
			       struct vns_parse *parse, const struct iphdr *iph)
{
	parse->saddr4 = iph->saddr;
	parse->daddr4 = iph->daddr;
	parse->proto = iph->protocol;
	if (unlikely(ip_is_fragment(iph))) {
		parse->flags |= VNS_PARSE_FRAGMENT;
		if (iph->frag_off & htons(IP_OFFSET))
			parse->flags |= VNS_PARSE_LATER;
	}
	if (unlikely(iph->ihl * 4 < sizeof(*iph)))
		parse->flags |= VNS_PARSE_BAD_IHL;
	if (unlikely(parse->flags & (VNS_PARSE_LATER | VNS_PARSE_BAD_IHL)))
		return;

	parse->transport = parse->network + iph->ihl * 4;
	if (parse->proto == IPPROTO_UDP)
		vns_parse_read_udp(skb, parse);
}

static noinline void vns_parse_copy_ipv4(const struct sk_buff *skb,
					 struct vns_parse *parse)
{
	struct iphdr iph;

	if (skb_copy_bits(skb, parse->network, &iph, sizeof(iph)) < 0)
		parse->flags |= VNS_PARSE_CUT;
	else
		vns_parse_set_ipv4(skb, parse, &iph);
}

static void vns_parse_read_ipv4(const struct sk_buff *skb,
				struct vns_parse *parse)
{
	const void *iph = vns_parse_linear(skb, parse->network,
					   sizeof(struct iphdr));

	if (likely(iph))
		vns_parse_set_ipv4(skb, parse, iph);
	else
		vns_parse_copy_ipv4(skb, parse);
}

/* Length of a neighbour discovery message without options, 0 for others. */
static int vns_parse_nd_len(u8 type)
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

static noinline void vns_parse_read_icmpv6(const struct sk_buff *skb,
					   struct vns_parse *parse)
{
	const struct icmp6hdr *icmph;
	struct icmp6hdr buffer;
	int header_end, end;

	header_end = parse->transport + (int)sizeof(*icmph);
	icmph = skb_header_pointer(skb, parse->transport, sizeof(*icmph),
				   &buffer);
	if (!icmph) {
		parse->kind = VNS_PARSE_ND_SUSPECT;
		parse->icmp_type = skb_copy_bits(skb, parse->transport,
						 &buffer, 1) < 0 ?
				   -1 : buffer.icmp6_type;
		return;
	}

	parse->icmp_type = icmph->icmp6_type;
	end = parse->transport + vns_parse_nd_len(icmph->icmp6_type);
	if (header_end > parse->end) {
		/* the bytes behind the packet are padding */
		parse->kind = VNS_PARSE_ND_SUSPECT;
	} else if (end > parse->transport) {
		parse->option = end;
		parse->kind = VNS_PARSE_ND;
		if (parse->flags & VNS_PARSE_FRAGMENT ||
		    parse->end > (int)skb->len || end > parse->end)
			parse->kind = VNS_PARSE_ND_SUSPECT;
		if (parse->icmp_type == NDISC_NEIGHBOUR_ADVERTISEMENT &&
		    icmph->icmp6_override)
			parse->flags |= VNS_PARSE_OVERRIDE;
	}
}

/* Returns false if there is no transport header. */
static noinline bool vns_parse_read_extensions(const struct sk_buff *skb,
					       struct vns_parse *parse)
{
	__be16 frag_off = 0;

	parse->transport = ipv6_skip_exthdr(skb, parse->transport,
					    &parse->proto, &frag_off);
	if (frag_off)
		parse->flags |= VNS_PARSE_FRAGMENT;
	if (parse->transport < 0) {
		/* the rest of the chain may be anything */
		if (frag_off) {
			parse->kind = VNS_PARSE_ND_SUSPECT;
			parse->icmp_type = -1;
		}
		return false;
	}
	if (parse->proto == NEXTHDR_FRAGMENT) {
		parse->flags |= VNS_PARSE_LATER;
		parse->transport = -1;
		return false;
	}
	return true;
}

static void vns_parse_set_ipv6(const struct sk_buff *skb,
			       struct vns_parse *parse,
			       const struct ipv6hdr *ip6h)
{
	parse->saddr6 = ip6h->saddr;
	parse->daddr6 = ip6h->daddr;
	parse->proto = ip6h->nexthdr;
	parse->hop_limit = ip6h->hop_limit;
	parse->transport = parse->network + sizeof(*ip6h);
	parse->end = parse->transport + ntohs(ip6h->payload_len);
	if (likely(parse->proto == IPPROTO_TCP))
		return;
	if (unlikely(ipv6_ext_hdr(parse->proto)) &&
	    !vns_parse_read_extensions(skb, parse))
		return;

	if (parse->proto == IPPROTO_UDP)
		vns_parse_read_udp(skb, parse);
	else if (unlikely(parse->proto == IPPROTO_ICMPV6))
		vns_parse_read_icmpv6(skb, parse);
}

static noinline void vns_parse_copy_ipv6(const struct sk_buff *skb,
					 struct vns_parse *parse)
{
	struct ipv6hdr ip6h;

	if (skb_copy_bits(skb, parse->network, &ip6h, sizeof(ip6h)) < 0)
		parse->flags |= VNS_PARSE_CUT;
	else
		vns_parse_set_ipv6(skb, parse, &ip6h);
}

static void vns_parse_read_ipv6(const struct sk_buff *skb,
				struct vns_parse *parse)
{
	const void *ip6h = vns_parse_linear(skb, parse->network,
					    sizeof(struct ipv6hdr));

	if (likely(ip6h))
		vns_parse_set_ipv6(skb, parse, ip6h);
	else
		vns_parse_copy_ipv6(skb, parse);
}

/* Context: any; skb->data behind the MAC header, skb->protocol set. */
void vns_parse(const struct sk_buff *skb, struct vns_parse *parse)
{
	parse->type = skb->protocol;
	parse->flags = 0;
	parse->kind = VNS_PARSE_OTHER;
	parse->network = 0;
	parse->transport = -1;
	if (unlikely(skb_vlan_tag_present(skb) || eth_type_vlan(parse->type)) &&
	    !vns_parse_read_tags(skb, parse))
		return;

	switch (parse->type) {
	case htons(ETH_P_IP):
		vns_parse_read_ipv4(skb, parse);
		break;
	case htons(ETH_P_IPV6):
		vns_parse_read_ipv6(skb, parse);
		break;
	case htons(ETH_P_ARP):
		vns_parse_read_arp(skb, parse);
		break;
	}
}

/**
 * vns_parse_nd_target() - the address that neighbour discovery is about
 * @skb: the frame
 * @parse: VNS_PARSE_ND or VNS_PARSE_ND_SUSPECT: a solicitation, an
 *	advertisement or a redirect
 * @addr: set to the address
 *
 * Context: any.
 * Return: false if the frame ends before the address does.
 */
bool vns_parse_nd_target(const struct sk_buff *skb,
			 const struct vns_parse *parse, struct in6_addr *addr)
{
	/* a redirect begins like a solicitation */
	int at = parse->transport + offsetof(struct nd_msg, target);

	return parse->transport >= 0 &&
	       !skb_copy_bits(skb, at, addr, sizeof(*addr));
}

/**
 * vns_parse_nd_option() - go through the options of neighbour discovery
 * @skb: the frame
 * @parse: VNS_PARSE_ND
 * @next: where the option begins, &vns_parse.option for the first; moved on
 * @type: set to ND_OPT_*
 *
 * Context: any.
 * Return: where the option, which is at least 8 bytes, begins; 0 behind the
 * last one; -EINVAL when it is malformed.
 */
int vns_parse_nd_option(const struct sk_buff *skb,
			const struct vns_parse *parse, int *next, u8 *type)
{
	const struct nd_opt_hdr *opt;
	struct nd_opt_hdr buffer;
	int at = *next;
	int len;

	if (at == parse->end)
		return 0;
	if (parse->end - at < (int)sizeof(*opt))
		return -EINVAL;

	opt = skb_header_pointer(skb, at, sizeof(*opt), &buffer);
	if (!opt)
		return -EINVAL;
	len = opt->nd_opt_len * 8;
	if (!len || len > parse->end - at)
		return -EINVAL;

	*type = opt->nd_opt_type;
	*next = at + len;
	return at;
}

/**
 * vns_parse_find_dhcp() - read how a DHCP message begins
 * @skb: the frame
 * @parse: VNS_PARSE_DHCP_TO_SERVER or VNS_PARSE_DHCP_TO_CLIENT
 * @buffer: used if it is not in one piece
 *
 * Does not look at &vns_parse.end: some of it may be padding.
 *
 * Context: any.
 * Return: the message; NULL if the frame ends before.
 */
const struct vns_parse_dhcp *
vns_parse_find_dhcp(const struct sk_buff *skb, const struct vns_parse *parse,
		    struct vns_parse_dhcp *buffer)
{
	return skb_header_pointer(skb, parse->transport + sizeof(struct udphdr),
				  sizeof(*buffer), buffer);
}

/**
 * vns_parse_dhcp_type() - which DHCP message it is
 * @skb: the frame
 * @parse: VNS_PARSE_DHCP_TO_SERVER or VNS_PARSE_DHCP_TO_CLIENT
 *
 * Context: any.
 * Return: VNS_PARSE_DHCP_ACK, or another type's number; 0 if the datagram says
 * none.
 */
u8 vns_parse_dhcp_type(const struct sk_buff *skb,
		       const struct vns_parse *parse)
{
	int at = parse->transport + sizeof(struct udphdr) +
		 VNS_PARSE_DHCP_COOKIE_AT;
	__be32 cookie;
	u8 opt[3];

	if (at + (int)sizeof(cookie) > parse->end ||
	    skb_copy_bits(skb, at, &cookie, sizeof(cookie)) < 0 ||
	    cookie != htonl(VNS_PARSE_DHCP_COOKIE))
		return 0;

	for (at += sizeof(cookie); at < parse->end; ) {
		if (skb_copy_bits(skb, at, opt, 1) < 0 ||
		    opt[0] == VNS_PARSE_OPTION_END)
			return 0;
		if (opt[0] == VNS_PARSE_OPTION_PAD) {
			at++;
			continue;
		}
		if (at + (int)sizeof(opt) > parse->end ||
		    skb_copy_bits(skb, at, opt, sizeof(opt)) < 0)
			return 0;
		if (opt[0] == VNS_PARSE_OPTION_TYPE)
			return opt[2];
		at += 2 + opt[1];
	}
	return 0;
}
