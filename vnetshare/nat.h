/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_NAT_H
#define _VNETSHARE_NAT_H

#include <linux/types.h>

struct net;
struct nf_hook_state;
struct sk_buff;

unsigned int vns_route4_pre_routing(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state);

int vns_nat_init(void);
void vns_nat_exit(void);

#endif /* _VNETSHARE_NAT_H */
