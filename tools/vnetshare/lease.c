// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare lease: the addresses that dnsmasq has given out.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dhcp.h"
#include "network.h"

/**
 * struct vns_lease - a line of dnsmasq's lease file
 * @expires: when, in seconds since 1970; 0: never
 * @mac: of the VM, as text
 * @address: of the VM
 * @name: of the VM, "*": none
 */
struct vns_lease {
	long long expires;
	char mac[64];
	char address[64];
	char name[256];
};

/* The port where a MAC address was seen last, NULL: nowhere. */
static const char *vns_lease_port(const struct vns_array *fdb, const char *mac)
{
	const struct vns_fdb_entry *entry = fdb->items;
	size_t i;

	for (i = 0; i < fdb->count; i++, entry++)
		if (!strcasecmp(vns_format_mac(entry->mac), mac))
			return entry->port_name;
	return NULL;
}

static struct json_object *vns_lease_describe(const struct vns_lease *lease,
					      const char *network,
					      const struct vns_array *fdb)
{
	struct json_object *object = json_object_new_object();
	bool named = strcmp(lease->name, "*");

	vns_output_string(object, "address", lease->address);
	vns_output_string(object, "mac", lease->mac);
	vns_output_string(object, "name", named ? lease->name : NULL);
	vns_output_string(object, "network", network);
	vns_output_string(object, "port", vns_lease_port(fdb, lease->mac));
	if (lease->expires) {
		vns_output_number(object, "expires", lease->expires);
		vns_output_number(object, "expires_in",
				  lease->expires - time(NULL));
	} else {
		json_object_object_add(object, "expires", NULL);
		json_object_object_add(object, "expires_in", NULL);
	}
	return object;
}

static int vns_lease_list(struct vns_ctx *ctx,
			  const struct vns_network *network,
			  struct json_object *list)
{
	char dir[VNS_STATE_PATH], path[VNS_STATE_PATH], line[1024];
	struct vns_array fdb = { };
	struct vns_lease lease;
	FILE *file;

	vns_state_dir(ctx, network->name, dir);
	vns_state_path(dir, VNS_STATE_LEASES, path);
	file = fopen(path, "re");
	if (!file)
		return VNS_OK;
	if (vns_genl_fdb(ctx, network->ifindex, &fdb)) {
		fclose(file);
		return VNS_FAIL;
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lld %63s %63s %255s", &lease.expires,
			   lease.mac, lease.address, lease.name) != 4)
			continue;
		if (lease.expires && lease.expires <= time(NULL))
			continue;
		json_object_array_add(list,
				      vns_lease_describe(&lease, network->name,
							 &fdb));
	}
	vns_array_free(&fdb);
	fclose(file);
	return VNS_OK;
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

const struct vns_command vns_lease_verbs[] = {
	{
		.name = "show",
		.args = "[NET]",
		.help = "show the addresses that DHCP gave out",
		.run = vns_lease_show_run,
	},
	{ }
};
