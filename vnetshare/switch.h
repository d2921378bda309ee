/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SWITCH_H
#define _VNETSHARE_SWITCH_H

#include <linux/skbuff.h>

#include "network.h"
#include "port.h"

struct vns_parse;

/**
 * enum vns_verdict - what became of a frame
 * @VNS_CONSUMED: it was sent on or dropped
 * @VNS_LOCAL: it is for the host: skb->dev is the network's device, the caller
 *	hands it to the stack
 */
enum vns_verdict {
	VNS_CONSUMED,
	VNS_LOCAL,
};

enum vns_verdict vns_switch_to_port(struct vns_port *from, struct vns_port *to,
				    struct sk_buff *skb,
				    const struct vns_parse *parse);
enum vns_verdict vns_switch_local(struct vns_network *network,
				  struct sk_buff *skb);
void vns_switch_flood(struct vns_network *network,
		      const struct vns_port *from, struct sk_buff *skb,
		      bool keep);
bool vns_switch_is_reserved(const struct vns_network *network, const u8 *dest);
bool vns_switch_may_flood(struct vns_port *port);

#endif /* _VNETSHARE_SWITCH_H */
