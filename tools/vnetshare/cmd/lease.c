// SPDX-License-Identifier: GPL-2.0
/* vnetshare lease: the addresses that dnsmasq has assigned. */
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "lease.h"
#include "network.h"
#include "parse.h"

/* The port where a MAC address was last seen, or NULL */
static const char *vns_lease_port(const struct vns_array *fdb, const char *mac)
{
	const struct vns_fdb_entry *entry = fdb->items;
	size_t i;

	for (i = 0; i < fdb->count; i++, entry++)
		if (!strcasecmp(vns_format_mac(entry->mac), mac))
			return entry->port_name;
	return NULL;
}

static int vns_lease_list(struct vns_ctx *ctx,
			  const struct vns_network *network,
			  struct json_object *list)
{
	struct vns_array leases = { }, fdb = { };
	const struct vns_lease *lease;
	struct json_object *object;
	size_t i;
	int ret;

	ret = vns_genl_fdb(ctx, network->ifindex, &fdb);
	if (!ret)
		vns_lease_read(ctx, network->name, &leases);
	lease = leases.items;
	for (i = 0; i < leases.count; i++, lease++) {
		object = vns_lease_describe(lease, network->name);
		vns_output_string(object, "port",
				  vns_lease_port(&fdb, lease->mac));
		if (lease->expires)
			vns_output_number(object, "expires_in",
					  lease->expires - time(NULL));
		else
			vns_output_null(object, "expires_in");
		json_object_array_add(list, object);
	}
	vns_array_free(&leases);
	vns_array_free(&fdb);
	return ret;
}

static int vns_lease_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	static const struct vns_column columns[] = {
		{ "address", "ADDRESS", NULL },
		{ "mac", "MAC", NULL },
		{ "name", "NAME", NULL },
		{ "network", "NETWORK", NULL },
		{ "port", "PORT", NULL },
		{ "expires_in", "SECONDS-LEFT", NULL },
		{ }
	};
	struct json_object *list;
	int ret;

	ret = vns_network_list(ctx, args, vns_lease_list, &list);
	return ret ? ret : vns_output_table(ctx, list, columns);
}

const struct vns_command vns_cmd_lease[] = {
	{
		.name = "show",
		.args = "[NET]",
		.help = "show the addresses that DHCP has assigned",
		.run = vns_lease_show_run,
	},
	{ }
};
