/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PARSE_H
#define _VNETSHARE_PARSE_H

#include <linux/bits.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/types.h>

struct sk_buff;

/**
 * DOC: Parse once
 *
 * vns_parse() reads a frame once, and every check and translation of the slow
 * path reads &struct vns_parse. Each byte may be hostile: the parser never
 * decides what happens to a frame, it says how far the frame could be read.
 *
 * - VNS_PARSE_BAD_TAGS: the Ethernet type behind the tags is not known, nothing
 *   else is set.
 * - VNS_PARSE_CUT: the Ethernet type is known, its header (IPv4, IPv6, or the
 *   sender's half of ARP) is not in the frame; no address is set.
 * - &vns_parse.transport is negative: there is an IP header, but no transport
 *   header that belongs to it: the frame is a later fragment
 *   (VNS_PARSE_LATER), the length of the IPv4 header is wrong
 *   (VNS_PARSE_BAD_IHL), or the chain of IPv6 extension headers ends early.
 * - VNS_PARSE_CUT_UDP: there is a place for a UDP header, but no header.
 * - &vns_parse.kind says whether the parts that more than one reader needs are
 *   well-formed. VNS_PARSE_ND_SUSPECT is what a receiver could take for
 *   neighbour discovery, though it is not well-formed.
 *
 * Offsets count from skb->data, behind the MAC header, and stay valid when the
 * skb's head is reallocated. A function that changes the addresses or the
 * length of a frame makes the result stale.
 */

/**
 * enum vns_parse_kind - kinds of messages with fields of their own
 * @VNS_PARSE_OTHER: none of the others
 * @VNS_PARSE_ARP: a whole ARP packet for IPv4 over Ethernet
 * @VNS_PARSE_ARP_SENDER: such a packet, cut off behind the sender's half
 * @VNS_PARSE_ND: a whole message of IPv6 neighbour discovery, not in fragments;
 *	its options are not yet checked
 * @VNS_PARSE_ND_SUSPECT: ICMPv6 that is cut off; or neighbour discovery that is
 *	cut off or in fragments (RFC 6980 forbids these); or a first fragment
 *	whose chain of headers is cut off, so that it may be anything
 * @VNS_PARSE_DHCP_TO_SERVER: a UDP datagram, or its first fragment, to the port
 *	of DHCP servers (IPv4); its content is not yet read
 * @VNS_PARSE_DHCP_TO_CLIENT: a UDP datagram, not in fragments, from a DHCP
 *	server's port to a client's
 */
enum vns_parse_kind {
	VNS_PARSE_OTHER,
	VNS_PARSE_ARP,
	VNS_PARSE_ARP_SENDER,
	VNS_PARSE_ND,
	VNS_PARSE_ND_SUSPECT,
	VNS_PARSE_DHCP_TO_SERVER,
	VNS_PARSE_DHCP_TO_CLIENT,
};

/* A tag names a VLAN other than 0, in the frame or in the skb's metadata. */
#define VNS_PARSE_VLAN		BIT(0)
/* There are more tags than are read, or the last is cut off. */
#define VNS_PARSE_BAD_TAGS	BIT(1)
/* The header behind the tags is cut off. */
#define VNS_PARSE_CUT		BIT(2)
/* IPv4's header claims less than its minimal length. */
#define VNS_PARSE_BAD_IHL	BIT(3)
/*
 * Part of a fragmented packet, or IPv6's fragment header says more than that.
 */
#define VNS_PARSE_FRAGMENT	BIT(4)
/* Not the first fragment. */
#define VNS_PARSE_LATER		BIT(5)
/* The protocol is UDP, but the frame ends before the UDP header does. */
#define VNS_PARSE_CUT_UDP	BIT(6)
/* A neighbour advertisement with the override flag. */
#define VNS_PARSE_OVERRIDE	BIT(7)

/* Ports of DHCP for IPv4 */
#define VNS_PARSE_DHCP_SERVER	67
#define VNS_PARSE_DHCP_CLIENT	68

/* Types of DHCP messages, option 53 */
#define VNS_PARSE_DHCP_ACK	5

