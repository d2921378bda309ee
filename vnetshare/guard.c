// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of the IP addresses that a VM's frame claims: no loopback addresses,
 * none of the host's, and on a locked port only addresses of its binding.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "addr.h"
#include "binding.h"
#include "bridge.h"
#include "fdb.h"
#include "guard.h"
#include "mode.h"
#include "network.h"
#include "parse.h"
#include "port.h"
#include "snoop.h"

/* The host's device on the VMs' link; NULL if the host is not on it */
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
 * Is the host's duplicate address detection for this address running? A probe
 * of a VM would make the host give the address up.
 */
static bool vns_guard_is_asked_for(const struct vns_network *network,
				   const struct in6_addr *addr)
{
	const struct net_device *dev = vns_guard_host_device(network);

	return dev && vns_addr_is_tentative6(dev, addr);
}

/* Refuse an address of the host; a bridged network announces the conflict. */
static noinline enum vns_stat vns_guard_refuse(struct vns_port *port,
					       const struct sk_buff *skb,
					       const struct in6_addr *addr)
{
	if (READ_ONCE(port->network->mode)->bridged)
		vns_snoop_warn_host(port, skb, addr);
	return VNS_DROP_BAD_SOURCE_ADDRESS;
}

/* A VM claims an address. */
static enum vns_stat vns_guard_claim4(struct vns_port *port,
				      const struct sk_buff *skb, __be32 addr)
{
	struct in6_addr mapped;

	if (unlikely(!vns_binding_allows4(port, addr)))
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
	if (unlikely(!vns_binding_allows6(port, addr)))
		return VNS_DROP_LOCKED;
	if (likely(!vns_guard_is_host6(port->network, addr)))
		return VNS_STAT_MAX;
	return vns_guard_refuse(port, skb, addr);
}

/*
 * The server's answer gives an address to the VM with the MAC address in
 * chaddr. A VM must therefore ask for its own MAC address only; DHCP relays are
 * refused, except from unlocked ports of bridged networks.
 */
static noinline enum vns_stat
vns_guard_check_dhcp(struct vns_port *port, const struct sk_buff *skb,
		     const struct vns_parse *parse)
{
	const struct vns_parse_dhcp *dhcp;
	struct vns_parse_dhcp buffer;

	dhcp = vns_parse_find_dhcp(skb, parse, &buffer);
	if (!dhcp)
		return VNS_DROP_MALFORMED;
	vns_binding_note_request(port, dhcp->xid);
	/* the DHCP server is the LAN's, and VMs may be relays */
	if (READ_ONCE(port->network->mode)->bridged &&
	    !READ_ONCE(port->bound_key))
		return VNS_STAT_MAX;
	return ether_addr_equal(dhcp->chaddr, eth_hdr(skb)->h_source) ?
	       VNS_STAT_MAX : VNS_DROP_LOCKED;
}

static enum vns_stat vns_guard_check_ipv4(struct vns_port *port,
					  const struct sk_buff *skb,
					  const struct vns_parse *parse)
{
	enum vns_stat cause;

	if (ipv4_is_loopback(parse->saddr4) || ipv4_is_loopback(parse->daddr4))
		return VNS_DROP_LOOPBACK_ADDRESS;

	cause = vns_guard_claim4(port, skb, parse->saddr4);
	if (unlikely(cause != VNS_STAT_MAX))
		return cause;
	if (unlikely(parse->flags & VNS_PARSE_CUT_UDP))
		return VNS_DROP_MALFORMED;
	if (unlikely(parse->kind == VNS_PARSE_DHCP_TO_SERVER))
		return vns_guard_check_dhcp(port, skb, parse);
	return VNS_STAT_MAX;
}

static enum vns_stat vns_guard_check_arp(struct vns_port *port,
					 const struct sk_buff *skb,
					 const struct vns_parse *parse)
{
	u64 key = READ_ONCE(port->bound_key);

	/* malformed ARP, which IPv4 stacks ignore */
	if (parse->kind == VNS_PARSE_OTHER)
		return key ? VNS_DROP_LOCKED : VNS_STAT_MAX;
	if (unlikely(key && key != vns_fdb_key(parse->arp.sha)))
		return VNS_DROP_LOCKED;
	return vns_guard_claim4(port, skb, parse->arp.sip);
}

/* Duplicate address detection: a VM asks whether an address is free. */
static enum vns_stat vns_guard_check_probe(struct vns_port *port,
					   const struct sk_buff *skb,
					   const struct in6_addr *target)
{
	if (unlikely(vns_guard_is_asked_for(port->network, target)))
		return vns_guard_refuse(port, skb, target);
	if (!vns_guard_is_host6(port->network, target) &&
	    !vns_binding_claim6(port, target))
		return VNS_DROP_LOCKED;
	return VNS_STAT_MAX;
}

static noinline enum vns_stat vns_guard_check_nd(struct vns_port *port,
						 const struct sk_buff *skb,
						 const struct vns_parse *parse)
{
	struct in6_addr target;

	switch (parse->icmp_type) {
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		if (vns_parse_nd_target(skb, parse, &target))
			return vns_guard_claim6(port, skb, &target);
		break;
	case NDISC_NEIGHBOUR_SOLICITATION:
		if (ipv6_addr_any(&parse->saddr6) &&
		    vns_parse_nd_target(skb, parse, &target))
			return vns_guard_check_probe(port, skb, &target);
		break;
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_REDIRECT:
		if (READ_ONCE(port->bound_key))
			return VNS_DROP_LOCKED;
		break;
	}
	return VNS_STAT_MAX;
}

