// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare network show.
 */
#include <stdio.h>
#include <string.h>

#include "confirm.h"
#include "dhcp.h"
#include "network.h"

/* not in <net/if.h>, and <linux/if.h> cannot stand beside that */
#define VNS_IFF_LOWER_UP	0x10000

static const char *vns_network_state(unsigned int flags)
{
	if (!(flags & IFF_UP))
		return "down";
	return flags & VNS_IFF_LOWER_UP ? "up" : "no-carrier";
}

static void vns_network_describe_uplink(struct vns_ctx *ctx,
					const struct vns_network *network,
					struct json_object *object)
{
	bool bridged = network->mode == VNETSHARE_MODE_BRIDGED;
	char device[IFNAMSIZ], way[VNS_UPLINK_TEXT];

	vns_output_string(object, "uplink", network->uplink[0] ?
			  network->uplink : "auto");
	vns_output_bool(object, "uplink_auto", network->uplink_auto ||
			!network->uplink[0]);
	vns_output_number(object, "uplink_ifindex", network->uplink_ifindex);
	vns_output_string(object, "uplink_device",
			  vns_rtnl_uplink(ctx, network, AF_INET, device) ?
			  device : NULL);
	/* a bridged network asks no routing table */
	if (!bridged)
		vns_rtnl_uplink(ctx, network, AF_INET6, device);
	vns_output_string(object, "uplink6_device", device[0] ? device : NULL);
	vns_output_bool(object, "uplink_running", network->uplink_running);
	vns_output_string(object, "uplink_state", bridged ?
			  vns_uplink_state(network) : NULL);
	vns_output_string(object, "bridge", network->bridge[0] ?
			  network->bridge : NULL);
	vns_output_string(object, "macnat",
			  vns_genl_macnat_name(network->macnat));
	vns_output_bool(object, "macnat_active", network->macnat_active);
	vns_output_string(object, "group_forward",
			  vns_format_groups(network->group_forward));
	vns_output_number(object, "flood_limit", network->flood_limit);
	vns_output_bool(object, "fastpath", network->fastpath);
	vns_output_number(object, "flows", network->flows);
	if (ctx->json || !bridged)
		return;
	vns_uplink_describe(network, way);
	vns_output_string(object, "way", way);
}

static void vns_network_describe_addrs(struct vns_ctx *ctx,
				       const struct vns_network *network,
				       struct json_object *object)
{
	struct json_object *list = json_object_new_array();
	char host[VNS_IP_TEXT], text[VNS_SUBNET_TEXT];
	struct vns_array addrs = { };
	const struct vns_addr *addr;
	size_t i, count;

	count = vns_rtnl_addrs(ctx, &addrs) ? 0 : addrs.count;
	addr = addrs.items;
	for (i = 0; i < count; i++, addr++) {
		if (addr->ifindex != network->ifindex)
			continue;
		snprintf(text, sizeof(text), "%s/%u",
			 vns_ip_format(&addr->local, host), addr->plen);
		json_object_array_add(list, json_object_new_string(text));
	}
	vns_array_free(&addrs);
	json_object_object_add(object, "addresses", list);
}

static void vns_network_describe_subnet(struct vns_ctx *ctx,
					const struct vns_network *network,
					uint8_t family,
					struct json_object *object)
{
	bool v6 = family == AF_INET6;
	char text[VNS_SUBNET_TEXT];
	struct vns_subnet subnet;
	bool there;

	/* of mode bridged: an address on the device is none of the VMs' */
	there = !vns_subnet_of(ctx, network->ifindex, family, &subnet) &&
		subnet.plen && network->mode != VNETSHARE_MODE_BRIDGED;
	vns_subnet_format(&subnet, text);
	vns_output_string(object, v6 ? "subnet6" : "subnet",
			  there ? text : NULL);
	vns_output_ip(object, v6 ? "gateway6" : "gateway", there ?
		      &subnet.gateway : NULL);
}

static void vns_network_describe_dhcp(struct vns_ctx *ctx,
				      const struct vns_network *network,
				      struct json_object *object)
{
	struct vns_dhcp_status status;
	char domain[64];

	vns_dhcp_status(ctx, network->name, &status);
	vns_dnsmasq_domain(network->name, domain, sizeof(domain));
	vns_output_bool(object, "dhcp", status.on);
	vns_output_bool(object, "dhcp_running", status.pid);
	json_object_object_add(object, "dhcp_pid", status.pid ?
			       json_object_new_int64(status.pid) : NULL);
	vns_output_string(object, "domain", status.on ? domain : NULL);
}

static void vns_network_describe_confirm(const struct vns_ctx *ctx,
					 const struct vns_network *network,
					 struct json_object *object)
{
	long left = vns_confirm_left(ctx, network->ifindex);

