// SPDX-License-Identifier: GPL-2.0
/*
 * Source NAT: packets of VMs to the outside get the host's address from
 * conntrack and nf_nat. The sessions are ordinary conntrack entries.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_timestamp.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>
#include <net/route.h>

#include "addr.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "stats.h"

static const struct nf_nat_range2 vns_nat_any_port;

/*
 * Does a session to a VM of @to need the gateway's address as its source?
 * Without it, a VM of the same network would reply directly to the client and
 * not by the host, and a loopback address cannot be replied to.
 */
static bool vns_nat_hides_behind_gateway(const struct vns_network *from,
					 const struct vns_network *to,
					 const struct sk_buff *skb,
					 bool loopback)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return ct && ct->status & IPS_DST_NAT && (from == to || loopback);
}

static unsigned int vns_nat_set_source(struct sk_buff *skb,
				       const union nf_inet_addr *addr)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS,
		.min_addr = *addr,
		.max_addr = *addr,
	};
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_SRC);
}

/* The packet goes to a VM. */
static unsigned int vns_nat_enter4(const struct vns_network *from,
				   const struct vns_network *to,
				   struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	union nf_inet_addr addr = { };

	if (!vns_nat_hides_behind_gateway(from, to, skb,
					  ipv4_is_loopback(iph->saddr)))
		return NF_ACCEPT;

	addr.ip = inet_select_addr(to->dev, iph->daddr, RT_SCOPE_UNIVERSE);
	return addr.ip ? vns_nat_set_source(skb, &addr) : NF_DROP;
}

static unsigned int vns_nat_enter6(const struct vns_network *from,
				   const struct vns_network *to,
				   struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	union nf_inet_addr addr = { };

	if (!vns_nat_hides_behind_gateway(from, to, skb,
					  ipv6_addr_loopback(&ip6h->saddr)))
		return NF_ACCEPT;

	if (ipv6_dev_get_saddr(dev_net(to->dev), to->dev, &ip6h->daddr, 0,
			       &addr.in6))
		return NF_DROP;
	return vns_nat_set_source(skb, &addr);
}

/*
 * nf_nat asks for the source address of a new IPv4 session. @skb is its first
 * packet.
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT, also if nothing was translated; NF_DROP; NF_STOLEN, and
 * the skb is consumed.
 */
unsigned int vns_nat_masquerade4(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);
	__be32 next_hop;

	if (to)
		return vns_nat_enter4(from, to, skb);
	if (!from)
		return NF_ACCEPT;

	/* without this check nf_nat logs each packet if @out has no address */
	next_hop = rt_nexthop(skb_rtable(skb), ip_hdr(skb)->daddr);
	if (!inet_select_addr(state->out, next_hop, RT_SCOPE_UNIVERSE)) {
		vns_stats_drop(from, skb, VNS_DROP_NO_ROUTE);
		return NF_STOLEN;
	}

	return nf_nat_masquerade_ipv4(skb, state->hook, &vns_nat_any_port,
				      state->out);
}

/* vns_nat_masquerade4() for IPv6. */
unsigned int vns_nat_masquerade6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);
	unsigned int verdict;

	if (to)
		return vns_nat_enter6(from, to, skb);
	if (!from)
		return NF_ACCEPT;

	verdict = nf_nat_masquerade_ipv6(skb, &vns_nat_any_port, state->out);
	if (unlikely(verdict == NF_DROP)) {
		/* the uplink has no suitable address */
		vns_stats_drop(from, skb, VNS_DROP_NO_ROUTE);
		return NF_STOLEN;
	}
	return verdict;
}

/*
 * Have conntrack count packets and note the start time of a VM's session,
 * whatever the namespace's settings for other connections are. @skb is a packet
 * that conntrack has seen. A confirmed connection is left alone.
 *
 * Context: softirq, or process context in LOCAL_OUT.
 */
void vns_nat_count(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (nf_ct_is_confirmed(ct))
		return;

	/* conntrack could not count this first packet */
	if (!nf_conn_acct_find(ct) &&
	    nf_ct_ext_add(ct, NF_CT_EXT_ACCT, GFP_ATOMIC))
		nf_ct_acct_update(ct, CTINFO2DIR(ctinfo), skb->len);
#ifdef CONFIG_NF_CONNTRACK_TIMESTAMP
	if (!nf_conn_tstamp_find(ct))
		nf_ct_ext_add(ct, NF_CT_EXT_TSTAMP, GFP_ATOMIC);
#endif
}

