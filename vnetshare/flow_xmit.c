// SPDX-License-Identifier: GPL-2.0
/*
 * Fast path: translates and sends packets of sessions that have an entry,
 * without the IP stack. Packets that need more than that are left to the slow
 * path unchanged.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/route.h>

#include "fdb.h"
#include "flow.h"
#include "flow_route.h"
#include "network.h"
#include "output.h"
#include "port.h"
#include "portfwd.h"
#include "stats.h"

/*
 * The fields that are read or written, flags included, must be in the linear
 * data.
 */
#define VNS_FLOW_TCP_LEN	sizeof(struct tcphdr)

static __always_inline struct vns_flow *
vns_flow_lookup4(const struct vns_flow_table *flows, u64 addrs, u32 ports,
		 u16 kind)
{
	u32 bucket = vns_flow_hash4(flows, addrs, ports);
	struct vns_flow *flow;

	hlist_for_each_entry_rcu(flow, &flows->buckets[bucket], node)
		if (flow->addrs == addrs && flow->ports == ports &&
		    likely(flow->kind == kind))
			return flow;
	return NULL;
}

static __always_inline struct vns_flow *
vns_flow_lookup6(const struct vns_flow_table *flows,
		 const struct vns_flow_addrs6 *addrs, u32 ports, u16 kind)
{
	u32 bucket = vns_flow_hash6(flows, addrs, ports);
	u64 folded = vns_flow_fold6(addrs);
	struct vns_flow *flow;

	hlist_for_each_entry_rcu(flow, &flows->buckets[bucket], node)
		if (flow->addrs == folded && flow->ports == ports &&
		    likely(flow->kind == kind && flow->addrs6.a == addrs->a &&
			   flow->addrs6.b == addrs->b &&
			   flow->addrs6.c == addrs->c &&
			   flow->addrs6.d == addrs->d))
			return flow;
	return NULL;
}

/* Is the entry valid, and for packets from this port or device? */
static __always_inline bool
vns_flow_is_good(const struct vns_flow *flow, const void *from, u64 mac,
		 u32 gen)
{
	if (unlikely(flow->from != from || flow->mac != mac ||
		     READ_ONCE(flow->gen) != gen ||
		     (s32)(READ_ONCE(flow->until) - (u32)jiffies) < 0 ||
		     flow->ct->status & IPS_DYING))
		return false;
	if (!vns_flow_hop_ok(flow))
		return false;
	return !flow->to || likely(READ_ONCE(flow->to_gen) ==
				   atomic_read(&flow->to->flow_gen));
}

/* An ACK without SYN, FIN or RST on an established connection? */
static __always_inline bool vns_flow_is_plain_tcp(const struct vns_flow *flow,
						  const struct tcphdr *th)
{
	return (tcp_flag_word(th) &
		(TCP_FLAG_ACK | TCP_FLAG_RST | TCP_FLAG_SYN | TCP_FLAG_FIN)) ==
		       TCP_FLAG_ACK &&
	       READ_ONCE(flow->ct->proto.tcp.state) ==
		       TCP_CONNTRACK_ESTABLISHED;
}

/*
 * Checksum offload must be that of the transport header. With another position
 * a VM could have the device overwrite an address that was checked.
 */
static __always_inline bool vns_flow_csum_is_plain(struct sk_buff *skb,
						   unsigned int hdrlen,
						   unsigned int l4len)
{
	unsigned int offset = l4len == VNS_FLOW_TCP_LEN ?
			      offsetof(struct tcphdr, check) :
			      offsetof(struct udphdr, check);

	return skb_checksum_start_offset(skb) == hdrlen &&
	       skb->csum_offset == offset;
}

/* Remove Ethernet padding after the packet. */
static noinline bool vns_flow_trim(struct sk_buff *skb, unsigned int len,
				   unsigned int min)
{
	return len >= min && len <= skb->len && !pskb_trim_rcsum(skb, len);
}

/*
 * The packet is longer than the MTU. It may pass only if it is a GSO packet
 * with segments that fit.
 */
static noinline bool vns_flow_fits(struct sk_buff *skb, unsigned int hdrlen,
				   unsigned int mtu)
{
	if (!skb_is_gso(skb) || !skb_shinfo(skb)->gso_type)
		return false;
	skb_set_transport_header(skb, hdrlen);
	return skb_gso_validate_network_len(skb, mtu);
}

