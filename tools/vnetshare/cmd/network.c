// SPDX-License-Identifier: GPL-2.0
/* vnetshare network: make, change, show and delete networks. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "confirm.h"
#include "network.h"
#include "parse.h"
#include "uplink.h"

static void vns_network_print_list(struct json_object *object,
				   const char *key, const char *label)
{
	struct json_object *list;
	size_t i;

	if (!json_object_object_get_ex(object, key, &list) ||
	    !json_object_array_length(list))
		return;
	printf("    %s", label);
	for (i = 0; i < json_object_array_length(list); i++)
		printf(" %s", json_object_get_string(json_object_array_get_idx(list, i)));
	putchar('\n');
}

static void vns_network_print_uplink(struct json_object *object)
{
	if (vns_output_is(object, "way")) {
		printf("    uplink %s %s",
		       vns_output_text(object, "uplink"),
		       vns_output_text(object, "uplink_state"));
		if (vns_output_is(object, "bridge"))
			printf(" port-of %s", vns_output_text(object, "bridge"));
		printf(" macnat %s%s\n", vns_output_text(object, "macnat"),
		       vns_output_is(object, "macnat_active") ?
		       " (active)" : "");
		return;
	}
	printf("    uplink %s", vns_output_text(object, "uplink"));
	if (!vns_output_is(object, "uplink_device"))
		puts(" (there is none now)");
	else if (!strcmp(vns_output_text(object, "uplink"), "auto"))
		printf(" (now %s)\n", vns_output_text(object, "uplink_device"));
	else
		putchar('\n');
}

static void vns_network_print_subnet(struct json_object *object,
				     const char *subnet, const char *gateway)
{
	if (vns_output_is(object, subnet))
		printf("    %s %s gateway %s\n", subnet,
		       vns_output_text(object, subnet),
		       vns_output_text(object, gateway));
	else if (!vns_output_is(object, "way"))
		printf("    %s off\n", subnet);
}

static bool vns_network_can_serve(struct json_object *object)
{
	const char *mode = vns_output_text(object, "mode");

	return strcmp(mode, "isolated") && strcmp(mode, "bridged");
}

static void vns_network_print_dhcp(struct json_object *object)
{
	printf("    dhcp %s", vns_output_text(object, "dhcp"));
	if (vns_output_is(object, "dhcp_pid"))
		printf(" (dnsmasq runs, pid %s) domain %s",
		       vns_output_text(object, "dhcp_pid"),
		       vns_output_text(object, "domain"));
	else if (vns_output_is(object, "dhcp"))
		printf(" (%s%s) domain %s",
		       vns_network_can_serve(object) ? "dnsmasq does not run" :
		       "not while ", vns_network_can_serve(object) ? "" :
		       vns_output_text(object, "mode"),
		       vns_output_text(object, "domain"));
	putchar('\n');
}

static const char *vns_network_limit_text(struct json_object *object)
{
	const char *limit = vns_output_text(object, "flood_limit");

	return strcmp(limit, "0") ? limit : "off";
}

static void vns_network_print(struct json_object *object)
{
	const char *mode = vns_output_is(object, "way") ? "way" : "mode";

	printf("%s: mode %s%s state %s mac %s mtu %s\n",
	       vns_output_text(object, "name"),
	       vns_output_text(object, mode),
	       vns_output_is(object, "shared") ? " shared" : "",
	       vns_output_text(object, "state"),
	       vns_output_text(object, "mac"), vns_output_text(object, "mtu"));
	vns_network_print_uplink(object);
	vns_network_print_subnet(object, "subnet", "gateway");
	vns_network_print_subnet(object, "subnet6", "gateway6");
	vns_network_print_list(object, "addresses", "addresses");
	vns_network_print_dhcp(object);
	printf("    isolate %s firewall %s forwards %s\n",
	       vns_output_text(object, "isolate"),
	       vns_output_text(object, "firewall"),
	       vns_output_text(object, "forwards"));
	if (!vns_output_is(object, "way"))
		printf("    fastpath %s flows %s\n",
		       vns_output_text(object, "fastpath"),
		       vns_output_text(object, "flows"));
	if (vns_output_is(object, "way"))
		printf("    group-forward %s flood-limit %s\n",
		       vns_output_text(object, "group_forward"),
		       vns_network_limit_text(object));
	printf("    ageing %s known-addresses %s\n",
	       vns_output_text(object, "ageing"),
	       vns_output_text(object, "fdb_entries"));
	vns_network_print_list(object, "ports", "ports");
	if (vns_output_is(object, "confirm_left"))
		printf("    unconfirmed: undone in %s s\n",
		       vns_output_text(object, "confirm_left"));
}

/* Print the uplink that a bridged network has got. */
static int vns_network_print_way(const struct vns_network *network)
{
	char way[VNS_UPLINK_TEXT];

	if (network->mode != VNETSHARE_MODE_BRIDGED)
		return VNS_OK;
	vns_uplink_describe(network, way);
	printf("%s: mode %s\n", network->name, way);
	return fflush(stdout) ? VNS_FAIL : VNS_OK;
}

