/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_NAT_H
#define _VNETSHARE_NAT_H

#include <linux/types.h>

struct nf_conn;
struct nf_hook_state;
struct sk_buff;
struct vns_network;

unsigned int vns_nat_masquerade4(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);
unsigned int vns_nat_masquerade6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);
void vns_nat_count(const struct sk_buff *skb);
bool vns_nat_to_loopback(const struct sk_buff *skb);
void vns_nat_flush(struct vns_network *network);
void vns_nat_flush_outside(struct vns_network *network);

int vns_nat_init(void);
void vns_nat_exit(void);

#endif /* _VNETSHARE_NAT_H */
