// SPDX-License-Identifier: GPL-2.0
/*
 * The module's netfilter hooks in a namespace, for IPv4 and IPv6 alike.
 *
 * While there is a network that the host is on:
 *  - PRE_ROUTING, last: routes packets of VMs and replies (route4.c, route6.c)
 *  - FORWARD, first: the ACL (acl.c). It also sees packets of the host's own
 *    forwarding, so that ip_forward does not change who reaches a VM
 *
 * While there is a network with a way out:
 *  - conntrack is on
 *  - decisions of nf_nat, each after the user's own NAT rules: PRE_ROUTING and
 *    LOCAL_OUT for port forwards (portfwd_nat.c), POST_ROUTING for
 *    masquerading (nat.c)
 *  - POST_ROUTING, after NAT: drops packets that still have a VM's address as
 *    their source
 *  - ingress of the uplinks, last: the fast path (flow_dev.c)
 *  - LOCAL_IN, after the filters: continues packets to VMs that "firewall host"
 *    sent through it
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

#include "acl.h"
#include "addr.h"
#include "flow.h"
#include "hooks.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "portfwd.h"
#include "route.h"
#include "stats.h"
#include "uplink.h"

static bool vns_hooks_is_translated(const struct vns_network *from,
				    const struct sk_buff *skb, u8 pf)
{
	return pf == NFPROTO_IPV4 ?
	       !vns_addr_on_subnet4(from, ip_hdr(skb)->saddr) :
	       !vns_addr_on_subnet6(from, &ipv6_hdr(skb)->saddr);
}

/*
 * The last check of a packet that is routed between devices, for IPv4 and IPv6.
 * No packet leaves with a VM's own address, even if a rule of the user
 * prevented its translation. Packets that pass are counted and may get a fast
 * path entry.
 */
static unsigned int vns_hooks_leave(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct vns_network *from = vns_network_of(state->in);
	struct vns_network *to = vns_network_of(state->out);

	if (to) {
		if (state->in && from != to)
			vns_stats_inc(to->stats, VNS_STAT_FORWARDED_IN);
		vns_portfwd_count(skb);
		if (state->in && READ_ONCE(to->fast))
			vns_flow_add(skb, state);
		return NF_ACCEPT;
	}
	if (!from)
		return NF_ACCEPT;

	/* a rule of the user may have changed the route */
	if (unlikely(!vns_uplink_is(&from->uplink, state->out))) {
		vns_stats_drop(from, skb, VNS_DROP_NO_ROUTE);
		return NF_STOLEN;
	}
	if (unlikely(!vns_hooks_is_translated(from, skb, state->pf))) {
		vns_stats_drop(from, skb, VNS_DROP_NOT_ALLOWED);
		return NF_STOLEN;
	}
	vns_stats_inc(from->stats, VNS_STAT_FORWARDED_OUT);
	if (READ_ONCE(from->fast))
		vns_flow_add(skb, state);
	return NF_ACCEPT;
}

/* IPv4 comes first in each array; without IPv6 only the first is registered. */
static const struct nf_hook_ops vns_hooks_route[] = {
	{
		.hook		= vns_route4_pre_routing,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP_PRI_LAST,
	},
	{
		.hook		= vns_route6_pre_routing,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_PRE_ROUTING,
		.priority	= NF_IP6_PRI_LAST,
	},
};

/* After the filters, before source NAT. */
static const struct nf_hook_ops vns_hooks_input[] = {
	{
		.hook		= vns_route_leave_input,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_NAT_SRC - 1,
	},
	{
		.hook		= vns_route_leave_input,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP6_PRI_NAT_SRC - 1,
	},
};

static const struct nf_hook_ops vns_hooks_acl[] = {
	{
		.hook		= vns_acl_forward4,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP_PRI_FIRST,
	},
	{
		.hook		= vns_acl_forward6,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_FORWARD,
		.priority	= NF_IP6_PRI_FIRST,
	},
};

static const struct nf_hook_ops vns_hooks_last[] = {
	{
		.hook		= vns_hooks_leave,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP_PRI_NAT_SRC + 1,
	},
	{
		.hook		= vns_hooks_leave,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_POST_ROUTING,
		.priority	= NF_IP6_PRI_NAT_SRC + 1,
	},
};

/* One row for each family. */
static const struct nf_hook_ops vns_hooks_decide[2][3] = {
	{
		{
			.hook		= vns_portfwd_decide4,
			.pf		= NFPROTO_IPV4,
			.hooknum	= NF_INET_PRE_ROUTING,
			.priority	= NF_IP_PRI_NAT_DST + 1,
		},
		{
			.hook		= vns_portfwd_decide4,
			.pf		= NFPROTO_IPV4,
			.hooknum	= NF_INET_LOCAL_OUT,
			.priority	= NF_IP_PRI_NAT_DST + 1,
		},
		{
			.hook		= vns_nat_masquerade4,
			.pf		= NFPROTO_IPV4,
			.hooknum	= NF_INET_POST_ROUTING,
			.priority	= NF_IP_PRI_NAT_SRC + 1,
		},
	},
	{
		{
			.hook		= vns_portfwd_decide6,
			.pf		= NFPROTO_IPV6,
			.hooknum	= NF_INET_PRE_ROUTING,
			.priority	= NF_IP6_PRI_NAT_DST + 1,
		},
		{
			.hook		= vns_portfwd_decide6,
			.pf		= NFPROTO_IPV6,
			.hooknum	= NF_INET_LOCAL_OUT,
			.priority	= NF_IP6_PRI_NAT_DST + 1,
		},
		{
			.hook		= vns_nat_masquerade6,
			.pf		= NFPROTO_IPV6,
			.hooknum	= NF_INET_POST_ROUTING,
			.priority	= NF_IP6_PRI_NAT_SRC + 1,
		},
	},
};