/* Make the headers writable, with room for the Ethernet header. */
static noinline bool vns_flow_make_room(struct sk_buff *skb, unsigned int len,
					unsigned int headroom)
{
	if (skb_headroom(skb) < headroom)
		return !skb_cow(skb, headroom);
	return !skb_ensure_writable(skb, len);
}

/*
 * The last checks. May reallocate the skb's data, which does not matter to the
 * slow path.
 */
static __always_inline bool vns_flow_prepare(const struct vns_flow *flow,
					     struct sk_buff *skb,
					     unsigned int hdrlen,
					     unsigned int l4len,
					     unsigned int len)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(!vns_flow_csum_is_plain(skb, hdrlen, l4len)))
		return false;
	/* senders may have set the network header to another place */
	skb_reset_network_header(skb);
	if (unlikely(len != skb->len) &&
	    !vns_flow_trim(skb, len, hdrlen + l4len))
		return false;
	if (unlikely(len > flow->mtu) &&
	    !vns_flow_fits(skb, hdrlen, flow->mtu))
		return false;
	return likely(!skb->cloned && skb_headroom(skb) >= flow->headroom) ||
	       vns_flow_make_room(skb, hdrlen + l4len, flow->headroom);
}

/* With CHECKSUM_PARTIAL the field holds only the pseudo header's sum. */
static __always_inline void vns_flow_fix_sum(const struct vns_flow *flow,
					     const struct sk_buff *skb,
					     __sum16 *sum)
{
	if (likely(skb->ip_summed != CHECKSUM_PARTIAL))
		*sum = csum_fold(csum_add(~csum_unfold(*sum), flow->sum));
	else
		*sum = ~csum_fold(csum_add(csum_unfold(*sum),
					   flow->sum_addrs));
}

static __always_inline void vns_flow_rewrite_l4(const struct vns_flow *flow,
						const struct sk_buff *skb,
						void *l4, bool tcp)
{
	struct udphdr *uh = l4;
	struct tcphdr *th = l4;

	*(u32 *)l4 = flow->new_ports;
	if (tcp) {
		vns_flow_fix_sum(flow, skb, &th->check);
	} else if (likely(uh->check || skb->ip_summed == CHECKSUM_PARTIAL)) {
		vns_flow_fix_sum(flow, skb, &uh->check);
		if (unlikely(!uh->check))
			uh->check = CSUM_MANGLED_0;
	}
}

static __always_inline void vns_flow_count(const struct vns_flow *flow,
					   unsigned int len)
{
	struct vns_portfwd_stats *stats;

	if (likely(flow->acct)) {
		atomic64_inc(&flow->acct->packets);
		atomic64_add(len, &flow->acct->bytes);
	}
	if (unlikely(flow->fwd)) {
		stats = this_cpu_ptr(flow->fwd);
		u64_stats_update_begin(&stats->syncp);
		u64_stats_inc(&stats->packets);
		u64_stats_add(&stats->bytes, len);
		u64_stats_update_end(&stats->syncp);
	}
}

/* The same as neigh_hh_output(), with the header from the entry. */
static __always_inline void vns_flow_push_header(const struct vns_flow *flow,
						 struct sk_buff *skb)
{
	u64 *header = (u64 *)(skb->data - sizeof(flow->header));

	if (unlikely(!(READ_ONCE(flow->neigh->nud_state) & NUD_CONNECTED)))
		neigh_event_send(flow->neigh, NULL);

	put_unaligned(flow->header[0], header);
	put_unaligned(flow->header[1], header + 1);
	__skb_push(skb, ETH_HLEN);
}

/* Send to the VM at a port. */
static __always_inline void vns_flow_to_vm(const struct vns_flow *flow,
					   struct sk_buff *skb)
{
	struct vns_port *to = flow->to;

	vns_flow_push_header(flow, skb);
	dev_sw_netstats_tx_add(to->network->dev, 1, skb->len);
	if (unlikely(to->native)) {
		vns_output_native(to, skb);
		return;
	}
	skb->dev = to->dev;
	dev_queue_xmit(skb);
}

