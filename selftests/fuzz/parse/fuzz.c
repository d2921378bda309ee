// SPDX-License-Identifier: GPL-2.0
/*
 * Feeds vnetshare/parse.c. An input is
 *
 *	u8 1 if the skb's metadata has a VLAN tag, be16 that tag,
 *	u8, u8 how long the first and the second piece are (255: all the rest),
 *	the frame from its Ethernet type on.
 *
 * Whatever the frame: nothing is read outside of it, what is reported is in it,
 * and how it is cut in pieces makes no difference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <kernel.h>

#include "../../../vnetshare/parse.h"

#define FUZZ_HEAD	5
#define FUZZ_OPTIONS	64

/* All that a frame's readers are told. */
struct report {
	struct vns_parse parse;
	int n_options;
	int option[FUZZ_OPTIONS];
	u8 option_type[FUZZ_OPTIONS];
	bool has_target;
	struct in6_addr target;
	bool has_dhcp;
	u8 dhcp[sizeof(struct vns_parse_dhcp)];
	u8 dhcp_type;
};

/* The frame behind its Ethernet type, in one piece. */
static const u8 *frame;
static int frame_len;

#define MUST(what) do {							\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
			__LINE__, #what);				\
		abort();						\
	}								\
} while (0)

static bool is_dhcp(const struct vns_parse *p)
{
	return p->kind == VNS_PARSE_DHCP_TO_SERVER ||
	       p->kind == VNS_PARSE_DHCP_TO_CLIENT;
}

/* Is it the same as the bytes in the frame, which are there? */
static bool same(const void *what, int at, int len)
{
	return at >= 0 && at + len <= frame_len &&
	       !memcmp(what, frame + at, len);
}

static void check_arp(const struct vns_parse *p)
{
	int len = p->kind == VNS_PARSE_ARP ? sizeof(p->arp) :
					     offsetof(struct vns_parse_arp, tha);

	MUST(p->type == htons(ETH_P_ARP) && p->transport == -1);
	MUST(same(&p->arp, p->network, len));
	MUST(p->arp.hdr.ar_hln == 6 && p->arp.hdr.ar_pln == 4);
}

static void check_ip(const struct vns_parse *p)
{
	bool v4 = p->type == htons(ETH_P_IP);
	int len = v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);

	MUST(same(v4 ? (const void *)&p->saddr4 : &p->saddr6,
		  p->network + (v4 ? 12 : 8), v4 ? 8 : 32));
	MUST(p->transport == -1 || p->transport >= p->network + len);
	MUST(!(p->flags & VNS_PARSE_LATER) || p->transport == -1);
	MUST(!(p->flags & VNS_PARSE_LATER) || p->flags & VNS_PARSE_FRAGMENT);
	MUST(v4 || !(p->flags & VNS_PARSE_BAD_IHL));
	if (v4)
		MUST(p->transport != -1 ||
		     p->flags & (VNS_PARSE_LATER | VNS_PARSE_BAD_IHL));
	else
		MUST(same(&p->hop_limit, p->network + 7, 1));

	if (p->transport >= 0 && p->proto == IPPROTO_UDP &&
	    !(p->flags & VNS_PARSE_CUT_UDP)) {
		MUST(p->transport + (int)sizeof(struct udphdr) <= frame_len);
		MUST(same(&p->sport, p->transport, 4));
	} else {
		MUST(!is_dhcp(p));
	}
}

static void check_nd(const struct vns_parse *p)
{
	MUST(p->type == htons(ETH_P_IPV6));
	if (p->kind == VNS_PARSE_ND_SUSPECT) {
		MUST(p->transport >= 0 || p->flags & VNS_PARSE_FRAGMENT);
		MUST(p->icmp_type == -1 || frame[p->transport] == p->icmp_type);
		return;
	}
	MUST(p->icmp_type >= 133 && p->icmp_type <= 137);
	MUST(p->proto == IPPROTO_ICMPV6 && !(p->flags & VNS_PARSE_FRAGMENT));
	MUST(p->transport >= 0 && frame[p->transport] == p->icmp_type);
	MUST(p->option >= p->transport + (int)sizeof(struct icmp6hdr));
	MUST(p->option <= p->end && p->end <= frame_len);
}

