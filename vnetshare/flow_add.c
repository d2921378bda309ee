// SPDX-License-Identifier: GPL-2.0
/*
 * Fast path: makes entries. The slow path's last hook passes packets here that
 * were routed, accepted and translated, and the decisions are written to an
 * entry. flow.h and Documentation/locking.rst have the locking rules.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <net/arp.h>
#include <net/checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_synproxy.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/route.h>
#include <net/sch_generic.h>
#include <net/xfrm.h>

#include <vns_compat.h>

#include "acl.h"
#include "fdb.h"
#include "flow.h"
#include "network.h"
#include "parse.h"
#include "port.h"
#include "portfwd.h"
#include "stats.h"
#include "uplink.h"

/* Room for an Ethernet header, written as two words. */
#define VNS_FLOW_HEADROOM_MIN	16

/* In jiffies. An entry that would be valid for less time is not made. */
#define VNS_FLOW_TIME_MIN	(HZ / 10)

/*
 * May packets of the connection bypass conntrack? Not with a helper, a sequence
 * adjustment, SYNPROXY or a zone.
 */
static bool vns_flow_is_fit(const struct nf_conn *ct,
			    enum ip_conntrack_dir dir)
{
	const struct nf_conn_help *help = nfct_help(ct);
	const struct nf_conn_acct *acct;

	if (!nf_ct_is_confirmed(ct) ||
	    ct->status & (IPS_DYING | IPS_SEQ_ADJUST | IPS_OFFLOAD) ||
	    (help && rcu_access_pointer(help->helper)) || nfct_synproxy(ct) ||
	    nf_ct_zone_id(nf_ct_zone(ct), dir) != NF_CT_DEFAULT_ZONE_ID)
		return false;

	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
		if (READ_ONCE(ct->proto.tcp.state) != TCP_CONNTRACK_ESTABLISHED)
			return false;
		break;
	case IPPROTO_UDP:
		break;
	default:
		return false;
	}

	acct = nf_conn_acct_find(ct);
	return !acct || atomic64_read(&acct->counter[dir].packets) >=
			VNS_FLOW_PACKETS_MIN;
}

/* How long, in jiffies, may the session bypass conntrack and the FDB? */
static u32 vns_flow_time(const struct vns_network *network,
			 const struct nf_conn *ct)
{
	unsigned long time = min(nf_ct_expires(ct),
				 READ_ONCE(network->fdb.ageing) * (ulong)HZ);

	return min_t(unsigned long, time / 2, VNS_FLOW_TIME);
}

/* Does nothing on the network's device need to see or queue its packets? */
static bool vns_flow_is_plain(const struct net_device *dev)
{
	const struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);

	if (rcu_dereference(txq->qdisc)->enqueue ||
	    rcu_access_pointer(dev->xdp_prog) ||
	    vns_compat_has_classifier(dev))
		return false;
#ifdef CONFIG_NETFILTER_INGRESS
	if (rcu_access_pointer(dev->nf_hooks_ingress))
		return false;
#endif
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return false;
#endif
	return true;
}

/*
 * Set the addresses of packets as they arrive and as they leave. Returns false
 * if the packet's addresses are not those: then more than conntrack has changed
 * it.
 */
