// SPDX-License-Identifier: GPL-2.0
/*
 * IP addresses of the VMs of bridged networks, in the generic netlink family
 * "vnetshare".
 */
#include <linux/genetlink.h>
#include <string.h>

#include "genl.h"

void vns_genl_neigh_read(const struct nlmsghdr *nlh, struct vns_neigh *neigh)
{
	const struct nlattr *attr;

	memset(neigh, 0, sizeof(*neigh));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case VNETSHARE_A_NEIGH_NETWORK:
			neigh->network = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NEIGH_ADDRESS:
			if (mnl_attr_get_payload_len(attr) == 16)
				vns_ip_from_mapped(&neigh->ip,
						   mnl_attr_get_payload(attr));
			break;
		case VNETSHARE_A_NEIGH_MAC:
			vns_nl_mac(neigh->mac, attr);
			break;
		case VNETSHARE_A_NEIGH_PORT_ID:
			neigh->port_id = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NEIGH_PORT_NAME:
			vns_nl_name(neigh->port_name, attr);
			break;
		case VNETSHARE_A_NEIGH_AGE:
			neigh->age = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NEIGH_HOLDER:
			vns_nl_mac(neigh->holder, attr);
			break;
		}
	}
}

static int vns_genl_neighs_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_neigh_read(nlh, vns_array_add(data));
	return MNL_CB_OK;
}

/**
 * vns_genl_neighs - list the IP addresses of VMs of bridged networks
 * @network: ifindex of the network to list, 0: of all
 * @neighs: of struct vns_neigh; to be freed by the caller
 */
int vns_genl_neighs(struct vns_ctx *ctx, uint32_t network,
		    struct vns_array *neighs)
{
	neighs->size = sizeof(struct vns_neigh);
	return vns_genl_list(ctx, VNETSHARE_CMD_NEIGH_GET,
			     VNETSHARE_A_NEIGH_NETWORK, network,
			     vns_genl_neighs_cb, neighs);
}
