// SPDX-License-Identifier: GPL-2.0
/* A network as an object for the output. */
#include <stdio.h>

#include "confirm.h"
#include "dhcp.h"
#include "network.h"
#include "parse.h"
#include "rtnl.h"
#include "uplink.h"

/* missing in <net/if.h>, which cannot be used together with <linux/if.h> */
#define VNS_IFF_LOWER_UP	0x10000

static const char *vns_network_state(unsigned int flags)
{
	if (!(flags & IFF_UP))
		return "down";
	return flags & VNS_IFF_LOWER_UP ? "up" : "no-carrier";
}

/* The part of a network's uplink that is known without the routing table */
void vns_network_describe_uplink(const struct vns_network *network,
				 struct json_object *object)
{
	bool bridged = network->mode == VNETSHARE_MODE_BRIDGED;

	vns_output_string(object, "uplink", network->uplink[0] ?
			  network->uplink : "auto");
	vns_output_bool(object, "uplink_auto", network->uplink_auto ||
			!network->uplink[0]);
	vns_output_number(object, "uplink_ifindex", network->uplink_ifindex);
	vns_output_bool(object, "uplink_running", network->uplink_running);
	vns_output_string(object, "uplink_state", bridged ?
			  vns_uplink_state(network) : NULL);
	vns_output_string(object, "bridge", network->bridge[0] ?
			  network->bridge : NULL);
	vns_output_bool(object, "macnat_active", network->macnat_active);
}

/* Settings that matter in mode bridged only */
void vns_network_describe_bridged(const struct vns_network *network,
				  struct json_object *object)
{
	vns_output_string(object, "macnat",
			  vns_genl_macnat_name(network->macnat));
	vns_output_string(object, "group_forward",
			  vns_format_groups(network->group_forward));
	vns_output_number(object, "flood_limit", network->flood_limit);
}

static void vns_network_describe_way(struct vns_ctx *ctx,
				     const struct vns_network *network,
				     struct json_object *object)
{
	bool bridged = network->mode == VNETSHARE_MODE_BRIDGED;
	char device[IFNAMSIZ], way[VNS_UPLINK_TEXT];

	vns_network_describe_uplink(network, object);
	vns_output_string(object, "uplink_device",
			  vns_uplink_device(ctx, network, AF_INET, device) ?
			  device : NULL);
	/* a bridged network does not depend on the routing table */
	if (!bridged)
		vns_uplink_device(ctx, network, AF_INET6, device);
	vns_output_string(object, "uplink6_device", device[0] ? device : NULL);
	vns_network_describe_bridged(network, object);
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

	/*
	 * in mode bridged, an address on the device does not make a subnet of
	 * VMs
	 */
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
	vns_network_describe_way(ctx, network, object);
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
