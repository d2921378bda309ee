// SPDX-License-Identifier: GPL-2.0
/*
 * Who may talk to whom, when a packet passes from one device to another. The
 * first hook of FORWARD asks, for what we route and for what the host's own
 * forwarding carries.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "acl.h"
#include "addr.h"
#include "mode.h"
#include "network.h"
#include "portfwd.h"
#include "stats.h"

/* The connection that a (possibly expected) connection descends from. */
static const struct nf_conn *vns_acl_root(const struct nf_conn *ct)
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
static bool vns_acl_may_leave(const struct vns_network *network,
			      const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!READ_ONCE(network->mode)->outside || !ct)
		return false;
	if (ctinfo == IP_CT_ESTABLISHED || ctinfo == IP_CT_ESTABLISHED_REPLY)
		return ct->status & IPS_NAT_MASK;
	return true;
}

/* Did a VM of this network begin the session? */
static bool vns_acl_began(const struct vns_network *network,
			  const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	if (!(ct->status & IPS_SRC_NAT))
		return false;
	if (nf_ct_l3num(ct) == NFPROTO_IPV4)
		return vns_addr_on_subnet4(network, tuple->src.u3.ip);
	return vns_addr_on_subnet6(network, &tuple->src.u3.in6);
}

/* Does a packet from outside have the address of a VM? */
static bool vns_acl_poses(const struct vns_network *network,
			  const struct sk_buff *skb, u8 family)
{
	if (family == NFPROTO_IPV4)
		return vns_addr_on_subnet4(network, ip_hdr(skb)->saddr);
	return vns_addr_on_subnet6(network, &ipv6_hdr(skb)->saddr);
}

/*
 * Only what answers, or relates to, a session that a VM of this network began
 * may enter, and what a port forward asks in.
 */
static bool vns_acl_may_enter(const struct vns_network *network,
			      const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	const struct nf_conn *root;

	if (!READ_ONCE(network->mode)->outside)
		return false;
	if (!ct || !(ct->status & IPS_NAT_MASK) ||
	    vns_acl_poses(network, skb, nf_ct_l3num(ct)))
		return false;

	root = vns_acl_root(ct);
	if (ctinfo != IP_CT_NEW && vns_acl_began(network, root))
		return true;
	return vns_portfwd_carries(network, root);
}

/* From a VM to a VM of the same network, by way of the host. */
static bool vns_acl_may_turn(const struct vns_network *network,
			     const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!READ_ONCE(network->isolate))
		return true;
	/* what everybody may reach, a sibling may */
	return ct && vns_portfwd_carries(network, vns_acl_root(ct));
}

/**
 * vns_acl_check() - may a packet pass between these devices
 * @from: the network it comes from, NULL: something else
 * @to: the network it goes to, NULL: something else; not NULL if @from is
 * @skb: the packet, its conntrack entry attached
 *
 * Context: softirq, RCU read side.
 * Return: VNS_STAT_MAX if so, else the cause of its drop, which is to be
 * counted for @from, or for @to if there is no @from.
 */
enum vns_stat vns_acl_check(struct vns_network *from, struct vns_network *to,
			    const struct sk_buff *skb)
{
	if (from == to)
		return vns_acl_may_turn(from, skb) ? VNS_STAT_MAX :
							VNS_DROP_ISOLATED;
	if (from && (to || !vns_acl_may_leave(from, skb)))
		return VNS_DROP_NOT_ALLOWED;
	if (to && !vns_acl_may_enter(to, skb))
		return VNS_DROP_NOT_ALLOWED;
	return VNS_STAT_MAX;
}

static unsigned int vns_acl_drop(struct vns_network *network,
				 struct sk_buff *skb, enum vns_stat cause)
{
	vns_stats_drop(network, skb, cause);
	return NF_STOLEN;
}

static unsigned int vns_acl_forward(struct vns_network *from,
				    struct vns_network *to, struct sk_buff *skb)
{
	enum vns_stat cause = vns_acl_check(from, to, skb);

	if (likely(cause == VNS_STAT_MAX))
		return NF_ACCEPT;
	return vns_acl_drop(from ?: to, skb, cause);
}

/*
 * A LAN machine that sends with a VM's source address through a host that
 * forwards would begin a session in the VM's name, or speak in one that is
 * there. Only the direction from a session's beginning can be abused so.
 */
static bool vns_acl_may_be_forged(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	return nf_ct_get(skb, &ctinfo) &&
	       CTINFO2DIR(ctinfo) == IP_CT_DIR_ORIGINAL;
}

/* The network whose VM has the packet's source address, NULL: none. */
static struct vns_network *vns_acl_owner4(struct net *net,
					  const struct sk_buff *skb)
{
	struct flowi4 fl4 = { .daddr = ip_hdr(skb)->saddr };
	struct vns_network *network;
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return NULL;

	network = vns_network_of(rt->dst.dev);
	ip_rt_put(rt);
	return network;
}

static struct vns_network *vns_acl_owner6(struct net *net,
					  const struct sk_buff *skb)
{
	struct flowi6 fl6 = { .daddr = ipv6_hdr(skb)->saddr };
	struct vns_network *network = NULL;
	struct dst_entry *dst;

	dst = ip6_route_output(net, NULL, &fl6);
	if (!dst->error)
		network = vns_network_of(dst->dev);
	dst_release(dst);
	return network;
}

/**
 * vns_acl_forward4() - first hook of IPv4 FORWARD
 * @priv: not used
 * @skb: any packet that passes between devices; consumed if NF_STOLEN is
 *	returned
 * @state: of the hook
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT or NF_STOLEN.
 */
unsigned int vns_acl_forward4(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);

	if (from || to)
		return vns_acl_forward(from, to, skb);
	if (!vns_acl_may_be_forged(skb))
		return NF_ACCEPT;

	from = vns_acl_owner4(state->net, skb);
	return from ? vns_acl_drop(from, skb, VNS_DROP_NOT_ALLOWED) :
		      NF_ACCEPT;
}

/**
 * vns_acl_forward6() - first hook of IPv6 FORWARD
 * @priv: not used
 * @skb: any packet that passes between devices; consumed if NF_STOLEN is
 *	returned
 * @state: of the hook
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT or NF_STOLEN.
 */
unsigned int vns_acl_forward6(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);

	if (from || to)
		return vns_acl_forward(from, to, skb);
	if (!vns_acl_may_be_forged(skb))
		return NF_ACCEPT;

	from = vns_acl_owner6(state->net, skb);
	return from ? vns_acl_drop(from, skb, VNS_DROP_NOT_ALLOWED) :
		      NF_ACCEPT;
}
