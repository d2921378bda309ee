// SPDX-License-Identifier: GPL-2.0
/*
 * MAC address translation, for uplinks that carry no other MAC address than
 * their own (a Wi-Fi station, a switch port that allows one address): the VMs
 * share it. In frames to the LAN, the uplink's MAC address replaces the VM's
 * wherever that occurs. Frames from the LAN go to the VM that has the IP
 * address (snoop_table.c).
 *
 * Everything in a frame may be hostile. Frames that can not be translated are
 * dropped.
 */
#include <linux/etherdevice.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/if_inet6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/route.h>

#include "fdb.h"
#include "macnat.h"
#include "network.h"
#include "parse.h"
#include "port.h"
#include "snoop_table.h"

#define VNS_MACNAT_BOOTREQUEST		1
#define VNS_MACNAT_BOOTREPLY		2
#define VNS_MACNAT_DHCP_BROADCAST	0x8000

/* Neighbour discovery messages with more options are not translated. */
#define VNS_MACNAT_OPTIONS_MAX		64

/*
 * Make the MAC header and the first @len bytes behind it writable. May
 * reallocate skb data.
 */
static bool vns_macnat_unshare(struct sk_buff *skb, int len)
{
	if (skb_ensure_writable(skb, len))
		return false;
	/* CHECKSUM_COMPLETE is wrong once the data change */
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return true;
}

/* Will a device compute the checksum of the header at @offset? */
static bool vns_macnat_is_unsummed(const struct sk_buff *skb, int offset)
{
	return skb->ip_summed == CHECKSUM_PARTIAL &&
	       skb_checksum_start_offset(skb) == offset;
}

static bool vns_macnat_out_arp(struct sk_buff *skb,
			       const struct vns_parse *parse,
			       const u8 *uplink_mac)
{
	struct vns_parse_arp *arp;

	if (parse->kind != VNS_PARSE_ARP ||
	    !vns_macnat_unshare(skb, parse->network + sizeof(*arp)))
		return false;

	arp = (struct vns_parse_arp *)(skb->data + parse->network);
	ether_addr_copy(arp->sha, uplink_mac);
	return true;
}

/* Length of a DHCP message up to and including its flags */
#define VNS_MACNAT_DHCP_LEN	offsetof(struct vns_parse_dhcp, ciaddr)

/*
 * A DHCP server may send its answer to the client's MAC address, which the LAN
 * can not reach here. Set the flag that asks for a broadcast.
 */
static noinline bool vns_macnat_out_dhcp(struct sk_buff *skb,
					 const struct vns_parse *parse)
{
	struct vns_parse_dhcp buffer, *dhcp;
	const struct vns_parse_dhcp *old;
	int offset = parse->transport;
	struct udphdr *udp;
	int end = offset + sizeof(*udp) + VNS_MACNAT_DHCP_LEN;
	__be16 flags;

	/* the datagram ends before the flags; do not change padding */
	if (parse->end < end)
		return true;
	old = vns_parse_find_dhcp(skb, parse, &buffer);
	if (!old || old->op != VNS_MACNAT_BOOTREQUEST ||
	    old->flags & htons(VNS_MACNAT_DHCP_BROADCAST))
		return true;
	if (!vns_macnat_unshare(skb, end))
		return false;

	udp = (struct udphdr *)(skb->data + offset);
	dhcp = (struct vns_parse_dhcp *)(udp + 1);
	flags = dhcp->flags | htons(VNS_MACNAT_DHCP_BROADCAST);
	if (udp->check && !vns_macnat_is_unsummed(skb, offset)) {
		csum_replace2(&udp->check, dhcp->flags, flags);
		if (!udp->check)
			udp->check = CSUM_MANGLED_0;
	}
	dhcp->flags = flags;
	return true;
}

static bool vns_macnat_out_ipv4(struct sk_buff *skb,
				const struct vns_parse *parse)
{
	if (unlikely(parse->flags & (VNS_PARSE_CUT | VNS_PARSE_BAD_IHL)))
		return false;
	return likely(parse->kind != VNS_PARSE_DHCP_TO_SERVER) ||
	       vns_macnat_out_dhcp(skb, parse);
}

