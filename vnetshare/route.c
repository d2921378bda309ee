// SPDX-License-Identifier: GPL-2.0
/*
 * The last step of routing a packet: across the host's filter hooks that the
 * network's "firewall" setting names, and on its way.
 */
#include <linux/netfilter.h>
#include <net/dst.h>

#include "acl.h"
#include "network.h"
#include "route.h"
#include "stats.h"

/**
 * vns_route_send() - send a packet along its route
 * @network: the VM's, which it comes from or goes to
 * @skb: ready to go out, its route attached; consumed
 * @state: of the PRE_ROUTING hook
 *
 * The way on is always a function of the kernel's: an NFQUEUE program may hold
 * the packet for longer than this module is there.
 *
 * Context: softirq, RCU read side.
 */
void vns_route_send(struct vns_network *network, struct sk_buff *skb,
		    const struct nf_hook_state *state)
{
	enum vnetshare_firewall firewall = READ_ONCE(network->firewall);
	struct vns_network *from = vns_network_of(state->in);
	struct dst_entry *dst = skb_dst(skb);
	struct vns_network *to = vns_network_of(dst->dev);
	enum vns_stat cause;

	if (likely(firewall == VNETSHARE_FIREWALL_FORWARD)) {
		/* its first hook is vns_acl_forward4() or 6() */
		NF_HOOK(state->pf, NF_INET_FORWARD, state->net, NULL, skb,
			state->in, dst->dev, dst->output);
		return;
	}

	cause = vns_acl_check(from, to, skb);
	if (unlikely(cause != VNS_STAT_MAX)) {
		vns_stats_drop(network, skb, cause);
		return;
	}

	if (firewall == VNETSHARE_FIREWALL_OFF || from == to)
		dst->output(state->net, NULL, skb);
	else if (to)
		NF_HOOK(state->pf, NF_INET_LOCAL_IN, state->net, NULL, skb,
			state->in, NULL, dst->output);
	else
		NF_HOOK(state->pf, NF_INET_LOCAL_OUT, state->net, NULL, skb,
			NULL, dst->dev, dst->output);
}

/**
 * vns_route_leave_input() - hook of LOCAL_IN, behind the filters
 * @priv: not used
 * @skb: any packet for the host, or one that vns_route_send() sent here;
 *	consumed if NF_STOLEN is returned
 * @state: of the hook
 *
 * What goes on to a VM is not at its end: the source is not translated, helpers
 * are not called and the connection is not confirmed here, but in POST_ROUTING.
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT for what stays on the host, NF_STOLEN for the rest.
 */
unsigned int vns_route_leave_input(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (likely(!dst || state->okfn != dst->output))
		return NF_ACCEPT;

	state->okfn(state->net, NULL, skb);
	return NF_STOLEN;
}
