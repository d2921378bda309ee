// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 routing between a network's VMs and the outside on a host that is not a
 * router. The module's hook, last in PRE_ROUTING, does what ip_forward() does
 * for packets from a VM and for packets that conntrack translated to a VM. All
 * other packets go on to the host's stack unchanged.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip_fib.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/xfrm.h>

#include <vns_compat.h>

#include "addr.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "route.h"
#include "stats.h"

/*
 * Look for source routes and malformed options. The options are not changed.
 *
 * Return: a VNS_DROP_* cause, VNS_STAT_MAX if the packet may go on.
 */
static enum vns_stat vns_route4_check_options(const struct iphdr *iph)
{
	const u8 *opt = (const u8 *)(iph + 1);
	int len = iph->ihl * 4 - sizeof(*iph);

	while (len > 0 && *opt != IPOPT_END) {
		int opt_len = 1;

		if (*opt != IPOPT_NOOP) {
			if (len < 2 || opt[1] < 2 || opt[1] > len)
				return VNS_DROP_MALFORMED;
			opt_len = opt[1];
		}
		if (*opt == IPOPT_LSRR || *opt == IPOPT_SSRR)
			return VNS_DROP_SOURCE_ROUTE;

		opt += opt_len;
		len -= opt_len;
	}

	return VNS_STAT_MAX;
}

/* Policy rules and multipath routes may depend on the ports. */
static void vns_route4_set_flow_ports(struct flowi4 *fl4,
				      const struct sk_buff *skb)
{
	__be16 buffer[2];
	const __be16 *ports;

	switch (fl4->flowi4_proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		ports = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(buffer),
					   buffer);
		if (ports) {
			fl4->fl4_sport = ports[0];
			fl4->fl4_dport = ports[1];
		}
		break;
	}
}

static struct rtable *vns_route4_lookup(struct net *net,
					const struct sk_buff *skb, int oif)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct flowi4 fl4 = {
		.flowi4_oif	= oif,
		.flowi4_iif	= LOOPBACK_IFINDEX,
		.flowi4_mark	= skb->mark,
		.flowi4_proto	= iph->protocol,
		.flowi4_flags	= FLOWI_FLAG_ANYSRC,
		.saddr		= iph->saddr,
		.daddr		= iph->daddr,
	};
	struct fib_result res;
	int err;

	vns_compat_set_flow_tos(&fl4, iph);
	vns_route4_set_flow_ports(&fl4, skb);

	/*
	 * ip_route_output_flow() treats an address without a route as on-link
	 */
	if (oif) {
		err = fib_lookup(net, &fl4, &res, 0);
		if (err)
			return ERR_PTR(err);
	}
	return ip_route_output_flow(net, &fl4, NULL);
}

/*
 * Choose the route for a VM's packet that is not for the host: the one that was
 * found, or one by the network's configured uplink. Consumes the reference to
 * @rt.
 */
static struct rtable *vns_route4_lookup_way(struct net *net,
					    struct vns_network *network,
					    const struct sk_buff *skb,
					    struct rtable *rt)
{
	int ifindex = READ_ONCE(network->uplink.ifindex);

	if (rt->dst.dev == network->dev)
		return rt;

	if (!READ_ONCE(network->mode)->outside) {
		ip_rt_put(rt);
		return ERR_PTR(-EACCES);
	}
	if (!ifindex || rt->dst.dev->ifindex == ifindex ||
	    vns_network_is(rt->dst.dev))
		return rt;

	ip_rt_put(rt);
	if (ifindex < 0)
		return ERR_PTR(-ENETUNREACH);
	return vns_route4_lookup(net, skb, ifindex);
}

/*
 * Send the reason to the VM in an ICMP error. The route attached to @skb is
 * replaced by one that icmp_send() accepts.
 */
