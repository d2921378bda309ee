/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that outlive the command that started them.
 */
#ifndef VNS_DAEMON_H
#define VNS_DAEMON_H

#include "vnetshare.h"

void vns_daemon_set_args(int argc, char **argv);
void vns_daemon_title(const char *title);
void vns_daemon_detach(struct vns_ctx *ctx, int keep);

#endif /* VNS_DAEMON_H */
