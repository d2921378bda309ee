// SPDX-License-Identifier: GPL-2.0
/*
 * The last step of routing: send a packet through the host's filter hooks that
 * the network's "firewall" setting names, and then along its route.
 */
#include <linux/netfilter.h>
#include <net/dst.h>

#include "acl.h"
#include "network.h"
#include "route.h"
#include "stats.h"

/**
 * vns_route_send() - send a packet along its route
 * @network: the VM's network, which the packet comes from or goes to
 * @skb: ready to be sent, its route attached; consumed
 * @state: that of the PRE_ROUTING hook
 *
 * The continuation after the hooks is always a function of the kernel, because
 * an NFQUEUE program may hold the packet until the module is gone.
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
		/*
		 * the first hook there is vns_acl_forward4() or
		 * vns_acl_forward6()
		 */
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

/*
 * Hook in LOCAL_IN, after the filters. It continues packets that
 * vns_route_send() sent through LOCAL_IN. They skip the remaining hooks there:
 * source NAT, helpers and confirmation follow in POST_ROUTING.
 *
 * Context: softirq, RCU read side.
 * Return: NF_ACCEPT for packets to the host; NF_STOLEN for packets to a VM, and
 * the skb is consumed.
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
