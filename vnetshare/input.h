/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_INPUT_H
#define _VNETSHARE_INPUT_H

#include <linux/skbuff.h>

#include "bridge.h"
#include "flow.h"
#include "network.h"
#include "port.h"
#include "switch.h"
#include "switch_cache.h"

enum vns_verdict vns_input_slow(struct vns_port *port, struct sk_buff *skb);
void vns_input_from_host(struct vns_network *network, struct sk_buff *skb);

/**
 * vns_input() - handle a frame that a VM sent
 * @port: the port that it arrived at
 * @skb: not shared, skb->data after the MAC header, skb->protocol set
 *
 * The fast path and the switch cache carry only frames that would pass every
 * check of vns_input_slow().
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: VNS_LOCAL if the caller still owns the skb and has to pass it to the
 * host's stack, VNS_CONSUMED otherwise.
 */
static inline enum vns_verdict vns_input(struct vns_port *port,
					 struct sk_buff *skb)
{
	struct vns_port *to;

	if (READ_ONCE(port->network->fast) && vns_flow_from_vm(port, skb))
		return VNS_CONSUMED;

	to = vns_switch_cache_find(port, skb);
	if (!to)
		return vns_input_slow(port, skb);
	vns_bridge_output(to, skb);
	return VNS_CONSUMED;
}

#endif /* _VNETSHARE_INPUT_H */
