// SPDX-License-Identifier: GPL-2.0
/* Lists of the objects of all networks, or of one. */
#include "network.h"

/**
 * vns_network_list - build a list for all networks, or for the one named
 * @args: the name of a network, or no words
 * @add: adds the objects of a network to the list; VNS_OK or VNS_FAIL
 * @list: set to an array, or to NULL after a failure
 */
int vns_network_list(struct vns_ctx *ctx, struct vns_args *args,
		     int (*add)(struct vns_ctx *ctx,
				const struct vns_network *network,
				struct json_object *list),
		     struct json_object **list)
{
	struct vns_array networks = { };
	const struct vns_network *item;
	struct vns_network network;
	const char *name;
	size_t i;
	int ret;

	*list = NULL;
	ret = vns_args_only(args, NULL, &name);
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
