// SPDX-License-Identifier: GPL-2.0
/* vnetshare forward: port forwards, from ports of the host to VMs. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "forward.h"
#include "lease.h"
#include "listener.h"
#include "network.h"
#include "parse.h"

/* room for an address, or a VM's name, with a port */
#define VNS_FORWARD_WORD	300

static int vns_forward_parse_to(const char *word, void *options)
{
	*(const char **)options = word;
	return VNS_OK;
}

static const struct vns_key vns_forward_keys[] = {
	{ "to", "ADDR[:PORT]|VM[:PORT]", vns_forward_parse_to },
	{ }
};

static int vns_forward_no_brackets(const char *word)
{
	return vns_usage_error("\"%s\": an IPv6 address with a port is written [ADDR]:PORT",
			       word);
}

/*
 * Split "host:port"; an IPv6 address with a port is in brackets. @port is NULL
 * when the text has no port.
 */
static int vns_forward_split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':'), *bracket;
	struct vns_ip ip;

	*port = NULL;
	*host = text;
	if (vns_ip_parse(text, &ip))
		return VNS_OK;
	if (*text == '[') {
		bracket = strchr(text, ']');
		if (!bracket || (bracket[1] && bracket[1] != ':'))
			return vns_usage_error("\"%s\": the ] after the address is missing",
					       text);
		colon = bracket[1] ? bracket + 1 : NULL;
		*bracket = '\0';
		*host = text + 1;
	} else if (colon && strchr(text, ':') != colon) {
		return vns_forward_no_brackets(text);
	}
	if (colon) {
		*colon = '\0';
		*port = colon + 1;
	}
	return VNS_OK;
}

static int vns_forward_parse_ports(char *word, struct vns_forward *forward)
{
	char *last = strchr(word, '-');
	int ret;

	if (last)
		*last++ = '\0';
	ret = vns_parse_port("a port", word, &forward->port);
	forward->port_last = forward->port;
	if (!ret && last)
		ret = vns_parse_port("the last port", last,
				     &forward->port_last);
	if (!ret && forward->port_last < forward->port)
		ret = vns_usage_error("the last port, %u, is before the first, %u",
				      forward->port_last, forward->port);
	return ret;
}

/* [ADDR:]PORT[-PORT] */
static int vns_forward_parse_listen(const char *word,
				    struct vns_forward *forward)
{
	char text[VNS_FORWARD_WORD], *host, *ports;
	int ret;

	snprintf(text, sizeof(text), "%s", word);
	ret = vns_forward_split(text, &host, &ports);
	if (ret)
		return ret;
	if (!ports && strchr(host, ':'))
		return vns_forward_no_brackets(word);
	if (!ports) {
		ports = host;
		host = NULL;
	}
	if (host && strcmp(host, "*") &&
	    !vns_ip_parse(host, &forward->address))
		return vns_usage_error("\"%s\" is not an address of the host",
				       host);
	return vns_forward_parse_ports(ports, forward);
}

/* NET PROTOCOL [ADDR:]PORT[-PORT] */
static int vns_forward_parse_what(struct vns_args *args, const char *protocol,
				  struct vns_forward *forward)
{
	const char *listen;
	int ret;

	ret = vns_parse_choice("the protocol", protocol, vns_forward_protocols,
			       &forward->protocols);
	if (!ret)
		ret = vns_args_name(args, "port", &listen);
	return ret ? ret : vns_forward_parse_listen(listen, forward);
}

/*
 * Read the address of a VM, or its name into @vm, and the port if one is given.
 */
static int vns_forward_parse_target(const char *word,
				    struct vns_forward *forward, char *vm)
{
	char text[VNS_FORWARD_WORD], *host, *port;
	int ret;

	*vm = '\0';
	snprintf(text, sizeof(text), "%s", word);
	ret = vns_forward_split(text, &host, &port);
	if (!ret && port)
		ret = vns_parse_port("the VM's port", port, &forward->to_port);
	if (!ret && !vns_ip_parse(host, &forward->to))
		strcpy(vm, host);
	return ret;
}