static bool vns_flow_set_ends4(struct vns_flow *draft,
			       const struct nf_conntrack_tuple *from,
			       const struct nf_conntrack_tuple *reply,
			       const struct sk_buff *skb)
{
	const struct net *net = nf_ct_net(draft->ct);
	const struct iphdr *iph = ip_hdr(skb);
	__be32 addrs[2] = { from->src.u3.ip, from->dst.u3.ip };
	__be32 new_addrs[2] = { reply->dst.u3.ip, reply->src.u3.ip };
	__wsum sum;

	if (iph->ihl != 5 || ip_is_fragment(iph) ||
	    iph->saddr != new_addrs[0] || iph->daddr != new_addrs[1])
		return false;

	memcpy(&draft->addrs, addrs, sizeof(addrs));
	memcpy(&draft->new_addrs, new_addrs, sizeof(new_addrs));
	sum = csum_sub(csum_partial(new_addrs, sizeof(new_addrs), 0),
		       csum_partial(addrs, sizeof(addrs), 0));
	draft->sum_addrs = sum;
	/* the TTL is decremented */
	draft->sum_ip = csum_sub(sum, (__force __wsum)htons(0x0100));
	draft->by_tos = READ_ONCE(net->ipv4.sysctl_ip_fwd_update_priority) &&
			skb->priority == rt_tos2priority(iph->tos);
	/* 0 is the priority of TOS 0 */
	draft->priority = draft->by_tos ? 0 : skb->priority;
	return true;
}

static bool vns_flow_set_ends6(struct vns_flow *draft,
			       const struct nf_conntrack_tuple *from,
			       const struct nf_conntrack_tuple *reply,
			       const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct in6_addr addrs[2] = { from->src.u3.in6, from->dst.u3.in6 };
	struct in6_addr new_addrs[2] = { reply->dst.u3.in6, reply->src.u3.in6 };

	if (ip6h->nexthdr != from->dst.protonum ||
	    !ipv6_addr_equal(&ip6h->saddr, &new_addrs[0]) ||
	    !ipv6_addr_equal(&ip6h->daddr, &new_addrs[1]))
		return false;

	memcpy(&draft->addrs6, addrs, sizeof(addrs));
	memcpy(&draft->new_addrs6, new_addrs, sizeof(new_addrs));
	draft->addrs = vns_flow_fold6(&draft->addrs6);
	draft->sum_addrs = csum_sub(csum_partial(new_addrs, sizeof(new_addrs),
						 0),
				    csum_partial(addrs, sizeof(addrs), 0));
	draft->priority = skb->priority;
	return true;
}

static bool vns_flow_set_ends(struct vns_flow *draft, struct nf_conn *ct,
			      enum ip_conntrack_dir dir,
			      const struct sk_buff *skb)
{
	const struct nf_conntrack_tuple *from = &ct->tuplehash[dir].tuple;
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[!dir].tuple;
	__be16 ports[2] = { from->src.u.all, from->dst.u.all };
	__be16 new_ports[2] = { reply->dst.u.all, reply->src.u.all };
	struct nf_conn_acct *acct = nf_conn_acct_find(ct);
	bool v6 = nf_ct_l3num(ct) == NFPROTO_IPV6;

	draft->ct = ct;
	/* the guard has to see packets to DHCP servers */
	if (ports[1] == htons(VNS_PARSE_DHCP_SERVER))
		return false;
	if (!(v6 ? vns_flow_set_ends6(draft, from, reply, skb) :
		   vns_flow_set_ends4(draft, from, reply, skb)))
		return false;

	memcpy(&draft->ports, ports, sizeof(ports));
	memcpy(&draft->new_ports, new_ports, sizeof(new_ports));
	draft->sum = csum_add(draft->sum_addrs,
			      csum_sub(csum_partial(new_ports,
						    sizeof(new_ports), 0),
				       csum_partial(ports, sizeof(ports), 0)));
	draft->kind = vns_flow_kind(v6, from->dst.protonum);
	draft->mark = skb->mark;
	draft->dir = dir;
	draft->acct = acct ? &acct->counter[dir] : NULL;
	return true;
}

/*
 * May the VM at a port send such packets? The slow path checks the same for
 * each packet.
 */
static bool vns_flow_may_send(const struct vns_port *port,
			      const struct vns_flow *draft)
{
	u64 bound_key = READ_ONCE(port->bound_key);
	const struct nf_conntrack_tuple *tuple =
		&draft->ct->tuplehash[draft->dir].tuple;

	if (bound_key && bound_key != draft->mac)
		return false;
	return nf_ct_l3num(draft->ct) == NFPROTO_IPV4 ?
	       vns_binding_allows4(port, tuple->src.u3.ip) :
	       vns_binding_allows6(port, &tuple->src.u3.in6);
}