/* Fragments must not hide neighbour discovery (RFC 6980). */
static enum vns_stat vns_guard_check_fragment(const struct vns_parse *parse)
{
	if (parse->icmp_type < 0 ||
	    (parse->icmp_type >= NDISC_ROUTER_SOLICITATION &&
	     parse->icmp_type <= NDISC_REDIRECT))
		return VNS_DROP_LOCKED;
	return VNS_STAT_MAX;
}

static enum vns_stat vns_guard_check_ipv6(struct vns_port *port,
					  const struct sk_buff *skb,
					  const struct vns_parse *parse)
{
	enum vns_stat cause;

	if (ipv6_addr_loopback(&parse->saddr6) ||
	    ipv6_addr_loopback(&parse->daddr6))
		return VNS_DROP_LOOPBACK_ADDRESS;

	cause = vns_guard_claim6(port, skb, &parse->saddr6);
	if (unlikely(cause != VNS_STAT_MAX))
		return cause;

	if (likely(parse->kind == VNS_PARSE_OTHER))
		return VNS_STAT_MAX;
	if (unlikely(parse->flags & VNS_PARSE_FRAGMENT &&
		     READ_ONCE(port->bound_key)))
		return vns_guard_check_fragment(parse);
	return vns_guard_check_nd(port, skb, parse);
}

/* Offset of the checksum in a transport header, 0 if unknown */
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

/*
 * Is it the inner checksum of a tunnelled GSO frame, which only segmentation
 * can complete? It can not change anything that was checked: behind the outer
 * transport header, only requests to DHCP servers are checked.
 */
static bool vns_guard_csum_is_inner(const struct sk_buff *skb,
				    const struct vns_parse *parse, int start)
{
	if (!skb_is_gso(skb) || !skb->encapsulation)
		return false;

	switch (parse->proto) {
	case IPPROTO_UDP:
		return !(parse->flags & VNS_PARSE_CUT_UDP) &&
		       parse->dport != htons(VNS_PARSE_DHCP_SERVER) &&
		       start >= parse->transport + (int)sizeof(struct udphdr);
	case IPPROTO_GRE:
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return start > parse->transport;
	default:
		return false;
	}
}

/* Does CHECKSUM_PARTIAL fill in the checksum of the transport header? */
static bool vns_guard_csum_is_transport(struct sk_buff *skb,
					const struct vns_parse *parse,
					int start)
{
	if (parse->transport < 0 || parse->flags & VNS_PARSE_FRAGMENT)
		return false;
	if (likely(start == parse->transport))
		return skb->csum_offset == vns_guard_csum_offset(skb,
								 parse->proto);
	return vns_guard_csum_is_inner(skb, parse, start);
}

/**
 * vns_guard_settle_csum() - complete unusual checksums before the checks
 * @skb: a VM's frame of ip_summed CHECKSUM_PARTIAL, skb->data behind the MAC
 *	header; its head may be reallocated
 * @parse: its parsed headers; parsed again if the frame changed
 *
 * With CHECKSUM_PARTIAL, the VM chooses where the last device writes a
 * checksum: it could overwrite an address that was checked before. Any checksum
 * that is not that of a transport header is therefore written at once.
 *
 * Context: softirq or BH disabled.
 * Return: false if the frame must be dropped.
 */
bool vns_guard_settle_csum(struct sk_buff *skb, struct vns_parse *parse)
{
	int start = skb_checksum_start_offset(skb);
	unsigned int end = start + skb->csum_offset + sizeof(__sum16);

	if (start < 0 || end > skb_headlen(skb))
		return false;
	if (likely(vns_guard_csum_is_transport(skb, parse, start)))
		return true;
	if (skb_is_gso(skb) || skb_checksum_help(skb))
		return false;
	vns_parse(skb, parse);
	return true;
}

/**
 * vns_guard_check() - may a VM send a frame with these addresses
 * @port: the VM's port
 * @skb: the frame, skb->data behind the MAC header
 * @parse: its parsed headers
 *
 * Looks behind tags of VLAN 0, which carry only a priority. Another VLAN is
 * another link: its frames are checked for locked ports only.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: a VNS_DROP_* cause; VNS_STAT_MAX if the frame may pass.
 */
enum vns_stat vns_guard_check(struct vns_port *port, const struct sk_buff *skb,
			      const struct vns_parse *parse)
{
	bool locked = READ_ONCE(port->bound_key);

	/* some switches ignore the tag of their own VLAN */
	if (unlikely(parse->flags & VNS_PARSE_VLAN) && !locked)
		return VNS_STAT_MAX;
	if (unlikely(parse->flags & (VNS_PARSE_BAD_TAGS | VNS_PARSE_CUT)))
		return VNS_DROP_MALFORMED;

	switch (parse->type) {
	case htons(ETH_P_IP):
		return vns_guard_check_ipv4(port, skb, parse);
	case htons(ETH_P_IPV6):
		return vns_guard_check_ipv6(port, skb, parse);
	case htons(ETH_P_ARP):
		return vns_guard_check_arp(port, skb, parse);
	default:
		/* 802.3/LLC can carry IP or ARP to receivers that decode it */
		return locked && !eth_proto_is_802_3(parse->type) ?
		       VNS_DROP_LOCKED : VNS_STAT_MAX;
	}
}