static int vns_forward_find_vm(const struct vns_ctx *ctx, const char *vm,
			       const char *network, struct vns_forward *forward)
{
	struct vns_array leases = { };
	const struct vns_lease *lease;

	if (!*vm)
		return VNS_OK;
	vns_lease_read(ctx, network, &leases);
	lease = vns_lease_of_name(&leases, vm);
	if (lease)
		forward->to = lease->address;
	vns_array_free(&leases);
	if (forward->to.family)
		return VNS_OK;
	vns_error("\"%s\" is neither an address nor the name of a VM of network %s",
		  vm, network);
	return VNS_FAIL;
}

static int vns_forward_print(struct vns_ctx *ctx, struct json_object *list)
{
	static const struct vns_column columns[] = {
		{ "network", "NETWORK", NULL },
		{ "id", "ID", NULL },
		{ "proto", "PROTO", NULL },
		{ "listen", "LISTEN", NULL },
		{ "to", "TO", NULL },
		{ "active", "STATE", "active" },
		{ "connections", "CONNECTIONS", NULL },
		{ "packets", "PACKETS", NULL },
		{ "bytes", "BYTES", NULL },
		{ }
	};

	return vns_output_table(ctx, list, columns);
}

static void vns_forward_put(struct nlmsghdr *nlh,
			    const struct vns_forward *forward)
{
	mnl_attr_put_u32(nlh, VNETSHARE_A_FORWARD_PROTOCOLS,
			 forward->protocols);
	if (forward->address.family)
		mnl_attr_put(nlh, VNETSHARE_A_FORWARD_ADDRESS,
			     vns_ip_size(&forward->address),
			     forward->address.bytes);
	mnl_attr_put_u16(nlh, VNETSHARE_A_FORWARD_PORT, forward->port);
	if (forward->port_last != forward->port)
		mnl_attr_put_u16(nlh, VNETSHARE_A_FORWARD_PORT_LAST,
				 forward->port_last);
	mnl_attr_put(nlh, VNETSHARE_A_FORWARD_TO_ADDRESS,
		     vns_ip_size(&forward->to), forward->to.bytes);
	if (forward->to_port)
		mnl_attr_put_u16(nlh, VNETSHARE_A_FORWARD_TO_PORT,
				 forward->to_port);
}

static int vns_forward_new(struct vns_ctx *ctx,
			   const struct vns_network *network,
			   struct vns_forward *forward)
{
	char buf[VNS_NL_REQUEST_SIZE], what[96];
	struct vns_forward made;
	struct nlmsghdr *nlh;

	snprintf(what, sizeof(what), "forward port %u to network %s",
		 forward->port, network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_FORWARD_NEW);
	mnl_attr_put_u32(nlh, VNETSHARE_A_FORWARD_NETWORK, network->ifindex);
	vns_forward_put(nlh, forward);
	if (!vns_genl_forward_talk(ctx, nlh, what, &made)) {
		*forward = made;
		return VNS_OK;
	}
	if (ctx->genl.error == -EADDRINUSE)
		vns_listener_hint(forward);
	return VNS_FAIL;
}

static int vns_forward_add_run(struct vns_ctx *ctx, struct vns_args *args)
{
	const char *name, *protocol, *to = NULL;
	struct vns_forward forward = { };
	struct vns_network network;
	struct json_object *list;
	char vm[VNS_FORWARD_WORD];
	unsigned int seen;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_name(args, "protocol", &protocol);
	if (!ret)
		ret = vns_forward_parse_what(args, protocol, &forward);
	if (!ret)
		ret = vns_args_keys(args, vns_forward_keys, &to, &seen);
	if (ret)
		return ret;
	if (!to)
		return vns_usage_error("\"to ADDR\" is missing");
	ret = vns_forward_parse_target(to, &forward, vm);
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret)
		ret = vns_forward_find_vm(ctx, vm, network.name, &forward);
	if (!ret)
		ret = vns_forward_new(ctx, &network, &forward);
	if (ret || !ctx->json)
		return ret;
	list = vns_output_list(vns_forward_describe(ctx, &forward, network.name));
	return vns_forward_print(ctx, list);
}

/* Delete the port forward @id, or all of the network when @id is 0. */
static int vns_forward_del_id(struct vns_ctx *ctx,
			      const struct vns_network *network, uint32_t id)
{
	char buf[VNS_NL_REQUEST_SIZE], what[96];
	struct nlmsghdr *nlh;

	snprintf(what, sizeof(what), "delete %s of network %s",
		 id ? "the port forward" : "the port forwards", network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_FORWARD_DEL);
	mnl_attr_put_u32(nlh, VNETSHARE_A_FORWARD_NETWORK, network->ifindex);
	if (id)
		mnl_attr_put_u32(nlh, VNETSHARE_A_FORWARD_ID, id);
	return vns_genl_send(ctx, nlh, what);
}

