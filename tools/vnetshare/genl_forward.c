// SPDX-License-Identifier: GPL-2.0
/*
 * Port forwards in the generic netlink family "vnetshare".
 */
#include <linux/genetlink.h>
#include <string.h>

#include "genl.h"

void vns_genl_forward_read(const struct nlmsghdr *nlh, struct vns_forward *fwd)
{
	const struct nlattr *attr;

	memset(fwd, 0, sizeof(*fwd));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case VNETSHARE_A_FORWARD_NETWORK:
			fwd->network = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FORWARD_ID:
			fwd->id = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FORWARD_PROTOCOLS:
			fwd->protocols = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FORWARD_ADDRESS:
			vns_nl_ip(&fwd->address, attr);
			break;
		case VNETSHARE_A_FORWARD_PORT:
			fwd->port = mnl_attr_get_u16(attr);
			break;
		case VNETSHARE_A_FORWARD_PORT_LAST:
			fwd->port_last = mnl_attr_get_u16(attr);
			break;
		case VNETSHARE_A_FORWARD_TO_ADDRESS:
			vns_nl_ip(&fwd->to, attr);
			break;
		case VNETSHARE_A_FORWARD_TO_PORT:
			fwd->to_port = mnl_attr_get_u16(attr);
			break;
		case VNETSHARE_A_FORWARD_ACTIVE:
			fwd->active = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_FORWARD_CONNECTIONS:
			fwd->connections = mnl_attr_get_u64(attr);
			break;
		case VNETSHARE_A_FORWARD_PACKETS:
			fwd->packets = mnl_attr_get_u64(attr);
			break;
		case VNETSHARE_A_FORWARD_BYTES:
			fwd->bytes = mnl_attr_get_u64(attr);
			break;
		}
	}
	if (!fwd->port_last)
		fwd->port_last = fwd->port;
}

static int vns_genl_forward_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_forward_read(nlh, data);
	return MNL_CB_OK;
}

static int vns_genl_forwards_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_forward_read(nlh, vns_array_add(data));
	return MNL_CB_OK;
}

/**
 * vns_genl_forward_talk - send a request that is answered with a port forward
 * @what: the action, for the message
 * @forward: the answer
 */
int vns_genl_forward_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_forward *forward)
{
	memset(forward, 0, sizeof(*forward));
	return vns_genl_talk(ctx, nlh, what, vns_genl_forward_cb, forward);
}

/**
 * vns_genl_forwards - list port forwards
 * @network: ifindex of the network to list, 0: of all
 * @forwards: of struct vns_forward; to be freed by the caller
 */
int vns_genl_forwards(struct vns_ctx *ctx, uint32_t network,
		      struct vns_array *forwards)
{
	forwards->size = sizeof(struct vns_forward);
	return vns_genl_list(ctx, VNETSHARE_CMD_FORWARD_GET,
			     VNETSHARE_A_FORWARD_NETWORK, network,
			     vns_genl_forwards_cb, forwards);
}
