// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare fdb: the MAC addresses that the switch knows.
 */
#include "cmd.h"
#include "network.h"

static struct json_object *
vns_fdb_describe(const struct vns_ctx *ctx, const struct vns_fdb_entry *entry,
		 const struct vns_network *network)
{
	struct json_object *object = json_object_new_object();
	const char *flags = entry->pinned ? "pinned" : NULL;

	vns_output_mac(object, "mac", entry->mac);
	vns_output_string(object, "network", network->name);
	vns_output_string(object, "port", entry->port_name);
	vns_output_number(object, "port_id", entry->port_id);
	vns_output_number(object, "age", entry->age);
	vns_output_bool(object, "pinned", entry->pinned);
	vns_output_bool(object, "uplink", !entry->port_id);
	if (!ctx->json)
		vns_output_string(object, "flags", entry->port_id ? flags :
				  "uplink");
	return object;
}

static int vns_fdb_list(struct vns_ctx *ctx, const struct vns_network *network,
			struct json_object *list)
{
	const struct vns_fdb_entry *entry;
	struct vns_array entries = { };
	size_t i;
	int ret;

	ret = vns_genl_fdb(ctx, network->ifindex, &entries);
	entry = entries.items;
	for (i = 0; !ret && i < entries.count; i++, entry++)
		json_object_array_add(list,
				      vns_fdb_describe(ctx, entry, network));
	vns_array_free(&entries);
	return ret;
}

static int vns_fdb_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	static const struct vns_column columns[] = {
		{ "mac", "MAC", NULL },
		{ "network", "NETWORK", NULL },
		{ "port", "PORT", NULL },
		{ "age", "AGE", NULL },
		{ "flags", "FLAGS", NULL },
		{ }
	};
	struct json_object *list;
	int ret;

	ret = vns_network_list(ctx, args, vns_fdb_list, &list);
	return ret ? ret : vns_output_table(ctx, list, columns);
}

const struct vns_command vns_cmd_fdb[] = {
	{
		.name = "show",
		.args = "[NET]",
		.help = "show the MAC addresses that the switch knows",
		.run = vns_fdb_show_run,
	},
	{ }
};