static unsigned int vns_hooks_families(void)
{
	return ipv6_mod_enabled() ? 2 : 1;
}

static int vns_hooks_register_decision(struct net *net,
				       const struct nf_hook_ops *ops)
{
	return ops->pf == NFPROTO_IPV4 ? nf_nat_ipv4_register_fn(net, ops) :
					 nf_nat_ipv6_register_fn(net, ops);
}

static void vns_hooks_unregister_decision(struct net *net,
					  const struct nf_hook_ops *ops)
{
	if (ops->pf == NFPROTO_IPV4)
		nf_nat_ipv4_unregister_fn(net, ops);
	else
		nf_nat_ipv6_unregister_fn(net, ops);
}

/* Enable conntrack and the NAT decisions for one family. */
static int vns_hooks_get_decisions(struct net *net,
				   const struct nf_hook_ops *ops, int n)
{
	int i, err;

	err = nf_ct_netns_get(net, ops->pf);
	if (err)
		return err;

	for (i = 0; i < n; i++) {
		err = vns_hooks_register_decision(net, &ops[i]);
		if (err)
			goto err_unregister;
	}
	return 0;

err_unregister:
	while (i--)
		vns_hooks_unregister_decision(net, &ops[i]);
	nf_ct_netns_put(net, ops->pf);
	return err;
}

static void vns_hooks_put_decisions(struct net *net,
				    const struct nf_hook_ops *ops, int n)
{
	while (n--)
		vns_hooks_unregister_decision(net, &ops[n]);
	nf_ct_netns_put(net, ops->pf);
}

static int vns_hooks_get_nat(struct net *net)
{
	const int n = ARRAY_SIZE(vns_hooks_decide[0]);
	int families = vns_hooks_families();
	int i, err;

	for (i = 0; i < families; i++) {
		err = vns_hooks_get_decisions(net, vns_hooks_decide[i], n);
		if (err)
			goto err_put_decisions;
	}

	err = nf_register_net_hooks(net, vns_hooks_last, families);
	if (err)
		goto err_put_decisions;

	err = nf_register_net_hooks(net, vns_hooks_input, families);
	if (err)
		goto err_unregister_last;
	vns_flow_start(&vns_network_net(net)->flows);
	return 0;

err_unregister_last:
	nf_unregister_net_hooks(net, vns_hooks_last, families);
err_put_decisions:
	while (i--)
		vns_hooks_put_decisions(net, vns_hooks_decide[i], n);
	return err;
}

static void vns_hooks_put_nat(struct net *net)
{
	const int n = ARRAY_SIZE(vns_hooks_decide[0]);
	int i = vns_hooks_families();

	vns_flow_stop(&vns_network_net(net)->flows);
	vns_flow_dev_del_all(&vns_network_net(net)->flows);
	nf_unregister_net_hooks(net, vns_hooks_input, i);
	nf_unregister_net_hooks(net, vns_hooks_last, i);
	while (i--)
		vns_hooks_put_decisions(net, vns_hooks_decide[i], n);
}

static int vns_hooks_get_route(struct net *net)
{
	int err;

	err = nf_register_net_hooks(net, vns_hooks_acl,
				    vns_hooks_families());
	if (err)
		return err;

	err = nf_register_net_hooks(net, vns_hooks_route,
				    vns_hooks_families());
	if (err)
		nf_unregister_net_hooks(net, vns_hooks_acl,
					vns_hooks_families());
	return err;
}

static void vns_hooks_put_route(struct net *net)
{
	/* packets that the module routed must still meet the ACL */
	nf_unregister_net_hooks(net, vns_hooks_route, vns_hooks_families());
	synchronize_net();
	nf_unregister_net_hooks(net, vns_hooks_acl, vns_hooks_families());
}

/*
 * Register the hooks that a network of this mode needs, or count another user.
 * Undone by vns_hooks_put().
 *
 * Context: rtnl.
 * Return: 0, or a negative error with nothing changed.
 */
int vns_hooks_get(struct net *net, const struct vns_mode *mode)
{
	struct vns_net *vn = vns_network_net(net);
	int err;

	ASSERT_RTNL();
	if (mode->outside && !vn->nat_users) {
		err = vns_hooks_get_nat(net);
		if (err)
			return err;
	}

	if (mode->host && !vn->route_users) {
		err = vns_hooks_get_route(net);
		if (err)
			goto err_put_nat;
	}

	vn->nat_users += mode->outside;
	vn->route_users += mode->host;
	return 0;

err_put_nat:
	if (mode->outside && !vn->nat_users)
		vns_hooks_put_nat(net);
	return err;
}

/*
 * Undo vns_hooks_get().
 *
 * Context: rtnl. May wait for a grace period.
 */
void vns_hooks_put(struct net *net, const struct vns_mode *mode)
{
	struct vns_net *vn = vns_network_net(net);

	ASSERT_RTNL();
	vn->nat_users -= mode->outside;
	vn->route_users -= mode->host;
	if (mode->host && !vn->route_users)
		vns_hooks_put_route(net);
	if (mode->outside && !vn->nat_users)
		vns_hooks_put_nat(net);
}
