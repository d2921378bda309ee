/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_ROUTE_H
#define _VNETSHARE_ROUTE_H

#include <linux/types.h>

struct nf_hook_state;
struct sk_buff;
struct vns_network;

void vns_route_send(struct vns_network *network, struct sk_buff *skb,
		    const struct nf_hook_state *state);

unsigned int vns_route_leave_input(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

/* route4.c, route6.c */
unsigned int vns_route4_pre_routing(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state);
unsigned int vns_route6_pre_routing(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state);

#endif /* _VNETSHARE_ROUTE_H */