	json_object_object_add(object, "confirm_left", left < 0 ? NULL :
			       json_object_new_int64(left));
}

static void vns_network_describe_ports(struct vns_ctx *ctx,
				       const struct vns_network *network,
				       struct json_object *object)
{
	struct json_object *list = json_object_new_array();
	struct vns_array ports = { };
	const struct vns_port *port;
	size_t i, count;

	count = vns_genl_ports(ctx, network->ifindex, &ports) ? 0 : ports.count;
	port = ports.items;
	for (i = 0; i < count; i++, port++)
		json_object_array_add(list, json_object_new_string(port->name));
	vns_array_free(&ports);
	json_object_object_add(object, "ports", list);
}

/**
 * vns_network_describe - all that is known of a network
 * @ctx: the invocation
 * @network: the network
 *
 * Return: an object
 */
struct json_object *vns_network_describe(struct vns_ctx *ctx,
					 const struct vns_network *network)
{
	struct json_object *object = json_object_new_object();
	struct vns_link link;

	vns_rtnl_link_find(ctx, network->ifindex, NULL, &link);
	vns_output_string(object, "name", network->name);
	vns_output_number(object, "ifindex", network->ifindex);
	vns_output_string(object, "mode", vns_genl_mode_name(network->mode));
	vns_output_bool(object, "shared", network->share);
	vns_output_string(object, "state", vns_network_state(link.flags));
	vns_output_mac(object, "mac", network->mac);
	vns_output_number(object, "mtu", network->mtu);
	vns_network_describe_uplink(ctx, network, object);
	vns_network_describe_subnet(ctx, network, AF_INET, object);
	vns_network_describe_subnet(ctx, network, AF_INET6, object);
	vns_network_describe_addrs(ctx, network, object);
	vns_network_describe_dhcp(ctx, network, object);
	vns_output_bool(object, "isolate", network->isolate);
	vns_output_string(object, "firewall",
			  vns_genl_firewall_name(network->firewall));
	vns_output_number(object, "forwards", network->forwards);
	vns_output_number(object, "ageing", network->ageing);
	vns_output_number(object, "fdb_entries", network->fdb_entries);
	vns_network_describe_ports(ctx, network, object);
	vns_network_describe_confirm(ctx, network, object);
	return object;
}

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

/* What an uplink has turned out to be, is news. */
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
 * vns_network_print_made - show what a command made or changed: all with -j,
 *	else what nobody can know, the way of a bridged network to the outside
 * @ctx: the invocation
 * @name: of the network
 * @way: the command had to do with that way
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_network_print_made(struct vns_ctx *ctx, const char *name, bool way)
{
	struct json_object *list;
	struct vns_network network;

	if (!ctx->json && !way)
		return VNS_OK;
	if (vns_genl_network_get(ctx, name, &network))
		return VNS_FAIL;
	if (!ctx->json)
		return vns_network_print_way(&network);
	list = json_object_new_array();
	json_object_array_add(list, vns_network_describe(ctx, &network));
	return vns_output_print(ctx, list, vns_network_print);
}

/**
 * vns_network_list - build a list from all networks, or from the one named
 * @ctx: the invocation
 * @args: the words: a name or nothing
 * @add: adds to the list what is to be said of a network; VNS_OK or VNS_FAIL
 * @list: set to an array, NULL after a failure
 *
 * Return: exit status
 */
int vns_network_list(struct vns_ctx *ctx, struct vns_args *args,
		     int (*add)(struct vns_ctx *ctx,
				const struct vns_network *network,
				struct json_object *list),
		     struct json_object **list)
{
	const char *name = vns_args_next(args);
	struct vns_array networks = { };
	const struct vns_network *item;
	struct vns_network network;
	size_t i;
	int ret;

	*list = NULL;
	ret = vns_args_end(args);
	if (!ret && name)
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret)
		ret = vns_genl_networks(ctx, &networks);
	if (ret)
		goto out;
	*list = json_object_new_array();
	item = networks.items;
	for (i = 0; !ret && i < networks.count; i++, item++)
		if (!name || item->ifindex == network.ifindex)
			ret = add(ctx, item, *list);
	if (ret) {
		json_object_put(*list);
		*list = NULL;
	}
out:
	vns_array_free(&networks);
	return ret;
}

static int vns_network_show_add(struct vns_ctx *ctx,
				const struct vns_network *network,
				struct json_object *list)
{
	json_object_array_add(list, vns_network_describe(ctx, network));
	return VNS_OK;
}

/**
 * vns_network_show_run - the command "network show"
 * @ctx: the invocation
 * @args: its words
 *
 * Return: exit status
 */
int vns_network_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct json_object *list;
	int ret;

	ret = vns_network_list(ctx, args, vns_network_show_add, &list);
	return ret ? ret : vns_output_print(ctx, list, vns_network_print);
}