static void vns_route4_send_unreachable(struct net *net, struct sk_buff *skb,
					int err)
{
	struct flowi4 fl4 = { .daddr = ip_hdr(skb)->saddr };
	struct rtable *rt;
	int code;

	switch (err) {
	case -EHOSTUNREACH:
		code = ICMP_HOST_UNREACH;
		break;
	case -ENETUNREACH:
		code = ICMP_NET_UNREACH;
		break;
	case -EACCES:
		code = ICMP_PKT_FILTERED;
		break;
	default:
		return;	/* a blackhole route */
	}

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return;

	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	icmp_send(skb, ICMP_DEST_UNREACH, code, 0);
}

static bool vns_route4_exceeds_mtu(const struct sk_buff *skb, unsigned int mtu)
{
	if (skb->len <= mtu || !(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;

	/* defragmented, and a fragment was longer than the MTU */
	if (unlikely(IPCB(skb)->frag_max_size > mtu))
		return true;
	if (skb->ignore_df)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

/* Forward the packet along its route as ip_forward() does. Consumes the skb. */
static unsigned int vns_route4_forward(struct vns_network *network,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	struct rtable *rt = skb_rtable(skb);
	struct net *net = state->net;
	enum vns_stat cause;
	unsigned int mtu;
	struct iphdr *iph;

	cause = VNS_DROP_NOT_ALLOWED;
	if (unlikely(skb->sk || skb_warn_if_lro(skb) ||
		     !xfrm4_policy_check(NULL, XFRM_POLICY_FWD, skb)))
		goto drop;

	skb_forward_csum(skb);

	if (unlikely(ip_hdr(skb)->ttl <= 1)) {
		IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
		icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		cause = VNS_DROP_TTL;
		goto drop;
	}

	IPCB(skb)->flags |= IPSKB_FORWARDED;
	mtu = ip_dst_mtu_maybe_forward(&rt->dst, true);
	if (unlikely(vns_route4_exceeds_mtu(skb, mtu))) {
		IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			  htonl(mtu));
		cause = VNS_DROP_TOO_BIG;
		goto drop;
	}

	if (unlikely(skb_cow(skb, LL_RESERVED_SPACE(rt->dst.dev) +
				  rt->dst.header_len))) {
		cause = VNS_DROP_NO_MEMORY;
		goto drop;
	}

	iph = ip_hdr(skb);
	ip_decrease_ttl(iph);
	if (READ_ONCE(net->ipv4.sysctl_ip_fwd_update_priority))
		skb->priority = rt_tos2priority(iph->tos);

	IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS);
	skb_clear_tstamp(skb);

	vns_route_send(network, skb, state);
	return NF_STOLEN;

drop:
	vns_stats_drop(network, skb, cause);
	return NF_STOLEN;
}

/*
 * Check the addresses and options of a VM's packet.
 *
 * Return: a VNS_DROP_* cause, VNS_STAT_MAX if the packet may go on.
 */
static enum vns_stat
vns_route4_check_header(const struct vns_network *network,
			const struct sk_buff *skb, bool to_group)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (ipv4_is_loopback(iph->saddr) ||
	    (ipv4_is_loopback(iph->daddr) && !vns_nat_to_loopback(skb)))
		return VNS_DROP_LOOPBACK_ADDRESS;
	if (ipv4_is_zeronet(iph->daddr))
		return VNS_DROP_NOT_ALLOWED;

	if (!(to_group && !iph->saddr) &&
	    !vns_addr_source_ok4(network, iph->saddr))
		return VNS_DROP_BAD_SOURCE_ADDRESS;
	return vns_route4_check_options(iph);
}

/*
 * Check the destination of a packet to the host: it must be an address that the
 * VM may reach, or a broadcast address of this network.
 *
 * Return: a VNS_DROP_* cause, VNS_STAT_MAX if the packet may go on.
 */
static enum vns_stat vns_route4_check_host(const struct vns_network *network,
					   const struct sk_buff *skb,
					   const struct rtable *rt)
{
	bool ok;

	if (rt->rt_flags & RTCF_BROADCAST)
		ok = rt->dst.dev == network->dev;
	else
		ok = skb->pkt_type == PACKET_HOST &&
		     vns_addr_host_ok4(network, ip_hdr(skb)->daddr);
	return ok ? VNS_STAT_MAX : VNS_DROP_NOT_ALLOWED;
}