/* The packet's MAC header is still that of the VM's frame. */
static bool vns_flow_set_sender(struct vns_flow *draft,
				struct vns_network *network,
				const struct sk_buff *skb)
{
	const struct ethhdr *eth;
	struct vns_port *port;

	if (!skb_mac_header_was_set(skb) || skb_mac_offset(skb) != -ETH_HLEN)
		return false;
	eth = eth_hdr(skb);
	if (!ether_addr_equal(eth->h_dest, network->dev->dev_addr))
		return false;

	port = vns_fdb_find_rcu(&network->fdb, eth->h_source);
	if (!port)
		return false;
	draft->port = port;
	draft->from = port;
	draft->mac = vns_fdb_key(eth->h_source);
	draft->gen = atomic_read(&port->flow_gen);
	draft->direction = VNETSHARE_FLOW_OUT;
	draft->stat = VNS_STAT_FASTPATH_OUT;

	/* read all else after the generation */
	smp_rmb();
	return vns_fdb_find_rcu(&network->fdb, eth->h_source) == port &&
	       vns_flow_may_send(port, draft);
}

static bool vns_flow_set_uplink(struct vns_flow *draft,
				struct vns_flow_table *flows,
				const struct net_device *dev,
				const struct sk_buff *skb)
{
	struct vns_flow_dev *uplink;

	if (skb->skb_iif != dev->ifindex || skb->pkt_type != PACKET_HOST)
		return false;
	uplink = vns_flow_dev_find(flows, dev);
	if (!uplink || !uplink->hooked)
		return false;

	draft->from = uplink;
	draft->gen = atomic_read(&uplink->gen);
	draft->direction = VNETSHARE_FLOW_IN;
	draft->stat = VNS_STAT_FASTPATH_IN;
	smp_rmb(); /* likewise */
	return true;
}

/* Find the next hop, if its address is resolved. */
static struct neighbour *vns_flow_find_neigh(const struct sk_buff *skb, bool v6)
{
	struct dst_entry *dst = skb_dst(skb);
	const struct rtable *rt = skb_rtable(skb);
	const struct in6_addr *hop6;
	struct neighbour *neigh;
	u32 hop4;

	rcu_read_lock_bh();
	if (v6) {
		hop6 = rt6_nexthop(container_of(dst, struct rt6_info, dst),
				   &ipv6_hdr(skb)->daddr);
		neigh = __ipv6_neigh_lookup_noref(dst->dev, hop6);
	} else if (rt->rt_gw_family == AF_INET6) {
		neigh = NULL;
	} else {
		hop4 = (__force u32)rt_nexthop(rt, ip_hdr(skb)->daddr);
		neigh = __ipv4_neigh_lookup_noref(dst->dev, hop4);
	}
	rcu_read_unlock_bh();

	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID ? neigh : NULL;
}

static void vns_flow_set_header(struct vns_flow *draft,
				const struct net_device *dev, const u8 *ha,
				const struct sk_buff *skb)
{
	struct ethhdr *eth = (struct ethhdr *)((u8 *)draft->header + 2);

	memcpy(&draft->to_ha, ha, sizeof(draft->to_ha));
	ether_addr_copy(eth->h_dest, ha);
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = skb->protocol;
	draft->ether = true;
}

