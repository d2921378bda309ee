/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_BRIDGE_FILTER_H
#define _VNETSHARE_BRIDGE_FILTER_H

#include <linux/types.h>

struct sk_buff;
struct vns_bridge;
struct vns_network;

/* Bounds on what VMs can make an uplink's filters grow to. */
#define VNS_BRIDGE_FILTER_MAX		64
#define VNS_BRIDGE_FILTER_VLANS_MAX	64

#define VNS_BRIDGE_FILTER_VLANS	4096

/* Frames that come one after the other make one change of the filter. */
#define VNS_BRIDGE_FILTER_DELAY	(HZ / 50)

/**
 * struct vns_bridge_filter - what an uplink receives for the VMs; rtnl
 * @n: length of @keys
 * @keys: vns_fdb_key() of the addresses in the uplink's unicast filter
 * @n_vlans: length of @vlans
 * @vlans: VLANs in the uplink's VLAN filter
 * @promisc: the filter does not do: the uplink receives everything
 */
struct vns_bridge_filter {
	u32 n;
	u32 n_vlans;
	u64 keys[VNS_BRIDGE_FILTER_MAX];
	u16 vlans[VNS_BRIDGE_FILTER_VLANS_MAX];
	bool promisc;
};

void vns_bridge_filter_sync(struct vns_bridge *bridge);
void vns_bridge_filter_clear(struct vns_bridge *bridge);

#endif /* _VNETSHARE_BRIDGE_FILTER_H */
