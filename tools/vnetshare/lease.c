// SPDX-License-Identifier: GPL-2.0
/* Leases, from the file that dnsmasq writes. */
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lease.h"
#include "state.h"

static bool vns_lease_parse(const char *line, struct vns_lease *lease)
{
	char address[VNS_IP_TEXT];

	memset(lease, 0, sizeof(*lease));
	if (sscanf(line, "%lld %63s %45s %255s", &lease->expires, lease->mac,
		   address, lease->name) != 4 ||
	    !vns_ip_parse(address, &lease->address))
		return false;
	if (!strcmp(lease->name, "*"))
		lease->name[0] = '\0';
	return !lease->expires || lease->expires > time(NULL);
}

/**
 * vns_lease_read - list the leases of a network
 * @leases: of struct vns_lease; to be freed by the caller
 */
void vns_lease_read(const struct vns_ctx *ctx, const char *network,
		    struct vns_array *leases)
{
	char dir[VNS_STATE_PATH], path[VNS_STATE_PATH], line[1024];
	struct vns_lease lease;
	FILE *file;

	leases->size = sizeof(lease);
	vns_state_dir(ctx, network, dir);
	vns_state_path(dir, VNS_STATE_LEASES, path);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (vns_lease_parse(line, &lease))
			*(struct vns_lease *)vns_array_add(leases) = lease;
	fclose(file);
}

/**
 * vns_lease_of_mac - find the lease of a MAC address
 * @leases: of struct vns_lease
 *
 * Return: the lease, or NULL
 */
const struct vns_lease *vns_lease_of_mac(const struct vns_array *leases,
					 const uint8_t mac[6])
{
	const struct vns_lease *lease = leases->items;
	struct ether_addr addr;
	size_t i;

	for (i = 0; i < leases->count; i++, lease++)
		if (ether_aton_r(lease->mac, &addr) && !memcmp(&addr, mac, 6))
			return lease;
	return NULL;
}

/**
 * vns_lease_of_name - find the lease of the VM with a name
 * @leases: of struct vns_lease
 *
 * Return: the lease, or NULL
 */
const struct vns_lease *vns_lease_of_name(const struct vns_array *leases,
					  const char *name)
{
	const struct vns_lease *lease = leases->items;
	size_t i;

	for (i = 0; i < leases->count; i++, lease++)
		if (!strcasecmp(lease->name, name))
			return lease;
	return NULL;
}

/* A lease as an object for the output; @network: name of its network */
struct json_object *vns_lease_describe(const struct vns_lease *lease,
				       const char *network)
{
	struct json_object *object = json_object_new_object();
	char address[VNS_IP_TEXT];

	vns_output_string(object, "address",
			  vns_ip_format(&lease->address, address));
	vns_output_string(object, "mac", lease->mac);
	vns_output_string(object, "name", lease->name[0] ? lease->name : NULL);
	vns_output_string(object, "network", network);
	if (lease->expires)
		vns_output_number(object, "expires", lease->expires);
	else
		vns_output_null(object, "expires");
	return object;
}
