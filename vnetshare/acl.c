// SPDX-License-Identifier: GPL-2.0
/*
 * The ACL: which machines may exchange packets that the host routes. It is the
 * first hook in FORWARD and checks packets that the module routes as well as
 * those that the host's own forwarding would carry.
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

/* Find the connection at the root of a chain of expected connections. */
static const struct nf_conn *vns_acl_root(const struct nf_conn *ct)
{
	/* each holds a reference to its master; chains are two or three long */
	while (ct->master)
		ct = ct->master;
	return ct;
}

/*
 * May a VM's packet leave to the outside? A new session may, because
 * POST_ROUTING will translate it. An established session must be translated. A
 * packet that conntrack does not track would leave with the VM's own address.
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

/* Does a packet from the outside claim the source address of a VM? */
static bool vns_acl_poses(const struct vns_network *network,
			  const struct sk_buff *skb, u8 family)
{
	if (family == NFPROTO_IPV4)
		return vns_addr_on_subnet4(network, ip_hdr(skb)->saddr);
	return vns_addr_on_subnet6(network, &ipv6_hdr(skb)->saddr);
}

/*
 * May a packet from the outside reach a VM? Only if it belongs or relates to a
 * session that a VM of this network began, or to a port forward.
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

/* May a VM's packet be routed back to a VM of the same network? */
static bool vns_acl_may_turn(const struct vns_network *network,
			     const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!READ_ONCE(network->isolate))
		return true;
	/* port forwards are open to all, also with isolation on */
	return ct && vns_portfwd_carries(network, vns_acl_root(ct));
}

/**
 * vns_acl_check() - check whether a packet may be routed between two devices
 * @from: the network that it comes from, NULL for another device
 * @to: the network that it goes to, NULL for another device; @from and @to are
 *	not both NULL
 * @skb: the packet, with its conntrack entry
 *
 * Context: softirq, RCU read side.
 * Return: VNS_STAT_MAX if it may, else the cause to count the drop under, for
 * @from if that is set and for @to otherwise.
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
 * A LAN machine could send packets with a VM's source address through a host
 * that forwards, and so begin or join a session in the VM's name. Only packets
 * in the session's original direction can be abused in this way.
 */
static bool vns_acl_may_be_forged(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	return nf_ct_get(skb, &ctinfo) &&
	       CTINFO2DIR(ctinfo) == IP_CT_DIR_ORIGINAL;
}

/* Find the network of the VM that owns the packet's source address. */
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

/*
 * The first hook in IPv4 FORWARD. @skb is any packet that is routed between two
 * devices.
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT, or NF_STOLEN and the skb is consumed.
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

/* vns_acl_forward4() for IPv6. */
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