/**
 * vns_network_print_made - show a network that a command has made or changed:
 *	everything with -j, else only the uplink of a bridged network
 * @way: the command may have changed the uplink
 */
static int vns_network_print_made(struct vns_ctx *ctx, const char *name, bool way)
{
	struct json_object *list;
	struct vns_network network;

	if (!ctx->json && !way)
		return VNS_OK;
	if (vns_genl_network_get(ctx, name, &network))
		return VNS_FAIL;
	if (!ctx->json)
		return vns_network_print_way(&network);
	list = vns_output_list(vns_network_describe(ctx, &network));
	return vns_output_print(ctx, list, vns_network_print);
}

static int vns_network_add_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network_options options;
	struct vns_network network;
	const char *name;
	int ret;

	vns_network_defaults(&options);
	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_parse_network_name(name);
	if (!ret)
		ret = vns_args_keys(args, vns_network_add_keys, &options,
				    &options.seen);
	if (ret)
		return ret;
	ret = vns_network_complete(&options);
	if (ret)
		return ret;
	ret = vns_network_make(ctx, name, &options, &network);
	return ret ? ret : vns_network_print_made(ctx, network.name, true);
}

/* Report the result of a change, and until when it can be confirmed. */
static int vns_network_tell(struct vns_ctx *ctx, const char *name,
			    const struct vns_network_options *options)
{
	if (vns_network_print_made(ctx, name,
				   options->seen & VNS_NETWORK_WAY_KEYS))
		return VNS_FAIL;
	if (!options->confirm)
		return VNS_OK;
	vns_note("the change is undone in %u s unless you confirm it",
		 options->confirm);
	vns_hint("vnetshare %s%s%snetwork confirm %s", ctx->netns ? "-n " : "",
		 ctx->netns ? ctx->netns : "", ctx->netns ? " " : "", name);
	return VNS_OK;
}

static int vns_network_set_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network_options options = { };
	const char *name, *misfit;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_keys(args, vns_network_set_keys, &options,
				    &options.seen);
	if (ret)
		return ret;
	if (!(options.seen & ~VNS_BIT(VNS_NETWORK_CONFIRM)))
		return vns_usage_error("nothing to change was given");
	misfit = vns_network_misfit(&options);
	if (misfit)
		return vns_usage_error("%s", misfit);
	ret = vns_network_change(ctx, name, &options);
	return ret ? ret : vns_network_tell(ctx, name, &options);
}

static int vns_network_share_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network_options options = { };
	const char *name, *word;
	unsigned int seen;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_name(args, "word \"on\" or \"off\"", &word);
	if (!ret)
		ret = vns_parse_onoff("share", word, &options.share);
	if (!ret)
		ret = vns_args_keys(args, vns_network_share_keys, &options,
				    &seen);
	if (ret)
		return ret;
	options.seen = VNS_BIT(VNS_NETWORK_SHARE);
	if (seen)
		options.seen |= VNS_BIT(VNS_NETWORK_UPLINK);
	ret = vns_network_change(ctx, name, &options);
	return ret ? ret : vns_network_tell(ctx, name, &options);
}

static int vns_network_confirm_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network network;
	const char *name;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_end(args);
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret)
		ret = vns_confirm_accept(ctx, &network);
	return ret ? ret : vns_network_print_made(ctx, name, false);
}

static int vns_network_del_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network network;
	const char *name;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_end(args);
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	return ret ? ret : vns_network_remove(ctx, &network);
}

static int vns_network_show_add(struct vns_ctx *ctx,
				const struct vns_network *network,
				struct json_object *list)
{
	json_object_array_add(list, vns_network_describe(ctx, network));
	return VNS_OK;
}

static int vns_network_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct json_object *list;
	int ret;

	ret = vns_network_list(ctx, args, vns_network_show_add, &list);
	return ret ? ret : vns_output_print(ctx, list, vns_network_print);
}

const struct vns_command vns_cmd_network[] = {
	{
		.name = "add",
		.args = "NAME",
		.help = "make a network",
		.keys = vns_network_add_keys,
		.run = vns_network_add_run,
	}, {
		.name = "set",
		.args = "NAME",
		.help = "change a network; VMs stay plugged in",
		.keys = vns_network_set_keys,
		.run = vns_network_set_run,
	}, {
		.name = "del",
		.args = "NAME",
		.help = "delete a network, with the taps that attach made",
		.run = vns_network_del_run,
	}, {
		.name = "show",
		.args = "[NAME]",
		.help = "show networks",
		.run = vns_network_show_run,
	}, {
		.name = "share",
		.args = "NAME on|off",
		.help = "give a hostonly network a way to the outside, or remove it",
		.keys = vns_network_share_keys,
		.run = vns_network_share_run,
	}, {
		.name = "confirm",
		.args = "NAME",
		.help = "keep the change of \"network set ... confirm SECONDS\"",
		.run = vns_network_confirm_run,
	},
	{ }
};
