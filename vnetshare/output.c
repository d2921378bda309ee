// SPDX-License-Identifier: GPL-2.0
/*
 * Output of the switch to the VM behind a port
 */
#include <linux/netdevice.h>

#include "network.h"
#include "output.h"
#include "port.h"
#include "stats.h"

/*
 * Send a frame to the VM on a native port; consumes the skb, skb->data at the
 * MAC header. Context: softirq or BH disabled, RCU read side.
 */
void vns_output_native(struct vns_port *port, struct sk_buff *skb)
{
	struct net_device *dev = port->dev;
	unsigned int len = skb->len;

	if (likely(dev_forward_skb(dev, skb) == NET_RX_SUCCESS))
		dev_sw_netstats_rx_add(dev, len);
	else
		vns_stats_inc(port->network->stats, VNS_DROP_QUEUE_FULL);
}

/*
 * Send a frame to the VM on a port; consumes the skb, skb->data behind the MAC
 * header. GSO frames go out whole; the stack splits them where the device can
 * not. Context: softirq or BH disabled, RCU read side.
 */
void vns_output(struct vns_port *port, struct sk_buff *skb)
{
	skb_push(skb, ETH_HLEN);
	if (unlikely(!vns_output_fits(port->dev, skb))) {
		vns_stats_drop(port->network, skb,
			       port->dev->flags & IFF_UP ?
			       VNS_DROP_TOO_BIG : VNS_DROP_PORT_DOWN);
		return;
	}

	skb_forward_csum(skb);
	if (port->native) {
		vns_output_native(port, skb);
		return;
	}

	skb->dev = port->dev;
	skb_clear_tstamp(skb);
	dev_queue_xmit(skb);
}
