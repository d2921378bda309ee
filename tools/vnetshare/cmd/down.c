// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare down: delete a network. A network that does not exist is no error.
 */
#include "cmd.h"
#include "network.h"

int vns_cmd_down(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network network;
	const char *name;
	int ret;

	ret = vns_args_only(args, VNS_NETWORK_DEFAULT_NAME, &name);
	if (!ret)
		ret = vns_genl_network_find(ctx, name, &network);
	if (ret)
		return ret;
	if (!network.ifindex) {
		vns_note("there is no network %s", name);
		return VNS_OK;
	}
	return vns_network_remove(ctx, &network);
}
