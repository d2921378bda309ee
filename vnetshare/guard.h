/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_GUARD_H
#define _VNETSHARE_GUARD_H

#include "stats.h"

struct sk_buff;
struct vns_parse;
struct vns_port;

bool vns_guard_settle_csum(struct sk_buff *skb, struct vns_parse *parse);
enum vns_stat vns_guard_check(struct vns_port *port, const struct sk_buff *skb,
			      const struct vns_parse *parse);

#endif /* _VNETSHARE_GUARD_H */