/* Send the translated packet. */
static __always_inline void vns_flow_send(const struct vns_flow *flow,
					  struct sk_buff *skb,
					  unsigned int hdrlen)
{
	const struct vns_port *port = flow->port;

	skb_set_transport_header(skb, hdrlen);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb_orphan(skb);
	skb->mark = flow->mark;
	vns_stats_inc(port->network->stats, flow->stat);

	if (flow->to) {
		vns_flow_to_vm(flow, skb);
		return;
	}
	if (unlikely(flow->keep_dst)) {
		/* error reporting reads skb->cb when a dst is set */
		memset(skb->cb, 0, sizeof(skb->cb));
		skb_dst_set_noref(skb, flow->dst);
	}
	skb->dev = flow->out->dev;
	if (likely(flow->ether)) {
		vns_flow_push_header(flow, skb);
		dev_queue_xmit(skb);
	} else {
		neigh_output(flow->neigh, skb, false);
	}
}

static __always_inline bool vns_flow_xmit4(const struct vns_flow_table *flows,
					   struct sk_buff *skb,
					   const void *from, u64 mac, u32 gen)
{
	unsigned int l4len = sizeof(struct udphdr);
	struct vns_flow *flow;
	unsigned int len;
	struct iphdr *iph;
	u64 addrs;
	bool tcp;

	if (unlikely(!pskb_may_pull(skb, sizeof(*iph) + l4len)))
		return false;
	iph = (struct iphdr *)skb->data;
	if (unlikely(*(u8 *)iph != 0x45 || ip_is_fragment(iph) ||
		     iph->ttl <= 1))
		return false;

	memcpy(&addrs, &iph->addrs, sizeof(addrs));
	flow = vns_flow_lookup4(flows, addrs, *(u32 *)(iph + 1),
				iph->protocol);
	if (!flow || !vns_flow_is_good(flow, from, mac, gen) ||
	    !vns_flow_route4_ok(flows->net, flow->dst))
		return false;

	tcp = iph->protocol == IPPROTO_TCP;
	if (tcp) {
		l4len = VNS_FLOW_TCP_LEN;
		if (unlikely(!pskb_may_pull(skb, sizeof(*iph) + l4len)))
			return false;
		iph = (struct iphdr *)skb->data;
		if (unlikely(!vns_flow_is_plain_tcp(flow, (void *)(iph + 1))))
			return false;
	}
	len = ntohs(iph->tot_len);
	if (unlikely(!vns_flow_prepare(flow, skb, sizeof(*iph), l4len, len)))
		return false;

	iph = (struct iphdr *)skb->data;
	memcpy(&iph->addrs, &flow->new_addrs, sizeof(flow->new_addrs));
	iph->ttl--;
	iph->check = csum_fold(csum_add(~csum_unfold(iph->check),
					flow->sum_ip));
	vns_flow_rewrite_l4(flow, skb, iph + 1, tcp);
	skb->priority = flow->priority;
	if (unlikely(iph->tos) && flow->by_tos)
		skb->priority = rt_tos2priority(iph->tos);
	vns_flow_count(flow, len);
	vns_flow_send(flow, skb, sizeof(*iph));
	return true;
}

static __always_inline void
vns_flow_read_addrs6(struct vns_flow_addrs6 *addrs, const struct ipv6hdr *ip6h)
{
	addrs->a = get_unaligned((const u64 *)&ip6h->saddr);
	addrs->b = get_unaligned((const u64 *)&ip6h->saddr + 1);
	addrs->c = get_unaligned((const u64 *)&ip6h->daddr);
	addrs->d = get_unaligned((const u64 *)&ip6h->daddr + 1);
}

static __always_inline void
vns_flow_write_addrs6(struct ipv6hdr *ip6h, const struct vns_flow_addrs6 *addrs)
{
	put_unaligned(addrs->a, (u64 *)&ip6h->saddr);
	put_unaligned(addrs->b, (u64 *)&ip6h->saddr + 1);
	put_unaligned(addrs->c, (u64 *)&ip6h->daddr);
	put_unaligned(addrs->d, (u64 *)&ip6h->daddr + 1);
}

