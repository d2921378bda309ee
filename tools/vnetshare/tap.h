/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taps that "attach" makes.
 */
#ifndef VNS_TAP_H
#define VNS_TAP_H

#include "genl.h"

int vns_tap_open(uid_t user, char *name);
int vns_tap_mark(struct vns_ctx *ctx, uint32_t ifindex, const char *name);
int vns_tap_keep(int fd, const char *name);
bool vns_tap_is_ours(struct vns_ctx *ctx, const struct vns_port *port);

#endif /* VNS_TAP_H */
