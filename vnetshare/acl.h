/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_ACL_H
#define _VNETSHARE_ACL_H

#include "stats.h"

struct nf_hook_state;
struct sk_buff;
struct vns_network;

enum vns_stat vns_acl_check(struct vns_network *from, struct vns_network *to,
			    const struct sk_buff *skb);
unsigned int vns_acl_forward4(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);
unsigned int vns_acl_forward6(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

#endif /* _VNETSHARE_ACL_H */
