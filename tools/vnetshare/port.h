/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports as objects for the output.
 */
#ifndef VNS_PORT_H
#define VNS_PORT_H

#include "genl.h"
#include "output.h"

struct json_object *vns_port_describe(struct vns_ctx *ctx,
				      const struct vns_port *port,
				      const char *network);

#endif /* VNS_PORT_H */
