/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_MACNAT_H
#define _VNETSHARE_MACNAT_H

#include <linux/types.h>

struct sk_buff;
struct vns_network;
struct vns_parse;
struct vns_port;

/**
 * enum vns_macnat_verdict - whom a frame to the uplink's MAC address is for
 * @VNS_MACNAT_HOST: for the host; unchanged
 * @VNS_MACNAT_VM: for a VM, to whose MAC address it now goes
 * @VNS_MACNAT_GROUP: for a group, to whose MAC address it now goes
 * @VNS_MACNAT_DROP: for a VM, but it could not be changed
 */
enum vns_macnat_verdict {
	VNS_MACNAT_HOST,
	VNS_MACNAT_VM,
	VNS_MACNAT_GROUP,
	VNS_MACNAT_DROP,
};

bool vns_macnat_out(struct sk_buff *skb, const struct vns_parse *parse,
		    const u8 *uplink_mac);
bool vns_macnat_out_plain(struct sk_buff *skb, const u8 *uplink_mac);
enum vns_macnat_verdict vns_macnat_in(struct vns_network *network,
				      struct sk_buff *skb,
				      const struct vns_parse *parse,
				      struct vns_port **to);

#endif /* _VNETSHARE_MACNAT_H */
