/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SWITCH_H
#define _VNETSHARE_SWITCH_H

#include <linux/skbuff.h>

#include "flow.h"
#include "network.h"
#include "port.h"
#include "recent.h"

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

enum vns_verdict vns_switch_input_slow(struct vns_port *port,
				       struct sk_buff *skb);
enum vns_verdict vns_switch_to_port(struct vns_port *from, struct vns_port *to,
				    struct sk_buff *skb);
enum vns_verdict vns_switch_local(struct vns_network *network,
				  struct sk_buff *skb);
void vns_switch_flood(struct vns_network *network,
		      const struct vns_port *from, struct sk_buff *skb,
		      bool keep);
bool vns_switch_is_reserved(const struct vns_network *network, const u8 *dest);
void vns_switch_from_host(struct vns_network *network, struct sk_buff *skb);

/**
 * vns_switch_input() - a frame that a VM sent
 * @port: the port it came in by
 * @skb: not shared, skb->data behind the MAC header, skb->protocol set
 *
 * What is checked of each frame is part of what the fast path, and the memory of
 * recent pairs, look up.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_LOCAL: the skb is still the caller's, who gives it to the stack
 * of the host; VNS_CONSUMED otherwise.
 */
static inline enum vns_verdict vns_switch_input(struct vns_port *port,
						struct sk_buff *skb)
{
	if (READ_ONCE(port->network->fast) && vns_flow_from_vm(port, skb))
		return VNS_CONSUMED;
	if (vns_recent_carry(port, skb))
		return VNS_CONSUMED;
	return vns_switch_input_slow(port, skb);
}

#endif /* _VNETSHARE_SWITCH_H */
