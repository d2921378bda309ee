/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Port forwards as objects for the output.
 */
#ifndef VNS_FORWARD_H
#define VNS_FORWARD_H

#include "genl.h"
#include "output.h"

/* the words for enum vnetshare_protocol combined; NULL at the end */
extern const char *const vns_forward_protocols[];

struct json_object *vns_forward_describe(const struct vns_ctx *ctx,
					 const struct vns_forward *forward,
					 const char *network);

#endif /* VNS_FORWARD_H */
