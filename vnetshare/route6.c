// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6 routing between a network's VMs and the outside on a host that is not a
 * router: with conf.all.forwarding the host would lose its own address from
 * router advertisements. Structured like route4.c.
 */
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/gso.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/xfrm.h>

#include <vns_compat.h>

#include "addr.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "route.h"
#include "stats.h"

/*
 * Look for a routing header with segments left, also behind one without.
 *
 * Return: a VNS_DROP_* cause, VNS_STAT_MAX if the packet may go on.
 */
static enum vns_stat vns_route6_check_headers(const struct sk_buff *skb)
{
	int flags = IP6_FH_F_SKIP_RH;
	unsigned int offset = 0;
	int err;

	if (likely(!ipv6_ext_hdr(ipv6_hdr(skb)->nexthdr)))
		return VNS_STAT_MAX;

	err = ipv6_find_hdr(skb, &offset, NEXTHDR_ROUTING, NULL, &flags);
	if (err == -ENOENT)
		return VNS_STAT_MAX;
	return err < 0 ? VNS_DROP_MALFORMED : VNS_DROP_SOURCE_ROUTE;
}

/* Does the route lead to the host itself? */
static bool vns_route6_is_local(const struct dst_entry *dst)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);

	return rt->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST);
}

/* Policy rules and multipath routes may depend on the ports. */
static void vns_route6_set_flow_ports(struct flowi6 *fl6,
				      const struct sk_buff *skb)
{
	__be16 buffer[2];
	const __be16 *ports;

	switch (fl6->flowi6_proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		ports = skb_header_pointer(skb, sizeof(struct ipv6hdr),
					   sizeof(buffer), buffer);
		if (ports) {
			fl6->fl6_sport = ports[0];
			fl6->fl6_dport = ports[1];
		}
		break;
	}
}

static struct dst_entry *vns_route6_lookup(struct net *net,
					   const struct sk_buff *skb, int oif)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct flowi6 fl6 = {
		.flowi6_oif	= oif,
		.flowi6_iif	= LOOPBACK_IFINDEX,
		.flowi6_mark	= skb->mark,
		.flowi6_proto	= ip6h->nexthdr,
		.flowlabel	= ip6_flowinfo(ip6h),
		.daddr		= ip6h->daddr,
	};
	struct dst_entry *dst;
	int err;

	/* the lookup enforces the device only without a source address */
	if (!oif)
		fl6.saddr = ip6h->saddr;
	vns_route6_set_flow_ports(&fl6, skb);

	dst = ip6_route_output(net, NULL, &fl6);
	err = dst->error;
	if (err) {
		dst_release(dst);
		return ERR_PTR(err);
	}
	return dst;
}

/*
 * Choose the route for a VM's packet that is not for the host: the one that was
 * found, or one by the network's configured uplink. Consumes the reference to
 * @dst.
 */
static struct dst_entry *vns_route6_lookup_way(struct net *net,
					       struct vns_network *network,
					       const struct sk_buff *skb,
					       struct dst_entry *dst)
{
	int ifindex = READ_ONCE(network->uplink.ifindex);

	if (dst->dev == network->dev)
		return dst;

	if (!READ_ONCE(network->mode)->outside) {
		dst_release(dst);
		return ERR_PTR(-EACCES);
	}
	if (!ifindex || dst->dev->ifindex == ifindex ||
	    vns_network_is(dst->dev))
		return dst;

	dst_release(dst);
	if (ifindex < 0)
		return ERR_PTR(-ENETUNREACH);
	return vns_route6_lookup(net, skb, ifindex);
}

/* Send the reason to the VM in an ICMPv6 error. */
static void vns_route6_send_unreachable(struct sk_buff *skb, int err)
{
	u8 code;

	switch (err) {
	case -ENETUNREACH:
	case -EHOSTUNREACH:
		code = ICMPV6_NOROUTE;
		break;
	case -EACCES:
		code = ICMPV6_ADM_PROHIBITED;
		break;
	default:
		return;	/* a blackhole route */
	}

	icmpv6_send(skb, ICMPV6_DEST_UNREACH, code, 0);
}

