// SPDX-License-Identifier: GPL-2.0
/*
 * MAC address translation: where the uplink can carry no Ethernet address but
 * its own (a Wi-Fi station, a switch port that allows one address), the VMs
 * share it. On the way out every place where a frame says the VM's address gets
 * the uplink's; on the way in the table of IP addresses (snoop_table.c) says which VM
 * a frame is for.
 *
 * Everything in a frame is hostile. What can not be translated is not sent.
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

/* No message of neighbour discovery needs more options. */
#define VNS_MACNAT_OPTIONS_MAX		64

/*
 * Makes the first @len bytes behind the MAC header, and that, ours to change.
 * May reallocate skb data.
 */
static bool vns_macnat_unshare(struct sk_buff *skb, int len)
{
	if (skb_ensure_writable(skb, len))
		return false;
	/* what it is the sum of is about to change */
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return true;
}

/* Is the checksum of what begins at @offset still to be made, by a device? */
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

/* Where the flags are in a DHCP message behind its UDP header */
#define VNS_MACNAT_DHCP_LEN	offsetof(struct vns_parse_dhcp, ciaddr)

/*
 * A DHCP client may ask to be answered at the Ethernet address that it says in
 * its request, which nothing comes back to: it asks for a broadcast instead.
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

	/* behind the end of the datagram there may be padding */
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

/* The Ethernet address in the option at @at becomes the uplink's. */
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
 * A redirect tells the address of a third: unless that is the sender itself, it
 * is not known here what others have to call it. They do without a redirect.
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
 * vns_macnat_out_plain() - plain TCP or UDP is about to leave by the uplink
 * @skb: what vns_switch_cache_find() found; not shared
 * @uplink_mac: the uplink's Ethernet address, which the VM gets
 *
 * May reallocate skb data.
 *
 * Context: softirq or BH disabled.
 * Return: false if there is no memory: the frame must not be sent.
 */
bool vns_macnat_out_plain(struct sk_buff *skb, const u8 *uplink_mac)
{
	if (unlikely(skb_cow_head(skb, 0)))
		return false;
	ether_addr_copy(eth_hdr(skb)->h_source, uplink_mac);
	return true;
}

/**
 * vns_macnat_out() - a VM's frame is about to leave by the uplink
 * @skb: the frame, skb->data behind the MAC header; may be a clone, not shared
 * @parse: what is in it
 * @uplink_mac: the uplink's Ethernet address, which the VM gets
 *
 * May reallocate skb data.
 *
 * Context: softirq or BH disabled.
 * Return: false if the frame can not be translated: it must not be sent. The
 * skb stays the caller's.
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

/* Sets @to and @mac to the VM that has an address; returns false if none has. */
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

	/* an answer to who asked, without having an address, who has this one */
	target = arp->tip;
	if (!target && arp->hdr.ar_op == htons(ARPOP_REPLY))
		target = arp->sip;

	if (!vns_macnat_find(network,
			     vns_snoop_table_find4_rcu(&network->snoop, target),
			     to, &mac)) {
		/* what an access point made of a broadcast: a VM may know */
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
 * A DHCP server that answers to the Ethernet address all the same, before the
 * VM has the IP address. Sets @to and @mac to the VM that the answer says.
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
		return false;	/* nobody's, or known to be outside */

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
 * vns_macnat_in() - find whom a frame to the uplink's Ethernet address is for
 * @network: the network whose VMs share that address
 * @skb: the frame, skb->data behind the MAC header, skb->dev the uplink; may be
 *	a clone, not shared
 * @parse: what is in it; the addresses of IP and the sender of ARP stay true
 * @to: set to the VM's port for VNS_MACNAT_VM
 *
 * Access points send groups a frame to the address of each station; it gets the
 * group's address back, and skb->pkt_type follows. May reallocate skb data.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: see &enum vns_macnat_verdict; the skb stays the caller's.
 */
enum vns_macnat_verdict vns_macnat_in(struct vns_network *network,
				      struct sk_buff *skb,
				      const struct vns_parse *parse,
				      struct vns_port **to)
{
	/* the host's on another link, or not to be told whose */
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
