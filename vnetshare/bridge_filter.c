// SPDX-License-Identifier: GPL-2.0
/*
 * Receive filters of a bridged network's uplink. The unicast filter has the MAC
 * addresses of the VMs, the VLAN filter has the VLANs that they use. If these
 * are too many, the uplink is made promiscuous.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "bridge.h"
#include "bridge_filter.h"
#include "fdb.h"
#include "network.h"

static bool vns_bridge_filter_has(const u64 *keys, u32 n, u64 key)
{
	while (n--)
		if (keys[n] == key)
			return true;
	return false;
}

static int vns_bridge_filter_add(struct net_device *dev, u64 key)
{
	u8 mac[ETH_ALEN];

	vns_fdb_key_to_mac(key, mac);
	return dev_uc_add(dev, mac);
}

static void vns_bridge_filter_del(struct net_device *dev, u64 key)
{
	u8 mac[ETH_ALEN];

	vns_fdb_key_to_mac(key, mac);
	dev_uc_del(dev, mac);
}

static void vns_bridge_filter_set_promisc(struct vns_bridge *bridge,
					  bool promisc)
{
	if (promisc != bridge->filter.promisc &&
	    !dev_set_promiscuity(bridge->dev, promisc ? 1 : -1))
		bridge->filter.promisc = promisc;
}

/* Returns false if the device has no room for an address. */
static bool vns_bridge_filter_sync_addresses(struct vns_bridge *bridge,
					     const u64 *keys, u32 n)
{
	struct vns_bridge_filter *filter = &bridge->filter;
	u32 i;

	/* deleted first, to make room */
	for (i = filter->n; i--;) {
		if (vns_bridge_filter_has(keys, n, filter->keys[i]))
			continue;
		vns_bridge_filter_del(bridge->dev, filter->keys[i]);
		filter->keys[i] = filter->keys[--filter->n];
	}
	for (i = 0; i < n; i++) {
		if (vns_bridge_filter_has(filter->keys, filter->n, keys[i]))
			continue;
		if (vns_bridge_filter_add(bridge->dev, keys[i]))
			return false;
		filter->keys[filter->n++] = keys[i];
	}
	return true;
}

static bool vns_bridge_filter_has_vlan(const struct vns_bridge_filter *filter,
				       u16 vid)
{
	u32 i;

	for (i = 0; i < filter->n_vlans; i++)
		if (filter->vlans[i] == vid)
			return true;
	return false;
}

/*
 * Returns false if there are too many. A VLAN is deleted only when the network
 * leaves the uplink.
 */
static bool vns_bridge_filter_sync_vlans(struct vns_bridge *bridge)
{
	struct vns_bridge_filter *filter = &bridge->filter;
	unsigned long vid;

	if (!(bridge->dev->features & NETIF_F_HW_VLAN_CTAG_FILTER))
		return true;

	for_each_set_bit(vid, bridge->network->vlans, VNS_BRIDGE_FILTER_VLANS) {
		if (vns_bridge_filter_has_vlan(filter, vid))
			continue;
		if (filter->n_vlans == VNS_BRIDGE_FILTER_VLANS_MAX ||
		    vlan_vid_add(bridge->dev, htons(ETH_P_8021Q), vid))
			return false;
		filter->vlans[filter->n_vlans++] = vid;
	}
	return true;
}

/* Not for an attachment to a Linux bridge, which sets its own filters. */
void vns_bridge_filter_sync(struct vns_bridge *bridge)
{
	u64 keys[VNS_BRIDGE_FILTER_MAX];
	bool fits = true;
	u32 n = 0;

	ASSERT_RTNL();
	if (!bridge->macnat) {
		n = vns_fdb_collect(bridge->network, keys,
				    VNS_BRIDGE_FILTER_MAX);
		if (n > VNS_BRIDGE_FILTER_MAX) {
			fits = false;
			n = 0;
		}
		fits &= vns_bridge_filter_sync_vlans(bridge);
	}
	fits &= vns_bridge_filter_sync_addresses(bridge, keys, n);
	vns_bridge_filter_set_promisc(bridge, !fits);
}

/* Undoes all calls of vns_bridge_filter_sync(). Context: rtnl. */
void vns_bridge_filter_clear(struct vns_bridge *bridge)
{
	struct vns_bridge_filter *filter = &bridge->filter;

	vns_bridge_filter_set_promisc(bridge, false);
	while (filter->n)
		vns_bridge_filter_del(bridge->dev, filter->keys[--filter->n]);
	while (filter->n_vlans)
		vlan_vid_del(bridge->dev, htons(ETH_P_8021Q),
			     filter->vlans[--filter->n_vlans]);
	bitmap_zero(bridge->network->vlans, VNS_BRIDGE_FILTER_VLANS);
}
