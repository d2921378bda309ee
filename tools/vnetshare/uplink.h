/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Uplinks: the devices through which networks reach the outside.
 */
#ifndef VNS_UPLINK_H
#define VNS_UPLINK_H

#include "genl.h"
#include "rtnl.h"

/* room for the names of two devices, and some words */
#define VNS_UPLINK_TEXT		128

bool vns_uplink_device(struct vns_ctx *ctx, const struct vns_network *network,
		       uint8_t family, char *name);
int vns_uplink_default(struct vns_ctx *ctx, struct vns_link *best,
		       struct vns_link *unfit);
int vns_uplink_choose(struct vns_ctx *ctx, const char *network, char *name);
bool vns_uplink_is_taken(struct vns_ctx *ctx, const char *what,
			 const char *name, uint32_t self);
void vns_uplink_explain(const struct vns_ctx *ctx, uint32_t mode,
			const char *name);
const char *vns_uplink_state(const struct vns_network *network);
void vns_uplink_describe(const struct vns_network *network, char *text);

#endif /* VNS_UPLINK_H */