/* Write the uplink's MAC address into the option at @at. */
static bool vns_macnat_set_option(struct sk_buff *skb,
				  const struct vns_parse *parse, int at,
				  const u8 *uplink_mac)
{
	__be16 old[ETH_ALEN / 2], new[ETH_ALEN / 2];
	struct icmp6hdr *icmph;
	u8 *mac;
	int i;

	at += sizeof(struct nd_opt_hdr);
	if (!vns_macnat_unshare(skb, at + ETH_ALEN))
		return false;

	icmph = (struct icmp6hdr *)(skb->data + parse->transport);
	mac = skb->data + at;
	memcpy(old, mac, ETH_ALEN);
	memcpy(new, uplink_mac, ETH_ALEN);
	if (!vns_macnat_is_unsummed(skb, parse->transport))
		for (i = 0; i < ETH_ALEN / 2; i++)
			csum_replace2(&icmph->icmp6_cksum, old[i], new[i]);
	ether_addr_copy(mac, uplink_mac);
	return true;
}

/*
 * Drop redirects about another machine than the sender: its translated MAC
 * address is not known here.
 */
static bool vns_macnat_may_set(const struct sk_buff *skb,
			       const struct vns_parse *parse, int at)
{
	u8 mac[ETH_ALEN] __aligned(2);

	if (likely(parse->icmp_type != NDISC_REDIRECT))
		return true;
	return !skb_copy_bits(skb, at + sizeof(struct nd_opt_hdr), mac,
			      ETH_ALEN) &&
	       ether_addr_equal(mac, eth_hdr(skb)->h_source);
}

static noinline bool vns_macnat_out_nd(struct sk_buff *skb,
				       const struct vns_parse *parse,
				       const u8 *uplink_mac)
{
	int next = parse->option;
	int at, i;
	u8 type;

	for (i = 0; i < VNS_MACNAT_OPTIONS_MAX; i++) {
		at = vns_parse_nd_option(skb, parse, &next, &type);
		if (at <= 0)
			return !at;
		if (type != ND_OPT_SOURCE_LL_ADDR &&
		    type != ND_OPT_TARGET_LL_ADDR)
			continue;
		if (!vns_macnat_may_set(skb, parse, at) ||
		    !vns_macnat_set_option(skb, parse, at, uplink_mac))
			return false;
	}
	return false;
}

static bool vns_macnat_out_ipv6(struct sk_buff *skb,
				const struct vns_parse *parse,
				const u8 *uplink_mac)
{
	if (unlikely(parse->flags & VNS_PARSE_CUT))
		return false;
	if (likely(parse->kind == VNS_PARSE_OTHER))
		return true;
	return parse->kind == VNS_PARSE_ND &&
	       vns_macnat_out_nd(skb, parse, uplink_mac);
}

/**
 * vns_macnat_out_plain() - translate plain TCP or UDP that leaves by the uplink
 * @skb: a frame that vns_switch_cache_find() found an entry for; not shared
 * @uplink_mac: the new source MAC address
 *
 * May reallocate skb data.
 *
 * Context: softirq or BH disabled.
 * Return: false if there is no memory: the frame must not be sent. The caller
 * keeps the skb.
 */
bool vns_macnat_out_plain(struct sk_buff *skb, const u8 *uplink_mac)
{
	if (unlikely(skb_cow_head(skb, 0)))
		return false;
	ether_addr_copy(eth_hdr(skb)->h_source, uplink_mac);
	return true;
}

/**
 * vns_macnat_out() - translate a VM's frame that leaves by the uplink
 * @skb: the frame, skb->data behind the MAC header; may be a clone, not shared
 * @parse: its parsed headers
 * @uplink_mac: replaces the VM's MAC address
 *
 * May reallocate skb data.
 *
 * Context: softirq or BH disabled.
 * Return: false if the frame can not be translated and must not be sent. The
 * caller keeps the skb.
 */
