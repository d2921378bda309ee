// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions in the fast path, in the generic netlink family "vnetshare".
 */
#include <linux/genetlink.h>
#include <string.h>

#include "vnetshare.h"

static void vns_genl_flow_read(const struct nlmsghdr *nlh,
			       struct vns_flow *flow)
{
	const struct nlattr *attr;

	memset(flow, 0, sizeof(*flow));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case VNETSHARE_A_FLOW_PROTOCOL:
			flow->proto = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_FLOW_SOURCE:
			vns_ip_read(&flow->from, mnl_attr_get_payload(attr),
				    mnl_attr_get_payload_len(attr));
			break;
		case VNETSHARE_A_FLOW_DESTINATION:
			vns_ip_read(&flow->to, mnl_attr_get_payload(attr),
				    mnl_attr_get_payload_len(attr));
			break;
		case VNETSHARE_A_FLOW_SOURCE_PORT:
			flow->from_port = mnl_attr_get_u16(attr);
			break;
		case VNETSHARE_A_FLOW_DESTINATION_PORT:
			flow->to_port = mnl_attr_get_u16(attr);
			break;
		}
	}
}

static int vns_genl_flows_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_flow_read(nlh, vns_array_add(data));
	return MNL_CB_OK;
}

/**
 * vns_genl_flows - list the sessions in the fast path
 * @ctx: the invocation
 * @network: ifindex of the network to list, 0: of all
 * @flows: gets struct vns_flow, one a direction; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_flows(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *flows)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	flows->size = sizeof(struct vns_flow);
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_FLOW_GET);
	if (network)
		mnl_attr_put_u32(nlh, VNETSHARE_A_FLOW_NETWORK, network);
	return vns_genl_dump(ctx, nlh, "list the sessions in the fast path",
			     vns_genl_flows_cb, flows);
}
