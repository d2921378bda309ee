/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SNOOP_H
#define _VNETSHARE_SNOOP_H

#include <linux/types.h>

struct in6_addr;
struct sk_buff;
struct vns_network;
struct vns_parse;
struct vns_port;

void vns_snoop_vm(struct vns_port *port, const struct sk_buff *skb,
		  const struct vns_parse *parse, bool packets);
void vns_snoop_outside(struct vns_network *network, const struct sk_buff *skb,
		       const struct vns_parse *parse, const u8 *uplink_mac);
void vns_snoop_warn_host(struct vns_port *port, const struct sk_buff *skb,
			 const struct in6_addr *addr);

#endif /* _VNETSHARE_SNOOP_H */