bool vns_macnat_out(struct sk_buff *skb, const struct vns_parse *parse,
		    const u8 *uplink_mac)
{
	bool done = false;

	if (unlikely(!vns_parse_on_link(parse)))
		return false;

	switch (parse->type) {
	case htons(ETH_P_IP):
		done = vns_macnat_out_ipv4(skb, parse);
		break;
	case htons(ETH_P_IPV6):
		done = vns_macnat_out_ipv6(skb, parse, uplink_mac);
		break;
	case htons(ETH_P_ARP):
		done = vns_macnat_out_arp(skb, parse, uplink_mac);
		break;
	}
	return likely(done) && vns_macnat_out_plain(skb, uplink_mac);
}

/* May reallocate skb data. */
static enum vns_macnat_verdict vns_macnat_to_group(struct sk_buff *skb,
						   const u8 *group)
{
	if (skb_cow_head(skb, 0))
		return VNS_MACNAT_DROP;

	ether_addr_copy(eth_hdr(skb)->h_dest, group);
	skb->pkt_type = is_broadcast_ether_addr(group) ? PACKET_BROADCAST :
							 PACKET_MULTICAST;
	return VNS_MACNAT_GROUP;
}

/* May reallocate skb data. */
static enum vns_macnat_verdict vns_macnat_to_vm(struct sk_buff *skb, u64 mac)
{
	if (skb_cow_head(skb, 0))
		return VNS_MACNAT_DROP;

	vns_fdb_key_to_mac(mac, eth_hdr(skb)->h_dest);
	return VNS_MACNAT_VM;
}

/* Sets @to and @mac to the entry's VM; returns false if there is none. */
static bool vns_macnat_find(struct vns_network *network,
			    struct vns_snoop_entry *entry,
			    struct vns_port **to, u64 *mac)
{
	if (!entry || unlikely(!vns_snoop_table_is_vm_rcu(network, entry)))
		return false;

	*to = rcu_dereference(entry->port);
	*mac = READ_ONCE(entry->mac);
	return true;
}

static enum vns_macnat_verdict vns_macnat_in_arp(struct vns_network *network,
						 struct sk_buff *skb,
						 const struct vns_parse *parse,
						 struct vns_port **to)
{
	const struct vns_parse_arp *arp = &parse->arp;
	struct net *net = dev_net(network->dev);
	u8 group[ETH_ALEN] __aligned(2);
	struct vns_parse_arp *new;
	__be32 target;
	u64 mac;

	if (parse->kind != VNS_PARSE_ARP)
		return VNS_MACNAT_HOST;

	/* reply to an ARP probe: the address is in sip */
	target = arp->tip;
	if (!target && arp->hdr.ar_op == htons(ARPOP_REPLY))
		target = arp->sip;

	if (!vns_macnat_find(network,
			     vns_snoop_table_find4_rcu(&network->snoop, target),
			     to, &mac)) {
		/* a broadcast that an access point sent as unicast */
		if (arp->hdr.ar_op != htons(ARPOP_REQUEST) ||
		    inet_addr_type_dev_table(net, skb->dev, target) ==
		    RTN_LOCAL)
			return VNS_MACNAT_HOST;
		eth_broadcast_addr(group);
		return vns_macnat_to_group(skb, group);
	}

	if (!vns_macnat_unshare(skb, parse->network + sizeof(*new)))
		return VNS_MACNAT_DROP;
	new = (struct vns_parse_arp *)(skb->data + parse->network);
	if (ether_addr_equal(new->tha, eth_hdr(skb)->h_dest))
		vns_fdb_key_to_mac(mac, new->tha);
	return vns_macnat_to_vm(skb, mac);
}

/* Is an address the broadcast address of a subnet that the uplink is on? */
static bool vns_macnat_is_broadcast(const struct net_device *dev, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;

	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (ifa->ifa_broadcast == addr)
			return true;
	return false;
}

/*
 * Some DHCP servers answer to the client's MAC address even if the client asked
 * for a broadcast. The VM does not have the IP address yet: sets @to and @mac
 * to the VM whose MAC address is in the answer.
 */
static noinline bool vns_macnat_find_dhcp(struct vns_network *network,
					  const struct sk_buff *skb,
					  const struct vns_parse *parse,
					  struct vns_port **to, u64 *mac)
{
	const struct vns_parse_dhcp *dhcp;
	struct vns_parse_dhcp buffer;
	struct vns_port *port;

