/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_OUTPUT_H
#define _VNETSHARE_OUTPUT_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/gso.h>

struct vns_port;

/**
 * vns_output_fits() - can a device send a frame
 * @dev: the device
 * @skb: the frame, skb->data at the MAC header; of a GSO frame each segment counts,
 *	for its sender chose their size
 *
 * Context: any.
 * Return: false if the device is down, or the frame is longer than its MTU.
 */
static inline bool vns_output_fits(const struct net_device *dev,
				   const struct sk_buff *skb)
{
	if (unlikely(!is_skb_forwardable(dev, skb)))
		return false;
	return !skb_is_gso(skb) ||
	       skb_gso_validate_mac_len(skb, READ_ONCE(dev->mtu) + ETH_HLEN +
					VLAN_HLEN);
}

void vns_output(struct vns_port *port, struct sk_buff *skb);
void vns_output_native(struct vns_port *port, struct sk_buff *skb);

#endif /* _VNETSHARE_OUTPUT_H */
