// SPDX-License-Identifier: GPL-2.0
/*
 * Subnets of networks in mode bridged. Such a network has no subnet on its
 * device; the old subnets are kept in a file and return with another mode.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

/* The gateway with the prefix length, or "-" */
static void vns_kept_put(FILE *file, const struct vns_subnet *subnet)
{
	char text[VNS_IP_TEXT];

	if (subnet->plen)
		fprintf(file, "%s/%u\n", vns_ip_format(&subnet->gateway, text),
			subnet->plen);
	else
		fputs("-\n", file);
}

static void vns_kept_get(FILE *file, uint8_t family, struct vns_subnet *subnet)
{
	char line[VNS_SUBNET_TEXT + 1], *slash;

	memset(subnet, 0, sizeof(*subnet));
	if (!fgets(line, sizeof(line), file))
		return;
	slash = strchr(line, '/');
	if (!slash)
		return;
	*slash = '\0';
	if (vns_ip_parse(line, &subnet->gateway) &&
	    subnet->gateway.family == family)
		subnet->plen = atoi(slash + 1);
}

/**
 * vns_kept_write - keep the subnets of a network
 * @ctx: the invocation; vns_state_begin() has been called
 * @ifindex: the network's device
 * @subnet: its IPv4 subnet, or none
 * @subnet6: its IPv6 subnet, or none
 */
int vns_kept_write(const struct vns_ctx *ctx, uint32_t ifindex,
		   const struct vns_subnet *subnet,
		   const struct vns_subnet *subnet6)
{
	char path[VNS_STATE_PATH];
	FILE *file;

	vns_state_file(ctx, ifindex, VNS_STATE_SUBNETS, path);
	file = fopen(path, "we");
	if (file) {
		vns_kept_put(file, subnet);
		vns_kept_put(file, subnet6);
		if (!fclose(file))
			return VNS_OK;
	}
	vns_error("cannot write %s: %s", path, strerror(errno));
	return VNS_FAIL;
}

/**
 * vns_kept_read - the subnets that have been kept
 * @ifindex: the network's device
 * @subnet: set; plen 0: none
 * @subnet6: set; plen 0: none
 */
void vns_kept_read(const struct vns_ctx *ctx, uint32_t ifindex,
		   struct vns_subnet *subnet, struct vns_subnet *subnet6)
{
	char path[VNS_STATE_PATH];
	FILE *file;

	memset(subnet, 0, sizeof(*subnet));
	memset(subnet6, 0, sizeof(*subnet6));
	vns_state_file(ctx, ifindex, VNS_STATE_SUBNETS, path);
	file = fopen(path, "re");
	if (!file)
		return;
	vns_kept_get(file, AF_INET, subnet);
	vns_kept_get(file, AF_INET6, subnet6);
	fclose(file);
}

void vns_kept_remove(const struct vns_ctx *ctx, uint32_t ifindex)
{
	char path[VNS_STATE_PATH];

	vns_state_file(ctx, ifindex, VNS_STATE_SUBNETS, path);
	unlink(path);
}
