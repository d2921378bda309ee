/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_FRAME_H
#define _VNETSHARE_FRAME_H

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/in6.h>
#include <linux/skbuff.h>

/**
 * struct vns_frame_arp - an ARP packet for IPv4 over Ethernet
 * @hdr: the fixed part
 * @sha: the sender's Ethernet address
 * @sip: the sender's IP address, 0 for one that asks whether @tip is free
 * @tha: the target's Ethernet address
 * @tip: the target's IP address
 */
struct vns_frame_arp {
	struct arphdr hdr;
	u8 sha[ETH_ALEN];
	__be32 sip;
	u8 tha[ETH_ALEN];
	__be32 tip;
} __packed __aligned(2);

/**
 * struct vns_frame_nd - a message of IPv6 neighbour discovery
 * @type: NDISC_*
 * @hop_limit: of the packet; a message that is not from this link has less
 *	than 255
 * @override: an advertisement that replaces what is known
 * @saddr: source of the packet
 * @target: address that a neighbour solicitation, advertisement or redirect is
 *	about
 * @offset: where the ICMPv6 header begins, from skb->data
 * @option: where the next option begins; see vns_frame_next_option()
 * @end: where the message ends
 */
struct vns_frame_nd {
	u8 type;
	u8 hop_limit;
	bool override;
	struct in6_addr saddr;
	struct in6_addr target;
	int offset;
	int option;
	int end;
};

int vns_frame_skip_tags(const struct sk_buff *skb, __be16 *proto);
const struct vns_frame_arp *vns_frame_find_arp(const struct sk_buff *skb,
					       int offset,
					       struct vns_frame_arp *buffer);
int vns_frame_find_nd(const struct sk_buff *skb, int offset,
		      struct vns_frame_nd *nd);
int vns_frame_next_option(const struct sk_buff *skb, struct vns_frame_nd *nd,
			  u8 *type);

/**
 * vns_frame_payload() - find what a frame carries
 * @skb: the frame, skb->data behind the MAC header, skb->protocol set
 * @proto: set to the Ethernet type of what it carries
 *
 * Looks behind tags of VLAN 0, which carry only a priority.
 *
 * Context: any.
 * Return: offset from skb->data; -EINVAL if the frame is cut off, or of a VLAN,
 * which is another link.
 */
static inline int vns_frame_payload(const struct sk_buff *skb, __be16 *proto)
{
	*proto = skb->protocol;
	if (likely(!skb_vlan_tag_present(skb) && !eth_type_vlan(*proto)))
		return 0;
	return vns_frame_skip_tags(skb, proto);
}

#endif /* _VNETSHARE_FRAME_H */
