// SPDX-License-Identifier: GPL-2.0
/*
 * The nat mode: what a network's VMs send out is translated to the host's
 * address by conntrack and nf_nat, what answers comes back.
 *
 * Hooks of a namespace, there while it has a nat network:
 *  - PRE_ROUTING, last: routes VM packets and replies (route4.c)
 *  - FORWARD, first: who may talk to whom. It sees what the host's own
 *    forwarding would carry too, so that ip_forward changes nothing; for IPv6
 *    it lets nothing pass
 *  - nf_nat's POST_ROUTING decision, after the user's own NAT rules: masquerade
 *  - POST_ROUTING, after NAT: nothing leaves with a VM's address as source
 */
#include <linux/inetdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>
#include <net/route.h>

#include "nat.h"
#include "network.h"
#include "stats.h"

/* Is an IPv4 address on the subnet of a network? RCU or rtnl. */
static bool vns_nat_on_subnet4(const struct vns_network *network, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(network->dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;

	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (inet_ifa_match(addr, ifa))
			return true;
	return false;
}

/* The connection that a (possibly expected) connection descends from. */
static const struct nf_conn *vns_nat_root(const struct nf_conn *ct)
{
	/* each holds a reference to its master; helpers nest two or three */
	while (ct->master)
		ct = ct->master;
	return ct;
}

/*
 * A packet of a VM may leave in a new session, which POST_ROUTING will
 * translate, or in one that is translated. What conntrack does not follow
 * would leave with the VM's own address.
 */
static bool vns_nat_may_leave(const struct vns_network *network,
			      const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct)
		return false;
	if (ctinfo == IP_CT_ESTABLISHED || ctinfo == IP_CT_ESTABLISHED_REPLY)
		return ct->status & IPS_NAT_MASK;
	return true;
}

/*
 * Only what answers, or relates to, a session that a VM of this network began
 * may enter.
 */
static bool vns_nat_may_enter(const struct vns_network *network,
			      const struct sk_buff *skb)
{
	const struct nf_conntrack_tuple *tuple;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || ctinfo == IP_CT_NEW || !(ct->status & IPS_NAT_MASK))
		return false;

	ct = vns_nat_root(ct);
	tuple = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	return ct->status & IPS_SRC_NAT &&
	       vns_nat_on_subnet4(network, tuple->src.u3.ip);
}

/*
 * A LAN machine that sends with a VM's source address through a host that
 * forwards would begin a session in the VM's name, or speak in one that is
 * there. Only the direction from a session's beginning can be abused so.
 *
 * Return: the network whose VM the packet claims to be from; NULL: it does not.
 */
static struct vns_network *vns_nat_forged(const struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	struct flowi4 fl4 = { .daddr = ip_hdr(skb)->saddr };
	enum ip_conntrack_info ctinfo;
	struct vns_network *network;
	struct rtable *rt;

	if (!nf_ct_get(skb, &ctinfo) || CTINFO2DIR(ctinfo) != IP_CT_DIR_ORIGINAL)
		return NULL;

	rt = ip_route_output_key(state->net, &fl4);
	if (IS_ERR(rt))
		return NULL;

	network = vns_network_of(rt->dst.dev);
	ip_rt_put(rt);
	return network;
}

static unsigned int vns_nat_drop(struct vns_network *network,
				 struct sk_buff *skb)
{
	vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
	return NF_STOLEN;
}

static unsigned int vns_nat_forward4(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);

	if (!from && !to) {
		from = vns_nat_forged(skb, state);
		return from ? vns_nat_drop(from, skb) : NF_ACCEPT;
	}
	if (from == to)
		return NF_ACCEPT;
	if (from && (to || !READ_ONCE(from->mode)->may_leave(from, skb)))
		return vns_nat_drop(from, skb);
	if (to && !READ_ONCE(to->mode)->may_enter(to, skb))
		return vns_nat_drop(to, skb);
	return NF_ACCEPT;
}

/*
 * IPv6 is not translated: what a host that forwards IPv6 would carry between a
 * network and elsewhere stays out, and in.
 */
static unsigned int vns_nat_forward6(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);

	return from == to ? NF_ACCEPT : vns_nat_drop(from ?: to, skb);
}

/* Called by nf_nat once a connection, when it has not been translated yet. */
static unsigned int vns_nat_masquerade(void *priv, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	static const struct nf_nat_range2 range;
	struct vns_network *network = vns_network_of(state->in);
	__be32 next_hop;

	if (!network || vns_netdev_is(state->out))
		return NF_ACCEPT;

	/* nf_nat would log each packet of an uplink without an address */
	next_hop = rt_nexthop(skb_rtable(skb), ip_hdr(skb)->daddr);
	if (!inet_select_addr(state->out, next_hop, RT_SCOPE_UNIVERSE)) {
		vns_stats_drop(network, skb, VNS_DROP_NO_ROUTE);
		return NF_STOLEN;
	}

	return nf_nat_masquerade_ipv4(skb, state->hook, &range, state->out);
}