	dhcp = vns_parse_find_dhcp(skb, parse, &buffer);
	if (!dhcp || dhcp->op != VNS_MACNAT_BOOTREPLY ||
	    dhcp->hlen != ETH_ALEN || !is_valid_ether_addr(dhcp->chaddr) ||
	    inet_addr_type_dev_table(dev_net(network->dev), skb->dev,
				     dhcp->yiaddr) == RTN_LOCAL)
		return false;

	port = vns_fdb_find_rcu(&network->fdb, dhcp->chaddr);
	if (!port || vns_port_is_uplink(port))
		return false;	/* unknown, or outside */

	*to = port;
	*mac = vns_fdb_key(dhcp->chaddr);
	return true;
}

static enum vns_macnat_verdict vns_macnat_in_ipv4(struct vns_network *network,
						  struct sk_buff *skb,
						  const struct vns_parse *parse,
						  struct vns_port **to)
{
	u8 group[ETH_ALEN] __aligned(2);
	__be32 daddr = parse->daddr4;
	u64 mac;

	if (unlikely(ipv4_is_multicast(daddr))) {
		ip_eth_mc_map(daddr, group);
		return vns_macnat_to_group(skb, group);
	}
	if (unlikely(ipv4_is_lbcast(daddr) ||
		     vns_macnat_is_broadcast(skb->dev, daddr))) {
		eth_broadcast_addr(group);
		return vns_macnat_to_group(skb, group);
	}

	if (vns_macnat_find(network,
			    vns_snoop_table_find4_rcu(&network->snoop, daddr),
			    to, &mac) ||
	    (unlikely(parse->kind == VNS_PARSE_DHCP_TO_CLIENT) &&
	     vns_macnat_find_dhcp(network, skb, parse, to, &mac)))
		return vns_macnat_to_vm(skb, mac);
	return VNS_MACNAT_HOST;
}

static enum vns_macnat_verdict vns_macnat_in_ipv6(struct vns_network *network,
						  struct sk_buff *skb,
						  const struct vns_parse *parse,
						  struct vns_port **to)
{
	const struct in6_addr *daddr = &parse->daddr6;
	u8 group[ETH_ALEN] __aligned(2);
	u64 mac;

	/* on the wire, ::ffff:a.b.c.d is no IPv4 address */
	if (ipv6_addr_v4mapped(daddr))
		return VNS_MACNAT_HOST;

	if (unlikely(ipv6_addr_is_multicast(daddr))) {
		ipv6_eth_mc_map(daddr, group);
		return vns_macnat_to_group(skb, group);
	}

	if (vns_macnat_find(network,
			    vns_snoop_table_find_rcu(&network->snoop, daddr),
			    to, &mac))
		return vns_macnat_to_vm(skb, mac);
	return VNS_MACNAT_HOST;
}

/**
 * vns_macnat_in() - find the receiver of a frame to the uplink's MAC address
 * @network: the network whose VMs share that address
 * @skb: the frame, skb->data behind the MAC header, skb->dev the uplink; may be
 *	a clone, not shared
 * @parse: its parsed headers; all but the target of ARP stay valid
 * @to: set to the VM's port for VNS_MACNAT_VM
 *
 * Access points may send a group's frame to each station's own address: it gets
 * the group's address again, and skb->pkt_type is set. May reallocate skb data.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: see &enum vns_macnat_verdict. The caller keeps the skb.
 */
enum vns_macnat_verdict vns_macnat_in(struct vns_network *network,
				      struct sk_buff *skb,
				      const struct vns_parse *parse,
				      struct vns_port **to)
{
	/* a VLAN of the host, or unreadable */
	if (unlikely(!vns_parse_on_link(parse) ||
		     parse->flags & VNS_PARSE_CUT))
		return VNS_MACNAT_HOST;

	switch (parse->type) {
	case htons(ETH_P_IP):
		return vns_macnat_in_ipv4(network, skb, parse, to);
	case htons(ETH_P_IPV6):
		return vns_macnat_in_ipv6(network, skb, parse, to);
	case htons(ETH_P_ARP):
		return vns_macnat_in_arp(network, skb, parse, to);
	default:
		return VNS_MACNAT_HOST;
	}
}
