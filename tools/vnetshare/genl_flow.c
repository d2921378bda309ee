// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions in the fast path, in the generic netlink family "vnetshare".
 */
#include <linux/genetlink.h>
#include <string.h>

#include "genl.h"

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
			vns_nl_ip(&flow->from, attr);
			break;
		case VNETSHARE_A_FLOW_DESTINATION:
			vns_nl_ip(&flow->to, attr);
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
 * @network: ifindex of the network to list, 0: of all
 * @flows: of struct vns_flow, one a direction; to be freed by the caller
 */
int vns_genl_flows(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *flows)
{
	flows->size = sizeof(struct vns_flow);
	return vns_genl_list(ctx, VNETSHARE_CMD_FLOW_GET,
			     VNETSHARE_A_FLOW_NETWORK, network,
			     vns_genl_flows_cb, flows);
}