static unsigned int vns_route4_from_vm(struct vns_network *network,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	bool to_group = ipv4_is_multicast(iph->daddr) ||
			ipv4_is_lbcast(iph->daddr);
	enum vns_stat cause;
	struct rtable *rt;

	cause = vns_route4_check_header(network, skb, to_group);
	if (unlikely(cause != VNS_STAT_MAX))
		goto drop;

	/* DHCP, mDNS, ...: handled by the host's stack */
	if (to_group || ipv4_is_loopback(iph->daddr))
		return NF_ACCEPT;

	rt = vns_route4_lookup(state->net, skb, 0);
	if (!IS_ERR(rt)) {
		if (rt->rt_flags & (RTCF_LOCAL | RTCF_BROADCAST)) {
			cause = vns_route4_check_host(network, skb, rt);
			ip_rt_put(rt);
			if (likely(cause == VNS_STAT_MAX))
				return NF_ACCEPT;
			vns_route4_send_unreachable(state->net, skb, -EACCES);
			goto drop;
		}
		rt = vns_route4_lookup_way(state->net, network, skb, rt);
	}

	if (IS_ERR(rt)) {
		vns_route4_send_unreachable(state->net, skb, PTR_ERR(rt));
		cause = PTR_ERR(rt) == -EACCES ? VNS_DROP_NOT_ALLOWED :
						 VNS_DROP_NO_ROUTE;
		goto drop;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);

	/* a unicast packet in a broadcast frame (RFC 1122, 3.3.6) */
	if (unlikely(skb->pkt_type != PACKET_HOST)) {
		cause = VNS_DROP_NOT_ALLOWED;
		goto drop;
	}
	return vns_route4_forward(network, skb, state);

drop:
	vns_stats_drop(network, skb, cause);
	return NF_STOLEN;
}

/*
 * May a packet from outside have its source address? A reply comes from an
 * address that the VM chose. Only its device can be wrong, which matters only
 * with strict reverse path filtering.
 */
static bool vns_route4_source_ok(const struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct in_device *in_dev = __in_dev_get_rcu(state->in);
	enum ip_conntrack_info ctinfo;

	nf_ct_get(skb, &ctinfo);
	if (CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY && in_dev &&
	    IN_DEV_RPFILTER(in_dev) != 1)
		return true;
	return vns_addr_outside_ok4(state->in, skb);
}

/*
 * Route a packet from outside that conntrack has translated, if it is for a VM.
 */
static unsigned int vns_route4_to_vm(struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct vns_network *network;
	enum vns_stat cause;
	struct rtable *rt;

	rt = vns_route4_lookup(state->net, skb, 0);
	if (IS_ERR(rt))
		return NF_ACCEPT;

	network = vns_network_of(rt->dst.dev);
	if (!network || rt->rt_flags & (RTCF_LOCAL | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return NF_ACCEPT;
	}
	/* the stack of a host that is a router is less strict here */
	if (unlikely(!vns_route4_source_ok(skb, state))) {
		ip_rt_put(rt);
		vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
		return NF_STOLEN;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	cause = vns_route4_check_options(ip_hdr(skb));
	if (unlikely(cause != VNS_STAT_MAX)) {
		vns_stats_drop(network, skb, cause);
		return NF_STOLEN;
	}
	return vns_route4_forward(network, skb, state);
}

/*
 * The last hook in IPv4 PRE_ROUTING. @skb is a packet that the host received;
 * the stack has checked its header.
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT for packets that the host's stack handles; NF_STOLEN if the
 * packet was forwarded or dropped here, and the skb is consumed.
 */
unsigned int vns_route4_pre_routing(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct vns_network *network = vns_network_of(state->in);
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct;

	/* a copy of a multicast packet that the host itself sent */
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return NF_ACCEPT;
	if (network)
		return vns_route4_from_vm(network, skb, state);

	ct = nf_ct_get(skb, &ctinfo);
	if (likely(!ct || !(ct->status & IPS_NAT_MASK)) ||
	    skb->pkt_type != PACKET_HOST)
		return NF_ACCEPT;

	return vns_route4_to_vm(skb, state);
}