static bool vns_route6_exceeds_mtu(const struct sk_buff *skb, unsigned int mtu)
{
	if (skb->len <= mtu)
		return false;

	/* defragmented, and a fragment was longer than the MTU */
	if (unlikely(IP6CB(skb)->frag_max_size > mtu))
		return true;
	if (skb->ignore_df)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

/*
 * Forward the packet along its route as ip6_forward() does. Consumes the skb.
 */
static unsigned int vns_route6_forward(struct vns_network *network,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	struct dst_entry *dst = skb_dst(skb);
	struct inet6_dev *idev = ip6_dst_idev(dst);
	struct net *net = state->net;
	enum vns_stat cause;
	unsigned int mtu;

	cause = VNS_DROP_NOT_ALLOWED;
	if (unlikely(skb->sk || skb_warn_if_lro(skb) ||
		     !xfrm6_policy_check(NULL, XFRM_POLICY_FWD, skb)))
		goto drop;

	skb_forward_csum(skb);

	if (unlikely(ipv6_hdr(skb)->hop_limit <= 1)) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
		icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
		cause = VNS_DROP_TTL;
		goto drop;
	}

	mtu = max_t(unsigned int, ip6_dst_mtu_maybe_forward(dst, true),
		    IPV6_MIN_MTU);
	if (unlikely(vns_route6_exceeds_mtu(skb, mtu))) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGFAILS);
		icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
		cause = VNS_DROP_TOO_BIG;
		goto drop;
	}

	if (unlikely(skb_cow(skb, LL_RESERVED_SPACE(dst->dev) +
				  dst->header_len))) {
		cause = VNS_DROP_NO_MEMORY;
		goto drop;
	}

	ipv6_hdr(skb)->hop_limit--;
	IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTFORWDATAGRAMS);
	skb_clear_tstamp(skb);
	vns_route_send(network, skb, state);
	return NF_STOLEN;

drop:
	vns_stats_drop(network, skb, cause);
	return NF_STOLEN;
}

/*
 * Check the addresses and headers of a VM's packet.
 *
 * Return: a VNS_DROP_* cause, VNS_STAT_MAX if the packet may go on.
 */
static enum vns_stat
vns_route6_check_header(const struct vns_network *network,
			const struct sk_buff *skb, bool to_group)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	if (ipv6_addr_loopback(&ip6h->saddr) ||
	    (ipv6_addr_loopback(&ip6h->daddr) && !vns_nat_to_loopback(skb)))
		return VNS_DROP_LOOPBACK_ADDRESS;
	if (!to_group && skb->pkt_type != PACKET_HOST)
		return VNS_DROP_NOT_ALLOWED;

	if (!(to_group && ipv6_addr_any(&ip6h->saddr)) &&
	    !vns_addr_source_ok6(network, &ip6h->saddr))
		return VNS_DROP_BAD_SOURCE_ADDRESS;
	return vns_route6_check_headers(skb);
}

/*
 * Keep the network's device a router. A change of conf.all.forwarding changes
 * the setting of every device without a notification. With the setting off, the
 * host's next neighbour advertisement would tell VMs that it is no router. The
 * host advertises in response to a packet that passes here, so the setting is
 * restored in time.
 */
static void vns_route6_stay_router(const struct vns_network *network)
{
	struct inet6_dev *idev = __in6_dev_get(network->dev);

	if (idev && unlikely(!READ_ONCE(idev->cnf.forwarding)))
		WRITE_ONCE(idev->cnf.forwarding, 1);
}

/*
 * Route a VM's reply to ::1, on a connection that a port forward carried. The
 * stack's own lookup would require the loopback device.
 */