/**
 * struct vns_parse_arp - an ARP packet for IPv4 over Ethernet
 * @hdr: the fixed part
 * @sha: the sender's Ethernet address
 * @sip: the sender's IP address, 0 for one that asks whether @tip is free
 * @tha: the target's Ethernet address
 * @tip: the target's IP address
 */
struct vns_parse_arp {
	struct arphdr hdr;
	u8 sha[ETH_ALEN];
	__be32 sip;
	u8 tha[ETH_ALEN];
	__be32 tip;
} __packed __aligned(2);

/* How a DHCP message (RFC 2131) begins, behind the UDP header */
struct vns_parse_dhcp {
	u8 op;
	u8 htype;
	u8 hlen;
	u8 hops;
	__be32 xid;
	__be16 secs;
	__be16 flags;
	__be32 ciaddr;
	__be32 yiaddr;
	__be32 siaddr;
	__be32 giaddr;
	u8 chaddr[16];
};

/**
 * struct vns_parse - parsed headers of a frame
 * @type: Ethernet type behind the tags; a length for LLC
 * @flags: VNS_PARSE_*; always set
 * @kind: &enum vns_parse_kind; always set
 * @proto: protocol of the transport header; set where @transport is not
 *	negative
 * @network: offset of the header behind the tags
 * @hop_limit: of IPv6
 * @transport: where the transport header should be; it may be cut off. Negative
 *	for none, and for all but IPv4 and IPv6
 * @end: end of the packet by its length field: may be beyond the end of the
 *	frame, or before its padding; IPv6, and the end of the UDP datagram
 *	for VNS_PARSE_DHCP_*
 * @icmp_type: type of ICMPv6, if @proto is that; negative: it is cut off. Set
 *	for VNS_PARSE_ND, VNS_PARSE_ND_SUSPECT
 * @sport: source port of UDP without VNS_PARSE_CUT_UDP
 * @dport: destination port, likewise
 * @option: where the options begin, for VNS_PARSE_ND
 * @saddr4: IPv4, without VNS_PARSE_CUT
 * @daddr4: likewise
 * @saddr6: IPv6, without VNS_PARSE_CUT
 * @daddr6: likewise
 * @arp: for VNS_PARSE_ARP; the sender's half for VNS_PARSE_ARP_SENDER
 *
 * Lives on the stack and is not cleared: a member is valid only as said here.
 */
struct vns_parse {
	__be16 type;
	u8 flags;
	u8 kind;
	u8 proto;
	u8 network;
	u8 hop_limit;
	int transport;
	int end;
	s16 icmp_type;
	union {
		struct {
			__be16 sport;
			__be16 dport;
		};
		int option;
	};
	union {
		struct {
			__be32 saddr4;
			__be32 daddr4;
		};
		struct {
			struct in6_addr saddr6;
			struct in6_addr daddr6;
		};
		struct vns_parse_arp arp;
	};
};

void vns_parse(const struct sk_buff *skb, struct vns_parse *parse);
bool vns_parse_nd_target(const struct sk_buff *skb,
			 const struct vns_parse *parse, struct in6_addr *addr);
int vns_parse_nd_option(const struct sk_buff *skb,
			const struct vns_parse *parse, int *next, u8 *type);
const struct vns_parse_dhcp *
vns_parse_find_dhcp(const struct sk_buff *skb, const struct vns_parse *parse,
		    struct vns_parse_dhcp *buffer);
u8 vns_parse_dhcp_type(const struct sk_buff *skb,
		       const struct vns_parse *parse);

/*
 * Is a frame without a VLAN, and its type known? Tags of VLAN 0 carry only a
 * priority.
 */
static inline bool vns_parse_on_link(const struct vns_parse *parse)
{
	return !(parse->flags & (VNS_PARSE_VLAN | VNS_PARSE_BAD_TAGS));
}

/* Does a frame have a whole IP header of type (network order)? */
static inline bool vns_parse_has_ip(const struct vns_parse *parse, __be16 type)
{
	return parse->type == type &&
	       !(parse->flags & (VNS_PARSE_BAD_TAGS | VNS_PARSE_CUT));
}

#endif /* _VNETSHARE_PARSE_H */
