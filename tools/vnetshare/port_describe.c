// SPDX-License-Identifier: GPL-2.0
/* A port as an object for the output. */
#include <stdio.h>

#include "netns.h"
#include "port.h"

/* room for a cell of the text table */
#define VNS_PORT_CELL		2048

static void vns_port_describe_allowed(const struct vns_ctx *ctx,
				      const struct vns_port *port,
				      struct json_object *object)
{
	char cell[VNS_PORT_CELL] = "";

	vns_output_ips(object, "addresses", &port->addresses);
	vns_output_ips(object, "learned", &port->learned);
	if (ctx->json)
		return;
	vns_output_join_ips(cell, sizeof(cell), &port->addresses);
	vns_output_join_ips(cell, sizeof(cell), &port->learned);
	vns_output_string(object, "allowed", cell[0] ? cell : NULL);
}

/**
 * vns_port_describe - a port as an object for the output
 * @network: name of the port's network
 *
 * Return: an object with empty "seen" and "neighbours"
 */
struct json_object *vns_port_describe(struct vns_ctx *ctx,
				      const struct vns_port *port,
				      const char *network)
{
	struct json_object *object = json_object_new_object();
	char netns[256], number[16];
	bool known = port->type && port->type <= VNETSHARE_PORT_TYPE_MAX;

	vns_output_string(object, "name", port->name);
	vns_output_number(object, "ifindex", port->ifindex);
	vns_output_string(object, "network", network);
	vns_output_number(object, "id", port->id);
	vns_output_string(object, "type", known ?
			  vns_genl_port_types[port->type] : "unknown");
	vns_output_mac(object, "mac", port->has_mac ? port->mac : NULL);
	vns_output_bool(object, "lock", port->lock);
	vns_port_describe_allowed(ctx, port, object);
	vns_output_bool(object, "running", port->running);
	vns_output_number(object, "fdb_entries", port->fdb_entries);
	json_object_object_add(object, "seen", json_object_new_array());
	json_object_object_add(object, "neighbours", json_object_new_array());
	if (!port->has_netnsid) {
		vns_output_null(object, "netns");
		vns_output_null(object, "netnsid");
		return object;
	}
	/* a namespace without a name is written as "ip link" writes it */
	snprintf(number, sizeof(number), "#%d", port->netnsid);
	vns_output_string(object, "netns",
			  vns_netns_name(ctx, port->netnsid, netns,
					 sizeof(netns)) ? netns : number);
	vns_output_number(object, "netnsid", port->netnsid);
	return object;
}
