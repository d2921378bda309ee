// SPDX-License-Identifier: GPL-2.0
/*
 * MAC addresses that the switch knows, in the generic netlink family
 * "vnetshare".
 */
#include <linux/genetlink.h>

#include "genl.h"

static int vns_genl_fdb_cb(const struct nlmsghdr *nlh, void *data)
{
	struct vns_fdb_entry *entry = vns_array_add(data);
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case VNETSHARE_A_FDB_NETWORK:
			entry->network = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FDB_MAC:
			vns_nl_mac(entry->mac, attr);
			break;
		case VNETSHARE_A_FDB_PORT_ID:
			entry->port_id = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FDB_PORT_NAME:
			vns_nl_name(entry->port_name, attr);
			break;
		case VNETSHARE_A_FDB_AGE:
			entry->age = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FDB_PINNED:
			entry->pinned = mnl_attr_get_u8(attr);
			break;
		}
	}
	return MNL_CB_OK;
}

/**
 * vns_genl_fdb - list known MAC addresses
 * @network: ifindex of the network to list, 0: of all
 * @fdb: of struct vns_fdb_entry; to be freed by the caller
 */
int vns_genl_fdb(struct vns_ctx *ctx, uint32_t network, struct vns_array *fdb)
{
	fdb->size = sizeof(struct vns_fdb_entry);
	return vns_genl_list(ctx, VNETSHARE_CMD_FDB_GET,
			     VNETSHARE_A_FDB_NETWORK, network,
			     vns_genl_fdb_cb, fdb);
}