/* Set the uplink and, if possible, the Ethernet header of packets. */
static bool vns_flow_set_leave(struct vns_flow *draft,
			       struct vns_flow_table *flows,
			       struct net_device *dev,
			       const struct sk_buff *skb)
{
	u8 ha[ALIGN(MAX_ADDR_LEN, sizeof(unsigned long))] __aligned(8) = { };

	draft->out = vns_flow_dev_find(flows, dev);
	if (!draft->out)
		return false;
	draft->out_gen = atomic_read(&draft->out->gen);
	smp_rmb(); /* likewise */

	/* only for devices with ordinary Ethernet headers */
	if (dev->header_ops && dev->header_ops->cache == eth_header_cache &&
	    dev->hard_header_len == ETH_HLEN &&
	    !(draft->neigh->nud_state & NUD_NOARP)) {
		neigh_ha_snapshot(ha, draft->neigh, dev);
		vns_flow_set_header(draft, dev, ha, skb);
	}
	return dev->flags & IFF_UP;
}

/* Set the port of the receiving VM and the Ethernet header. */
static bool vns_flow_set_receiver(struct vns_flow *draft,
				  struct vns_network *network,
				  const struct sk_buff *skb)
{
	u8 ha[ALIGN(MAX_ADDR_LEN, sizeof(unsigned long))] __aligned(8) = { };
	struct vns_port *to;

	neigh_ha_snapshot(ha, draft->neigh, network->dev);
	to = vns_fdb_find_rcu(&network->fdb, ha);
	if (!to)
		return false;

	draft->to = to;
	draft->to_gen = atomic_read(&to->flow_gen);
	smp_rmb(); /* likewise */
	if (vns_fdb_find_rcu(&network->fdb, ha) != to || !vns_port_running(to))
		return false;

	if (draft->direction == VNETSHARE_FLOW_OUT) {
		draft->direction = VNETSHARE_FLOW_HAIRPIN;
		draft->stat = VNS_STAT_FASTPATH_HAIRPIN;
	} else {
		draft->port = to;
	}
	vns_flow_set_header(draft, network->dev, ha, skb);
	draft->mtu = min_t(u32, draft->mtu, to->dev->mtu);
	return true;
}

/* Set the route and next hop. Returns false unless the route is a plain one. */
static bool vns_flow_set_way(struct vns_flow *draft,
			     struct vns_flow_table *flows,
			     struct vns_network *to, const struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);
	struct net_device *dev = dst->dev;
	bool v6 = draft->kind > U8_MAX;

	if (dst_xfrm(dst) || dst->lwtstate || skb_sec_path(skb) ||
	    netif_is_l3_master(dev) || netif_is_l3_slave(dev))
		return false;

	draft->dst = dst;
	draft->headroom = max_t(u32, VNS_FLOW_HEADROOM_MIN,
				LL_RESERVED_SPACE(dev) + dst->header_len);
	draft->keep_dst = !(dev->priv_flags & IFF_XMIT_DST_RELEASE);
	if (v6) {
		draft->cookie = rt6_get_cookie(container_of(dst,
							    struct rt6_info,
							    dst));
		draft->mtu = max_t(u32, ip6_dst_mtu_maybe_forward(dst, true),
				   IPV6_MIN_MTU);
	} else {
		if (skb_rtable(skb)->rt_type != RTN_UNICAST)
			return false;
		draft->mtu = ip_dst_mtu_maybe_forward(dst, true);
	}

	draft->neigh = vns_flow_find_neigh(skb, v6);
	if (!draft->neigh)
		return false;
	return to ? vns_flow_set_receiver(draft, to, skb) :
		    vns_flow_set_leave(draft, flows, dev, skb);
}

/* Set the counters of the session's port forward. */
static bool vns_flow_set_portfwd(struct vns_flow *draft)
{
	if (draft->dir != IP_CT_DIR_ORIGINAL ||
	    !(draft->ct->status & IPS_DST_NAT))
		return true;

	return vns_portfwd_find_stats(draft->ct, &draft->fwd);
}

/*
 * Is the draft identical to the existing entry, its expiry and generations
 * aside?
 */
