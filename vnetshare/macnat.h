/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_MACNAT_H
#define _VNETSHARE_MACNAT_H

#include <linux/types.h>

struct sk_buff;
struct vns_network;
struct vns_parse;
struct vns_port;

/**
 * enum vns_macnat_verdict - receiver of a frame to the uplink's MAC address
 * @VNS_MACNAT_HOST: the host; the frame is unchanged
 * @VNS_MACNAT_VM: a VM; its MAC address is now the destination
 * @VNS_MACNAT_GROUP: a group; its MAC address is now the destination
 * @VNS_MACNAT_DROP: a VM or a group, but there was no memory to translate
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