static bool vns_forward_is(const struct vns_forward *forward,
			   const struct vns_forward *wanted)
{
	return forward->protocols == wanted->protocols &&
	       forward->port == wanted->port &&
	       forward->port_last == wanted->port_last &&
	       vns_ip_equal(&forward->address, &wanted->address) &&
	       (!wanted->to.family ||
		vns_ip_equal(&forward->to, &wanted->to)) &&
	       (!wanted->to_port || forward->to_port == wanted->to_port);
}

/* "*" may stand for two port forwards, one of each family. */
static int vns_forward_del_matching(struct vns_ctx *ctx,
				    const struct vns_network *network,
				    const struct vns_forward *wanted)
{
	struct vns_array forwards = { };
	const struct vns_forward *forward;
	bool found = false;
	size_t i;
	int ret;

	ret = vns_genl_forwards(ctx, network->ifindex, &forwards);
	forward = forwards.items;
	for (i = 0; !ret && i < forwards.count; i++, forward++) {
		if (!vns_forward_is(forward, wanted))
			continue;
		found = true;
		ret = vns_forward_del_id(ctx, network, forward->id);
	}
	vns_array_free(&forwards);
	if (!ret && !found) {
		vns_error("network %s has no such port forward",
			  network->name);
		ret = VNS_FAIL;
	}
	return ret;
}

static int vns_forward_del_words(struct vns_ctx *ctx, struct vns_args *args,
				 const char *name, const char *protocol)
{
	struct vns_forward wanted = { };
	char vm[VNS_FORWARD_WORD] = "";
	struct vns_network network;
	const char *to = NULL;
	unsigned int seen;
	int ret;

	ret = vns_forward_parse_what(args, protocol, &wanted);
	if (!ret)
		ret = vns_args_keys(args, vns_forward_keys, &to, &seen);
	if (!ret && to)
		ret = vns_forward_parse_target(to, &wanted, vm);
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret)
		ret = vns_forward_find_vm(ctx, vm, network.name, &wanted);
	return ret ? ret : vns_forward_del_matching(ctx, &network, &wanted);
}

static int vns_forward_del_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network network;
	const char *name, *which;
	uint32_t id = 0;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_name(args, "port forward", &which);
	if (ret)
		return ret;
	if (strcmp(which, "all")) {
		if (!isdigit((unsigned char)*which))
			return vns_forward_del_words(ctx, args, name, which);
		ret = vns_parse_u32("the port forward's id", which, &id);
		if (!ret && !id)
			ret = vns_usage_error("ids begin at 1");
	}
	if (!ret)
		ret = vns_args_end(args);
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	return ret ? ret : vns_forward_del_id(ctx, &network, id);
}

static int vns_forward_list(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    struct json_object *list)
{
	struct vns_array forwards = { };
	const struct vns_forward *forward;
	size_t i;
	int ret;

	ret = vns_genl_forwards(ctx, network->ifindex, &forwards);
	forward = forwards.items;
	for (i = 0; !ret && i < forwards.count; i++, forward++)
		json_object_array_add(list,
				      vns_forward_describe(ctx, forward,
							   network->name));
	vns_array_free(&forwards);
	return ret;
}

static int vns_forward_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct json_object *list;
	int ret;

	ret = vns_network_list(ctx, args, vns_forward_list, &list);
	return ret ? ret : vns_forward_print(ctx, list);
}

const struct vns_command vns_cmd_forward[] = {
	{
		.name = "add",
		.args = "NET tcp|udp|both [ADDR:]PORT[-PORT]",
		.help = "forward a port of the host to a VM",
		.keys = vns_forward_keys,
		.needed = VNS_BIT(0),
		.run = vns_forward_add_run,
	}, {
		.name = "del",
		.args = "NET ID|all|tcp|udp|both [ADDR:]PORT[-PORT]",
		.help = "delete port forwards, by id or by the words of add",
		.keys = vns_forward_keys,
		.run = vns_forward_del_run,
	}, {
		.name = "show",
		.args = "[NET]",
		.help = "show port forwards",
		.run = vns_forward_show_run,
	},
	{ }
};
