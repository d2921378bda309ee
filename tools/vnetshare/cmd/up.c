// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare up: make a NAT network with DHCP and DNS, or complete one that
 * exists.
 */
#include <stdio.h>

#include "cmd.h"
#include "network.h"
#include "parse.h"
#include "rtnl.h"

static const char *vns_up_netns;
static bool vns_up_outside;

/* Set an existing network up; add missing subnets and start DHCP. */
static int vns_up_mend(struct vns_ctx *ctx, const struct vns_network *network)
{
	struct vns_network_options options = {
		.seen = VNS_BIT(VNS_NETWORK_DHCP),
		.dhcp = true,
	};

	if (vns_subnet_of(ctx, network->ifindex, AF_INET, &options.subnet) ||
	    vns_subnet_of(ctx, network->ifindex, AF_INET6, &options.subnet6) ||
	    vns_rtnl_link_up(ctx, network->ifindex, network->name))
		return VNS_FAIL;
	if (!options.subnet.plen)
		options.seen |= VNS_BIT(VNS_NETWORK_SUBNET);
	if (!options.subnet6.plen)
		options.seen |= VNS_BIT(VNS_NETWORK_SUBNET6);
	return vns_network_change(ctx, network->name, &options);
}

static void vns_up_print(struct json_object *object)
{
	const char *name = vns_output_text(object, "name");

	printf("%s: network %s", name, vns_output_text(object, "subnet"));
	if (vns_output_is(object, "subnet6"))
		printf(" and %s", vns_output_text(object, "subnet6"));
	printf(", gateway %s, mode %s", vns_output_text(object, "gateway"),
	       vns_output_text(object, "mode"));
	if (vns_up_outside && vns_output_is(object, "uplink_device"))
		printf(" through %s", vns_output_text(object, "uplink_device"));
	puts(", DHCP and DNS running");
	printf("Plug a VM in with: vnetshare %s%s%sattach %s\n",
	       vns_up_netns ? "-n " : "", vns_up_netns ? vns_up_netns : "",
	       vns_up_netns ? " " : "", name);
}

int vns_cmd_up(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network_options options;
	struct vns_network network;
	struct json_object *list, *object;
	const char *name;
	int ret;

	ret = vns_args_only(args, VNS_NETWORK_DEFAULT_NAME, &name);
	if (!ret)
		ret = vns_parse_network_name(name);
	if (!ret)
		ret = vns_genl_network_find(ctx, name, &network);
	if (ret)
		return ret;
	if (network.ifindex) {
		ret = vns_up_mend(ctx, &network);
	} else {
		vns_network_defaults(&options);
		ret = vns_network_complete(&options);
		if (!ret)
			ret = vns_network_make(ctx, name, &options, &network);
	}
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	if (ret)
		return ret;

	object = vns_network_describe(ctx, &network);
	vns_up_outside = vns_genl_has_outside(&network);
	if (vns_up_outside && !vns_output_is(object, "uplink_device"))
		vns_note("this host has no way to the outside now%s; VMs reach only the host",
			 network.uplink[0] ? "" : " (no default route)");
	vns_up_netns = ctx->netns;
	list = vns_output_list(object);
	return vns_output_print(ctx, list, vns_up_print);
}