/* Not inlined, so that IPv4 needs less stack. */
static noinline bool vns_flow_xmit6(const struct vns_flow_table *flows,
				    struct sk_buff *skb, const void *from,
				    u64 mac, u32 gen)
{
	unsigned int l4len = sizeof(struct udphdr);
	struct ipv6hdr *ip6h;
	struct vns_flow *flow;
	unsigned int len;
	struct vns_flow_addrs6 addrs;
	bool tcp;

	if (unlikely(!pskb_may_pull(skb, sizeof(*ip6h) + l4len)))
		return false;
	ip6h = (struct ipv6hdr *)skb->data;
	if (unlikely(ip6h->version != 6 || ip6h->hop_limit <= 1))
		return false;
	tcp = ip6h->nexthdr == IPPROTO_TCP;
	if (!tcp && unlikely(ip6h->nexthdr != IPPROTO_UDP))
		return false;

	vns_flow_read_addrs6(&addrs, ip6h);
	flow = vns_flow_lookup6(flows, &addrs, *(u32 *)(ip6h + 1),
				vns_flow_kind(true, ip6h->nexthdr));
	if (!flow || !vns_flow_is_good(flow, from, mac, gen) ||
	    !vns_flow_route6_ok(flow))
		return false;

	if (tcp) {
		l4len = VNS_FLOW_TCP_LEN;
		if (unlikely(!pskb_may_pull(skb, sizeof(*ip6h) + l4len)))
			return false;
		ip6h = (struct ipv6hdr *)skb->data;
		if (unlikely(!vns_flow_is_plain_tcp(flow, (void *)(ip6h + 1))))
			return false;
	}
	len = sizeof(*ip6h) + ntohs(ip6h->payload_len);
	if (unlikely(!vns_flow_prepare(flow, skb, sizeof(*ip6h), l4len, len)))
		return false;

	ip6h = (struct ipv6hdr *)skb->data;
	vns_flow_write_addrs6(ip6h, &flow->new_addrs6);
	ip6h->hop_limit--;
	vns_flow_rewrite_l4(flow, skb, ip6h + 1, tcp);
	skb->priority = flow->priority;
	vns_flow_count(flow, len);
	vns_flow_send(flow, skb, sizeof(*ip6h));
	return true;
}

static __always_inline bool vns_flow_xmit(const struct vns_flow_table *flows,
					  struct sk_buff *skb, const void *from,
					  u64 mac, u32 gen)
{
	if (likely(skb->protocol == htons(ETH_P_IP)))
		return vns_flow_xmit4(flows, skb, from, mac, gen);
	if (skb->protocol == htons(ETH_P_IPV6))
		return vns_flow_xmit6(flows, skb, from, mac, gen);
	return false;
}

/**
 * vns_flow_from_vm() - send a frame of a VM by the fast path
 * @port: the port that it arrived at; its network has the fast path
 * @skb: not shared, skb->data after the MAC header; consumed if true is
 *	returned
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: false if the frame has to take the slow path; the skb's data may have
 * been reallocated.
 */
bool vns_flow_from_vm(struct vns_port *port, struct sk_buff *skb)
{
	struct vns_network *network = port->network;
	struct vns_flow_table *flows = network->flows;
	const struct ethhdr *eth = eth_hdr(skb);
	unsigned int len = skb->len;
	u32 gen;

	if (!ether_addr_equal(eth->h_dest, network->dev->dev_addr) ||
	    unlikely(skb_vlan_tag_present(skb) ||
		     skb->_skb_refdst | skb->_nfct))
		return false;
	gen = atomic_read(&port->flow_gen) + vns_flow_rules(flows);
	if (!vns_flow_xmit(flows, skb, port, vns_fdb_key(eth->h_source), gen))
		return false;

	dev_sw_netstats_rx_add(network->dev, len);
	return true;
}

/*
 * The netdev ingress hook of an uplink. @priv is its &struct vns_flow_dev.
 *
 * Context: softirq, RCU read side.
 * Return: NF_STOLEN if the packet was sent by the fast path and is consumed,
 * NF_ACCEPT if it has to take the slow path.
 */
unsigned int vns_flow_ingress(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct vns_flow_dev *uplink = priv;
	struct vns_flow_table *flows = uplink->flows;
	u32 gen;

	if (skb->pkt_type != PACKET_HOST ||
	    unlikely(skb_vlan_tag_present(skb) || skb->_skb_refdst ||
		     skb->_nfct || skb_shared(skb) || skb_sec_path(skb)))
		return NF_ACCEPT;
	gen = atomic_read(&uplink->gen) + vns_flow_rules(flows);
	return vns_flow_xmit(flows, skb, uplink, 0, gen) ? NF_STOLEN :
							    NF_ACCEPT;
}