static void check_parse(const struct vns_parse *p)
{
	MUST(p->kind <= VNS_PARSE_DHCP_TO_CLIENT);
	MUST(p->network % 4 == 0 && p->network <= 16);
	MUST(p->network <= frame_len);
	MUST(!p->network || same(&p->type, p->network - 2, 2));
	if (p->flags & (VNS_PARSE_BAD_TAGS | VNS_PARSE_CUT)) {
		MUST(p->kind == VNS_PARSE_OTHER && p->transport == -1);
		return;
	}
	if (p->type == htons(ETH_P_IP) || p->type == htons(ETH_P_IPV6))
		check_ip(p);
	else
		MUST(p->transport == -1);

	switch (p->kind) {
	case VNS_PARSE_ARP:
	case VNS_PARSE_ARP_SENDER:
		check_arp(p);
		break;
	case VNS_PARSE_ND:
	case VNS_PARSE_ND_SUSPECT:
		check_nd(p);
		break;
	case VNS_PARSE_DHCP_TO_SERVER:
	case VNS_PARSE_DHCP_TO_CLIENT:
		MUST(p->type == htons(ETH_P_IP));
		MUST(p->dport == htons(p->kind == VNS_PARSE_DHCP_TO_SERVER ?
				       67 : 68));
		MUST(p->kind == VNS_PARSE_DHCP_TO_SERVER ||
		     !(p->flags & VNS_PARSE_FRAGMENT));
		break;
	}
}

/* There is such an option in the datagram, behind the cookie. */
static bool has_type(const struct vns_parse *p, u8 type)
{
	int at = p->transport + sizeof(struct udphdr) +
		 sizeof(struct vns_parse_dhcp) + 64 + 128 + 4;

	for (; at + 3 <= p->end && at + 3 <= frame_len; at++)
		if (frame[at] == 53 && frame[at + 2] == type)
			return true;
	return false;
}

static void check_report(const struct report *r)
{
	const struct vns_parse *p = &r->parse;
	int i, at = p->option;

	check_parse(p);
	for (i = 0; i < r->n_options; i++) {
		MUST(r->option[i] == at);
		MUST(same(&r->option_type[i], at, 1) && at + 8 <= p->end);
		at += frame[at + 1] * 8;
		MUST(at <= p->end);
	}
	if (r->has_target)
		MUST(same(&r->target, p->transport + 8, 16));
	if (r->has_dhcp)
		MUST(same(r->dhcp, p->transport + 8, sizeof(r->dhcp)));
	if (r->dhcp_type)
		MUST(r->has_dhcp && has_type(p, r->dhcp_type));
}

/* Does what the module does with a frame. */
static void read_frame(const struct sk_buff *skb, struct report *r)
{
	const struct vns_parse_dhcp *dhcp;
	struct vns_parse *p = &r->parse;
	struct vns_parse_dhcp buffer;
	int next, at;
	u8 type;

	memset(r, 0, sizeof(*r));
	/* a member that is not set is not 0 */
	memset(p, 0xa5, sizeof(*p));
	vns_parse(skb, p);

	if (p->kind == VNS_PARSE_ND) {
		next = p->option;
		while (r->n_options < FUZZ_OPTIONS) {
			at = vns_parse_nd_option(skb, p, &next, &type);
			if (at <= 0)
				break;
			r->option[r->n_options] = at;
			r->option_type[r->n_options++] = type;
		}
	}
	if (p->kind == VNS_PARSE_ND || p->kind == VNS_PARSE_ND_SUSPECT)
		r->has_target = vns_parse_nd_target(skb, p, &r->target);
	if (!is_dhcp(p))
		return;
	dhcp = vns_parse_find_dhcp(skb, p, &buffer);
	if (dhcp)
		memcpy(r->dhcp, dhcp, sizeof(r->dhcp));
	r->has_dhcp = dhcp;
	r->dhcp_type = vns_parse_dhcp_type(skb, p);
}

/* Cuts the frame in pieces and reads it. */
static void read_pieces(struct sk_buff *skb, int first, int second,
			struct report *r)
{
	int i, at = 0, len[FUZZ_PIECES] = { first, second, frame_len };

	for (i = 0; i < FUZZ_PIECES; i++) {
		if (len[i] > frame_len - at || len[i] == 255)
			len[i] = frame_len - at;
		skb->piece_len[i] = len[i];
		skb->piece[i] = malloc(len[i]);
		if (len[i])
			memcpy(skb->piece[i], frame + at, len[i]);
		at += len[i];
	}
	skb->data = skb->piece[0];
	read_frame(skb, r);
	for (i = 0; i < FUZZ_PIECES; i++)
		free(skb->piece[i]);
}

/* libFuzzer calls this, by another name (see run). */
int fuzz_one(const u8 *data, size_t size)
{
	struct report whole, pieces;
	struct sk_buff skb = { 0 };

	if (size < FUZZ_HEAD + sizeof(skb.protocol))
		return 0;
	skb.vlan_present = data[0] & 1;
	skb.vlan_tci = data[1] << 8 | data[2];
	memcpy(&skb.protocol, data + FUZZ_HEAD, sizeof(skb.protocol));
	frame = data + FUZZ_HEAD + sizeof(skb.protocol);
	frame_len = size - FUZZ_HEAD - sizeof(skb.protocol);
	skb.len = frame_len;

	read_pieces(&skb, frame_len, 0, &whole);
	check_report(&whole);
	read_pieces(&skb, data[3], data[4], &pieces);
	MUST(!memcmp(&whole, &pieces, sizeof(whole)));
	return 0;
}
