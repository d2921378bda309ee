/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes that are undone unless they are confirmed. A process waits for the
 * confirmation of each change. It holds a lock on the network's file
 * VNS_STATE_CONFIRM, which says when the change will be undone. Deleting the
 * file, between vns_state_begin() and vns_state_end(), confirms the change.
 */
#ifndef VNS_CONFIRM_H
#define VNS_CONFIRM_H

#include "genl.h"

int vns_confirm_begin(struct vns_ctx *ctx, const struct vns_network *network,
		      uint32_t seconds,
		      int (*undo)(struct vns_ctx *ctx, const char *name,
				  const void *data),
		      const void *data);
void vns_confirm_settle(int undoer, bool done);
int vns_confirm_permits(const struct vns_ctx *ctx,
			const struct vns_network *network);
bool vns_confirm_is_undoing(void);
void vns_confirm_undone(void);
int vns_confirm_accept(const struct vns_ctx *ctx,
		       const struct vns_network *network);
void vns_confirm_cancel(const struct vns_ctx *ctx, uint32_t ifindex);
long vns_confirm_left(const struct vns_ctx *ctx, uint32_t ifindex);

#endif /* VNS_CONFIRM_H */
