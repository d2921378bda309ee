/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the kernel that vnetshare/parse.c uses, for user space. The
 * structures of the wire are those of linux/uapi where it has them. A frame is
 * in up to three pieces, each of which has its own allocation, so that a
 * sanitizer sees every read behind one.
 */
#ifndef _FUZZ_KERNEL_H
#define _FUZZ_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>
#include <linux/udp.h>

typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __u32 u32;

#define BIT(n)		(1UL << (n))
#define __force
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define htons(x)	((__be16)__builtin_bswap16(x))
#define htonl(x)	((__be32)__builtin_bswap32(x))
#else
#define htons(x)	((__be16)(x))
#define htonl(x)	((__be32)(x))
#endif
#define ntohs(x)	((u16)htons(x))

/* linux/skbuff.h */
#define FUZZ_PIECES	3

struct sk_buff {
	__be16 protocol;
	bool vlan_present;
	u16 vlan_tci;
	unsigned int len;
	u8 *data;
	u8 *piece[FUZZ_PIECES];
	unsigned int piece_len[FUZZ_PIECES];
};

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->piece_len[0];
}

static inline int skb_copy_bits(const struct sk_buff *skb, int offset, void *to,
				int len)
{
	int i, start = 0, from, end;

	if (offset > (int)skb->len - len)
		return -EFAULT;

	for (i = 0; i < FUZZ_PIECES; i++) {
		from = offset > start ? offset : start;
		end = start + (int)skb->piece_len[i];
		if (end > offset + len)
			end = offset + len;
		if (from < end)
			memcpy((u8 *)to + (from - offset),
			       skb->piece[i] + (from - start), end - from);
		start += skb->piece_len[i];
	}
	return 0;
}

static inline void *skb_header_pointer(const struct sk_buff *skb, int offset,
				       int len, void *buffer)
{
	/* the kernel does not look at the sign of an offset, either */
	if (likely((int)skb_headlen(skb) - offset >= len))
		return skb->data + offset;
	return skb_copy_bits(skb, offset, buffer, len) < 0 ? NULL : buffer;
}

/* linux/if_vlan.h */
#define VLAN_HLEN	4
#define VLAN_VID_MASK	0x0fff

struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
};

static inline bool eth_type_vlan(__be16 type)
{
	return type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD);
}

#define skb_vlan_tag_present(skb)	((skb)->vlan_present)
#define skb_vlan_tag_get_id(skb)	((skb)->vlan_tci & VLAN_VID_MASK)

/* net/ip.h */
#define IP_MF		0x2000
#define IP_OFFSET	0x1fff

static inline bool ip_is_fragment(const struct iphdr *iph)
{
	return iph->frag_off & htons(IP_MF | IP_OFFSET);
}

/* net/ipv6.h */
#define NEXTHDR_HOP		0
#define NEXTHDR_ROUTING		43
#define NEXTHDR_FRAGMENT	44
#define NEXTHDR_AUTH		51
#define NEXTHDR_NONE		59
#define NEXTHDR_DEST		60

struct frag_hdr {
	u8 nexthdr;
	u8 reserved;
	__be16 frag_off;
	__be32 identification;
};

bool ipv6_ext_hdr(u8 nexthdr);
int ipv6_skip_exthdr(const struct sk_buff *skb, int start, u8 *nexthdrp,
		     __be16 *frag_offp);

/* net/ndisc.h */
#define NDISC_ROUTER_SOLICITATION	133
#define NDISC_ROUTER_ADVERTISEMENT	134
#define NDISC_NEIGHBOUR_SOLICITATION	135
#define NDISC_NEIGHBOUR_ADVERTISEMENT	136
#define NDISC_REDIRECT			137

struct nd_opt_hdr {
	u8 nd_opt_type;
	u8 nd_opt_len;
};

struct nd_msg {
	struct icmp6hdr icmph;
	struct in6_addr target;
};

struct rs_msg {
	struct icmp6hdr icmph;
};

struct ra_msg {
	struct icmp6hdr icmph;
	__be32 reachable_time;
	__be32 retrans_timer;
};

struct rd_msg {
	struct icmp6hdr icmph;
	struct in6_addr target;
	struct in6_addr dest;
};

#endif /* _FUZZ_KERNEL_H */
