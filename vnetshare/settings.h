/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SETTINGS_H
#define _VNETSHARE_SETTINGS_H

#include <linux/bits.h>

struct netlink_ext_ack;
struct vns_network;
struct vns_network_settings;

#define VNS_SETTINGS_MTU	BIT(0)
#define VNS_SETTINGS_MAC	BIT(1)
#define VNS_SETTINGS_UPLINK	BIT(2)
#define VNS_SETTINGS_AGEING	BIT(3)

int vns_settings_apply(struct vns_network *network,
		       const struct vns_network_settings *have,
		       const struct vns_network_settings *want,
		       unsigned int asked, unsigned int *refused,
		       struct netlink_ext_ack *extack);

#endif /* _VNETSHARE_SETTINGS_H */
