// SPDX-License-Identifier: GPL-2.0
/*
 * Port forwards in the generic netlink family "vnetshare".
 */
#include <linux/genetlink.h>
#include <string.h>

#include "vnetshare.h"

/**
 * vns_genl_forward_read - read a message about a port forward
 * @nlh: the message
 * @fwd: set
 */
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
			vns_ip_read(&fwd->address, mnl_attr_get_payload(attr),
				    mnl_attr_get_payload_len(attr));
			break;
		case VNETSHARE_A_FORWARD_PORT:
			fwd->port = mnl_attr_get_u16(attr);
			break;
		case VNETSHARE_A_FORWARD_PORT_LAST:
			fwd->port_last = mnl_attr_get_u16(attr);
			break;
		case VNETSHARE_A_FORWARD_TO_ADDRESS:
			vns_ip_read(&fwd->to, mnl_attr_get_payload(attr),
				    mnl_attr_get_payload_len(attr));
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
 * @ctx: the invocation
 * @nlh: the request
 * @what: what it does, for the message
 * @forward: the answer
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_forward_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_forward *forward)
{
	int ret;

	memset(forward, 0, sizeof(*forward));
	ret = vns_nl_talk(&ctx->genl, nlh, vns_genl_forward_cb, forward);
	return ret ? vns_genl_report(ctx, nlh, what, ret) : VNS_OK;
}

/**
 * vns_genl_forwards - list port forwards
 * @ctx: the invocation
 * @network: ifindex of the network to list, 0: of all
 * @forwards: gets struct vns_forward; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_forwards(struct vns_ctx *ctx, uint32_t network,
		      struct vns_array *forwards)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	forwards->size = sizeof(struct vns_forward);
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_FORWARD_GET);
	if (network)
		mnl_attr_put_u32(nlh, VNETSHARE_A_FORWARD_NETWORK, network);
	return vns_genl_dump(ctx, nlh, "list the port forwards",
			     vns_genl_forwards_cb, forwards);
}
