// SPDX-License-Identifier: GPL-2.0
/* A port forward as an object for the output. */
#include "forward.h"

/* indexed by enum vnetshare_protocol combined */
const char *const vns_forward_protocols[] = {
	NULL, "tcp", "udp", "both", NULL
};

/* @network: name of the port forward's network */
struct json_object *vns_forward_describe(const struct vns_ctx *ctx,
					 const struct vns_forward *forward,
					 const char *network)
{
	uint16_t to_port = forward->to_port ? forward->to_port : forward->port;
	uint16_t to_last = to_port + (forward->port_last - forward->port);
	struct json_object *object = json_object_new_object();
	char text[VNS_IP_ENDPOINT_TEXT];

	vns_output_string(object, "network", network);
	vns_output_number(object, "id", forward->id);
	vns_output_string(object, "proto",
			  vns_forward_protocols[forward->protocols & 3]);
	vns_output_string(object, "address",
			  vns_ip_format(&forward->address, text));
	vns_output_number(object, "port", forward->port);
	vns_output_number(object, "port_last", forward->port_last);
	vns_output_ip(object, "to_address", &forward->to);
	vns_output_number(object, "to_port", to_port);
	vns_output_bool(object, "active", forward->active);
	vns_output_number(object, "connections", forward->connections);
	vns_output_number(object, "packets", forward->packets);
	vns_output_number(object, "bytes", forward->bytes);
	if (ctx->json)
		return object;
	/* in text, as on the command line */
	vns_ip_format_endpoint(&forward->address, forward->port,
			       forward->port_last, text);
	vns_output_string(object, "listen", text);
	vns_ip_format_endpoint(&forward->to, to_port, to_last, text);
	vns_output_string(object, "to", text);
	return object;
}
