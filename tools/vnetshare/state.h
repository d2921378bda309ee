/* SPDX-License-Identifier: GPL-2.0 */
/* Files of networks below /run/vnetshare, and their locks. */
#ifndef VNS_STATE_H
#define VNS_STATE_H

#include <sys/types.h>

#include "subnet.h"
#include "vnetshare.h"

#define VNS_STATE_ROOT		"/run/vnetshare"

/* room for a path below VNS_STATE_ROOT */
#define VNS_STATE_PATH		96

/* the files of a network */
#define VNS_STATE_LOCK		"lock"
#define VNS_STATE_CONF		"dnsmasq.conf"
#define VNS_STATE_PID		"dnsmasq.pid"
#define VNS_STATE_LEASES	"leases"

/* files that a network may have with or without DHCP */
#define VNS_STATE_SUBNETS	"subnets"
#define VNS_STATE_CONFIRM	"confirm"

int vns_state_begin(void);
void vns_state_end(int fd);
void vns_state_tidy(void);
void vns_state_dir(const struct vns_ctx *ctx, const char *name, char *dir);
void vns_state_path(const char *dir, const char *file, char *path);
void vns_state_file(const struct vns_ctx *ctx, uint32_t ifindex,
		    const char *file, char *path);
int vns_state_make(const char *dir);
void vns_state_remove(const char *dir);
int vns_state_hold_file(const char *path);
int vns_state_hold(const char *dir);
pid_t vns_state_file_holder(const char *path, int *pidfd);
pid_t vns_state_holder(const char *dir, int *pidfd);

/* kept.c */
int vns_kept_write(const struct vns_ctx *ctx, uint32_t ifindex,
		   const struct vns_subnet *subnet,
		   const struct vns_subnet *subnet6);
void vns_kept_read(const struct vns_ctx *ctx, uint32_t ifindex,
		   struct vns_subnet *subnet, struct vns_subnet *subnet6);
void vns_kept_remove(const struct vns_ctx *ctx, uint32_t ifindex);

#endif /* VNS_STATE_H */
