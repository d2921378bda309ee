/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands, for the table in main.c. Each command is in the file of its
 * name.
 */
#ifndef VNS_CMD_H
#define VNS_CMD_H

#include "command.h"

extern const struct vns_command vns_cmd_network[];
extern const struct vns_command vns_cmd_port[];
extern const struct vns_command vns_cmd_fdb[];
extern const struct vns_command vns_cmd_lease[];
extern const struct vns_command vns_cmd_forward[];
extern const struct vns_command vns_cmd_session[];
extern const struct vns_key vns_cmd_attach_keys[];
int vns_cmd_up(struct vns_ctx *ctx, struct vns_args *args);
int vns_cmd_down(struct vns_ctx *ctx, struct vns_args *args);
int vns_cmd_attach(struct vns_ctx *ctx, struct vns_args *args);
int vns_cmd_monitor(struct vns_ctx *ctx, struct vns_args *args);

#endif /* VNS_CMD_H */