/* Last guard: a rule of the user may have exempted a session from NAT. Counts. */
static unsigned int vns_nat_post_routing(void *priv, struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	struct vns_network *network = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);

	if (network == to)
		return NF_ACCEPT;
	if (!network) {
		if (state->in)
			vns_stats_inc(to->stats, VNS_STAT_FORWARDED_IN);
		return NF_ACCEPT;
	}
	if (vns_nat_on_subnet4(network, ip_hdr(skb)->saddr))
		return vns_nat_drop(network, skb);

	vns_stats_inc(network->stats, VNS_STAT_FORWARDED_OUT);
	return NF_ACCEPT;
}

static const struct nf_hook_ops vns_nat_route_hook = {
	.hook		= vns_route4_pre_routing,
	.pf		= NFPROTO_IPV4,
	.hooknum	= NF_INET_PRE_ROUTING,
	.priority	= NF_IP_PRI_LAST,
};

static const struct nf_hook_ops vns_nat_filter_hooks[] = {
	{
		.hook		= vns_nat_forward4,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= vns_nat_forward6,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP6_PRI_FIRST,
	},
	{
		.hook		= vns_nat_post_routing,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_NAT_SRC + 1,
	},
};

static const struct nf_hook_ops vns_nat_decision_hook = {
	.hook		= vns_nat_masquerade,
	.pf		= NFPROTO_IPV4,
	.hooknum	= NF_INET_POST_ROUTING,
	.priority	= NF_IP_PRI_NAT_SRC + 1,
};

static int vns_nat_register_hooks(struct net *net)
{
	int err;

	err = nf_ct_netns_get(net, NFPROTO_IPV4);
	if (err)
		return err;

	err = nf_nat_ipv4_register_fn(net, &vns_nat_decision_hook);
	if (err)
		goto err_put_conntrack;

	err = nf_register_net_hooks(net, vns_nat_filter_hooks,
				    ARRAY_SIZE(vns_nat_filter_hooks));
	if (err)
		goto err_unregister_decision;

	err = nf_register_net_hook(net, &vns_nat_route_hook);
	if (err)
		goto err_unregister_filter;
	return 0;

err_unregister_filter:
	nf_unregister_net_hooks(net, vns_nat_filter_hooks,
				ARRAY_SIZE(vns_nat_filter_hooks));
err_unregister_decision:
	nf_nat_ipv4_unregister_fn(net, &vns_nat_decision_hook);
err_put_conntrack:
	nf_ct_netns_put(net, NFPROTO_IPV4);
	return err;
}

static void vns_nat_unregister_hooks(struct net *net)
{
	/* while a packet is still routed by us, it is still judged by us */
	nf_unregister_net_hook(net, &vns_nat_route_hook);
	synchronize_net();
	nf_unregister_net_hooks(net, vns_nat_filter_hooks,
				ARRAY_SIZE(vns_nat_filter_hooks));
	nf_nat_ipv4_unregister_fn(net, &vns_nat_decision_hook);
	nf_ct_netns_put(net, NFPROTO_IPV4);
}

static int vns_nat_start(struct vns_network *network)
{
	struct net *net = dev_net(network->dev);
	struct vns_net *vn = vns_network_net(net);
	int err;

	if (!vn->nat_users) {
		err = vns_nat_register_hooks(net);
		if (err)
			return err;
	}

	vn->nat_users++;
	return 0;
}

static void vns_nat_stop(struct vns_network *network)
{
	struct net *net = dev_net(network->dev);
	struct vns_net *vn = vns_network_net(net);

	if (!--vn->nat_users)
		vns_nat_unregister_hooks(net);
}

/* A session of a VM, with the outside or with the host. */
static int vns_nat_is_session(struct nf_conn *ct, void *data)
{
	const struct nf_conntrack_tuple *tuple;
	const struct vns_network *network = data;
	bool found;

	if (nf_ct_l3num(ct) != NFPROTO_IPV4)
		return 0;

	tuple = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	rcu_read_lock();
	found = vns_nat_on_subnet4(network, tuple->src.u3.ip) ||
		vns_nat_on_subnet4(network, tuple->dst.u3.ip);
	rcu_read_unlock();
	return found;
}

/*
 * Ends the sessions of a network's VMs. Its addresses are still in place, its
 * ports, from which packets would make new ones, are not.
 */
static void vns_nat_flush(struct vns_network *network)
{
	struct nf_ct_iter_data iter = {
		.net = dev_net(network->dev),
		.data = network,
	};

	ASSERT_RTNL();
	nf_ct_iterate_cleanup_net(vns_nat_is_session, &iter);
}

const struct vns_mode vns_mode_nat = {
	.id		= VNETSHARE_MODE_NAT,
	.name		= "nat",
	.start		= vns_nat_start,
	.stop		= vns_nat_stop,
	.flush		= vns_nat_flush,
	.may_leave	= vns_nat_may_leave,
	.may_enter	= vns_nat_may_enter,
};

/**
 * vns_nat_init() - purge sessions when an address of the host vanishes
 *
 * Context: process, not under rtnl, which the registration takes.
 * Return: 0 or a negative error.
 */
int __init vns_nat_init(void)
{
	return nf_nat_masquerade_inet_register_notifiers();
}

/**
 * vns_nat_exit() - the inverse of vns_nat_init()
 */
void vns_nat_exit(void)
{
	nf_nat_masquerade_inet_unregister_notifiers();
}