static bool vns_flow_is_same(const struct vns_flow *flow,
			     const struct vns_flow *draft)
{
	return flow->ct == draft->ct && flow->from == draft->from &&
	       flow->mac == draft->mac && flow->to == draft->to &&
	       flow->out == draft->out && flow->neigh == draft->neigh &&
	       flow->ether == draft->ether && flow->to_ha == draft->to_ha &&
	       !memcmp(flow->header, draft->header, sizeof(flow->header)) &&
	       flow->mtu == draft->mtu && flow->mark == draft->mark &&
	       flow->priority == draft->priority &&
	       flow->by_tos == draft->by_tos &&
	       flow->headroom == draft->headroom &&
	       flow->keep_dst == draft->keep_dst &&
	       flow->fwd == draft->fwd &&
	       flow->dst->dev == draft->dst->dev;
}

/*
 * From now on conntrack does not see every TCP segment. Let it accept the next
 * segment that it sees, even one far beyond the window. Let it forget the last
 * ACK: compared with an old one, a reset could be taken for invalid, and the
 * closed connection would stay for days.
 */
static void vns_flow_fixup_tcp(struct nf_conn *ct)
{
	struct ip_ct_tcp_state *seen = ct->proto.tcp.seen;
	int i;

	if (nf_ct_protonum(ct) != IPPROTO_TCP)
		return;

	spin_lock_bh(&ct->lock);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		seen[i].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
		seen[i].flags &= ~IP_CT_TCP_FLAG_MAXACK_SET;
		seen[i].td_maxwin = 0;
	}
	spin_unlock_bh(&ct->lock);
}

static void vns_flow_save(struct vns_flow_table *flows,
			  const struct vns_flow *draft)
{
	struct vns_flow *flow = vns_flow_find(flows, draft);

	vns_flow_fixup_tcp(draft->ct);
	if (!flow || !vns_flow_is_same(flow, draft) ||
	    !vns_flow_route_valid(flows->net, flow)) {
		vns_flow_insert(flows, draft);
		return;
	}

	WRITE_ONCE(flow->gen, draft->gen);
	WRITE_ONCE(flow->to_gen, draft->to_gen);
	WRITE_ONCE(flow->out_gen, draft->out_gen);
	WRITE_ONCE(flow->until, draft->until);
}

/**
 * vns_flow_add() - make or renew the entry for packets like this one
 * @skb: a packet from or to a VM of a network that has the fast path
 * @state: that of the POST_ROUTING hook, after NAT
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_flow_add(struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);
	struct vns_network *network = to ?: from;
	struct vns_flow_table *flows = network->flows;
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	struct vns_flow draft = { };
	u32 rules, time;

	if (!ct || !vns_flow_is_fit(ct, CTINFO2DIR(ctinfo)) ||
	    skb_vlan_tag_present(skb) || skb_dst(skb)->dev != state->out ||
	    !vns_flow_set_ends(&draft, ct, CTINFO2DIR(ctinfo), skb))
		return;

	/* 1. read the generations and find their owners */
	rules = vns_flow_rules(flows);
	if (!(from ? vns_flow_set_sender(&draft, from, skb) :
		     vns_flow_set_uplink(&draft, flows, state->in, skb)) ||
	    !vns_flow_set_way(&draft, flows, to, skb))
		return;
	draft.gen += rules;

	/*
	 * 2. check again: settings may have changed since the packet was
	 *    checked
	 */
	time = vns_flow_time(network, ct);
	if (!READ_ONCE(network->fast) || time < VNS_FLOW_TIME_MIN ||
	    !vns_flow_is_plain(network->dev) ||
	    (!to && !vns_uplink_is(&from->uplink, state->out)) ||
	    vns_acl_check(from, to, skb) != VNS_STAT_MAX ||
	    !vns_flow_set_portfwd(&draft))
		return;

	/* 3. insert the entry, and 4. check the generations again */
	draft.until = (u32)jiffies + time;
	vns_flow_save(flows, &draft);
}
