/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Large receive offload (LRO): merged frames can not be forwarded. LRO is off
 * while the module forwards frames of a device.
 */
#ifndef _VNETSHARE_LRO_H
#define _VNETSHARE_LRO_H

#include <linux/types.h>

struct net_device;

#define VNS_LRO_MAX	8

/**
 * struct vns_lro - devices whose LRO was disabled
 * @count: length of @ifindex
 * @ifindex: the devices, an upper device before its lower ones
 */
struct vns_lro {
	u8 count;
	int ifindex[VNS_LRO_MAX];
};

void vns_lro_disable(struct vns_lro *lro, struct net_device *dev);
void vns_lro_restore(struct vns_lro *lro, const struct net_device *dev);

#endif /* _VNETSHARE_LRO_H */