/*
 * Is @skb, a VM's packet after PRE_ROUTING, a reply to a loopback address of
 * the host? A port forward carried such a session to the VM, with the gateway's
 * address as its source. nf_nat has restored the destination, which is the
 * loopback address.
 */
bool vns_nat_to_loopback(const struct sk_buff *skb)
{
	const struct nf_conntrack_tuple *tuple;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || CTINFO2DIR(ctinfo) != IP_CT_DIR_REPLY ||
	    (ct->status & IPS_NAT_MASK) != IPS_NAT_MASK)
		return false;

	tuple = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	if (nf_ct_l3num(ct) == NFPROTO_IPV4)
		return ipv4_is_loopback(tuple->src.u3.ip) &&
		       ip_hdr(skb)->daddr == tuple->src.u3.ip;
	return ipv6_addr_loopback(&tuple->src.u3.in6) &&
	       ipv6_addr_loopback(&ipv6_hdr(skb)->daddr);
}

static bool vns_nat_on_subnet(const struct vns_network *network, u8 family,
			      const union nf_inet_addr *addr)
{
	return family == NFPROTO_IPV4 ?
	       vns_addr_on_subnet4(network, addr->ip) :
	       vns_addr_on_subnet6(network, &addr->in6);
}

static bool vns_nat_is_own(const struct vns_network *network, u8 family,
			   const union nf_inet_addr *addr)
{
	return family == NFPROTO_IPV4 ?
	       vns_addr_is_own4(network->dev, addr->ip) :
	       vns_addr_is_own6(network->dev, &addr->in6);
}

/*
 * Does a VM take part in the session? The other end may be outside, the host,
 * or a client of a port forward.
 */
static int vns_nat_is_session(struct nf_conn *ct, void *data)
{
	const struct nf_conntrack_tuple *orig =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct vns_network *network = data;
	u8 family = nf_ct_l3num(ct);
	bool found;

	rcu_read_lock();
	found = vns_nat_on_subnet(network, family, &orig->src.u3) ||
		vns_nat_on_subnet(network, family, &orig->dst.u3) ||
		vns_nat_on_subnet(network, family, &reply->src.u3);
	rcu_read_unlock();
	return found;
}

/* Sessions of VMs, except those between a VM and the host on this network. */
static int vns_nat_is_outside_session(struct nf_conn *ct, void *data)
{
	const struct nf_conntrack_tuple *orig =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct vns_network *network = data;
	u8 family = nf_ct_l3num(ct);
	bool inside;

	if (!vns_nat_is_session(ct, data))
		return 0;
	if (ct->status & IPS_NAT_MASK)
		return 1;

	rcu_read_lock();
	inside = vns_nat_is_own(network, family, &orig->src.u3) ||
		 vns_nat_is_own(network, family, &orig->dst.u3);
	rcu_read_unlock();
	return !inside;
}

static void vns_nat_flush_if(struct vns_network *network,
			     int (*condition)(struct nf_conn *ct, void *data))
{
	struct nf_ct_iter_data iter = {
		.net = dev_net(network->dev),
		.data = network,
	};

	ASSERT_RTNL();
	nf_ct_iterate_cleanup_net(condition, &iter);
}

/*
 * End all sessions of a network's VMs. Call this under rtnl while the network
 * still has its addresses, by which the sessions are found.
 */
void vns_nat_flush(struct vns_network *network)
{
	vns_nat_flush_if(network, vns_nat_is_session);
}

/* End all sessions of VMs except those with the gateway. Under rtnl. */
void vns_nat_flush_outside(struct vns_network *network)
{
	vns_nat_flush_if(network, vns_nat_is_outside_session);
}

/*
 * End sessions when an address of the host is removed. The registration takes
 * rtnl, so the caller must not hold it.
 */
int __init vns_nat_init(void)
{
	return nf_nat_masquerade_inet_register_notifiers();
}

void vns_nat_exit(void)
{
	nf_nat_masquerade_inet_unregister_notifiers();
}