static unsigned int vns_route6_to_loopback(struct vns_network *network,
					   struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	struct flowi6 fl6 = { .daddr = in6addr_loopback };
	struct dst_entry *dst;

	dst = ip6_route_output(state->net, NULL, &fl6);
	if (unlikely(dst->error)) {
		dst_release(dst);
		vns_stats_drop(network, skb, VNS_DROP_NO_ROUTE);
		return NF_STOLEN;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	return NF_ACCEPT;
}

static unsigned int vns_route6_from_vm(struct vns_network *network,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	bool to_group = ipv6_addr_is_multicast(&ip6h->daddr);
	struct dst_entry *dst;
	enum vns_stat cause;

	vns_route6_stay_router(network);
	cause = vns_route6_check_header(network, skb, to_group);
	if (unlikely(cause != VNS_STAT_MAX))
		goto drop;

	/* neighbour discovery, DHCPv6, mDNS, ...: handled by the stack */
	if (to_group || ipv6_addr_type(&ip6h->daddr) & IPV6_ADDR_LINKLOCAL)
		return NF_ACCEPT;
	if (unlikely(ipv6_addr_loopback(&ip6h->daddr)))
		return vns_route6_to_loopback(network, skb, state);

	dst = vns_route6_lookup(state->net, skb, 0);
	if (!IS_ERR(dst)) {
		if (vns_route6_is_local(dst)) {
			dst_release(dst);
			if (likely(vns_addr_host_ok6(network, &ip6h->daddr)))
				return NF_ACCEPT;
			vns_route6_send_unreachable(skb, -EACCES);
			cause = VNS_DROP_NOT_ALLOWED;
			goto drop;
		}
		dst = vns_route6_lookup_way(state->net, network, skb, dst);
	}

	if (IS_ERR(dst)) {
		vns_route6_send_unreachable(skb, PTR_ERR(dst));
		cause = PTR_ERR(dst) == -EACCES ? VNS_DROP_NOT_ALLOWED :
						  VNS_DROP_NO_ROUTE;
		goto drop;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, dst);

	if (unlikely(ipv6_addr_type(&ip6h->saddr) & IPV6_ADDR_LINKLOCAL)) {
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_NOT_NEIGHBOUR, 0);
		cause = VNS_DROP_BAD_SOURCE_ADDRESS;
		goto drop;
	}
	return vns_route6_forward(network, skb, state);

drop:
	vns_stats_drop(network, skb, cause);
	return NF_STOLEN;
}

/*
 * May a packet from outside have its source address? A reply comes from an
 * address that the VM chose.
 */
static bool vns_route6_source_ok(const struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;

	nf_ct_get(skb, &ctinfo);
	return CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY ||
	       vns_addr_outside_ok6(state->in, skb);
}

/*
 * Route a packet from outside that conntrack has translated, if it is for a VM.
 */
static unsigned int vns_route6_to_vm(struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct vns_network *network;
	struct dst_entry *dst;
	enum vns_stat cause;

	dst = vns_route6_lookup(state->net, skb, 0);
	if (IS_ERR(dst))
		return NF_ACCEPT;

	network = vns_network_of(dst->dev);
	if (!network || vns_route6_is_local(dst)) {
		dst_release(dst);
		return NF_ACCEPT;
	}
	/* the stack of a host that is a router does not check this */
	if (unlikely(!vns_route6_source_ok(skb, state))) {
		dst_release(dst);
		vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
		return NF_STOLEN;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	cause = vns_route6_check_headers(skb);
	if (unlikely(cause != VNS_STAT_MAX)) {
		vns_stats_drop(network, skb, cause);
		return NF_STOLEN;
	}
	return vns_route6_forward(network, skb, state);
}

/* The last hook in IPv6 PRE_ROUTING. See vns_route4_pre_routing(). */
unsigned int vns_route6_pre_routing(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct vns_network *network = vns_network_of(state->in);
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct;

	/* a copy of a multicast packet that the host itself sent */
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return NF_ACCEPT;
	if (network)
		return vns_route6_from_vm(network, skb, state);

	ct = nf_ct_get(skb, &ctinfo);
	if (likely(!ct || !(ct->status & IPS_NAT_MASK)) ||
	    skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;

	return vns_route6_to_vm(skb, state);
}
