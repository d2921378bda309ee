/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_BRIDGE_FILTER_H
#define _VNETSHARE_BRIDGE_FILTER_H

#include <linux/types.h>

struct vns_bridge;
struct vns_network;

/* Bounds of an uplink's filters, which VMs can make grow */
#define VNS_BRIDGE_FILTER_MAX		64
#define VNS_BRIDGE_FILTER_VLANS_MAX	64

#define VNS_BRIDGE_FILTER_VLANS	4096

/* After a change of the VMs' addresses, the filters wait this long for more. */
#define VNS_BRIDGE_FILTER_DELAY	(HZ / 50)

/**
 * struct vns_bridge_filter - filters set on an uplink for the VMs; rtnl
 * @n: length of @keys
 * @keys: vns_fdb_key() of the addresses in the uplink's unicast filter
 * @n_vlans: length of @vlans
 * @vlans: VLANs in the uplink's VLAN filter
 * @promisc: the filters have no room: the uplink was made promiscuous
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
