/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces, as "ip netns" names them.
 */
#ifndef VNS_NETNS_H
#define VNS_NETNS_H

#include "vnetshare.h"

#define VNS_NETNS_DIR	"/run/netns"

/* room for a path with the name of a namespace */
#define VNS_NETNS_PATH	320

int vns_netns_enter(struct vns_ctx *ctx, const char *name);
int vns_netns_identify(struct vns_ctx *ctx);
bool vns_netns_gone(const struct vns_ctx *ctx);
int vns_netns_watch(const struct vns_ctx *ctx);
void vns_netns_drain(int fd);
void vns_netns_resolv_conf(const struct vns_ctx *ctx, char *path);
bool vns_netns_name(struct vns_ctx *ctx, int32_t nsid, char *name, size_t size);

#endif /* VNS_NETNS_H */
