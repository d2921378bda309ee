// SPDX-License-Identifier: GPL-2.0
/*
 * Networks in the generic netlink family "vnetshare".
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "genl.h"

/* Attributes that matter in mode bridged only. */
static void vns_genl_network_read_bridged(const struct nlattr *attr,
					  struct vns_network *net)
{
	switch (mnl_attr_get_type(attr)) {
	case VNETSHARE_A_NETWORK_UPLINK_AUTO:
		net->uplink_auto = mnl_attr_get_u8(attr);
		break;
	case VNETSHARE_A_NETWORK_UPLINK_RUNNING:
		net->uplink_running = mnl_attr_get_u8(attr);
		break;
	case VNETSHARE_A_NETWORK_BRIDGE:
		vns_nl_name(net->bridge, attr);
		break;
	case VNETSHARE_A_NETWORK_MACNAT:
		net->macnat = mnl_attr_get_u32(attr);
		break;
	case VNETSHARE_A_NETWORK_MACNAT_ACTIVE:
		net->macnat_active = mnl_attr_get_u8(attr);
		break;
	case VNETSHARE_A_NETWORK_GROUP_FORWARD:
		net->group_forward = mnl_attr_get_u32(attr);
		break;
	case VNETSHARE_A_NETWORK_FLOOD_LIMIT:
		net->flood_limit = mnl_attr_get_u32(attr);
		break;
	}
}

void vns_genl_network_read(const struct nlmsghdr *nlh, struct vns_network *net)
{
	const struct nlattr *attr;

	memset(net, 0, sizeof(*net));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case VNETSHARE_A_NETWORK_IFINDEX:
			net->ifindex = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_NAME:
			vns_nl_name(net->name, attr);
			break;
		case VNETSHARE_A_NETWORK_MODE:
			net->mode = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_UPLINK:
			vns_nl_name(net->uplink, attr);
			break;
		case VNETSHARE_A_NETWORK_UPLINK_IFINDEX:
			net->uplink_ifindex = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_MAC:
			vns_nl_mac(net->mac, attr);
			break;
		case VNETSHARE_A_NETWORK_MTU:
			net->mtu = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_AGEING:
			net->ageing = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_ISOLATE:
			net->isolate = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_NETWORK_SHARE:
			net->share = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_NETWORK_FIREWALL:
			net->firewall = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_PORTS:
			net->ports = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_FDB_ENTRIES:
			net->fdb_entries = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_FORWARDS:
			net->forwards = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_FASTPATH:
			net->fastpath = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_NETWORK_FLOWS:
			net->flows = mnl_attr_get_u32(attr);
			break;
		default:
			vns_genl_network_read_bridged(attr, net);
		}
	}
}

static int vns_genl_network_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_network_read(nlh, data);
	return MNL_CB_OK;
}

static int vns_genl_networks_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_network_read(nlh, vns_array_add(data));
	return MNL_CB_OK;
}

/**
 * vns_genl_network_talk - send a request that is answered with a network
 * @what: the action, for the message
 * @network: the answer
 */
int vns_genl_network_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_network *network)
{
	memset(network, 0, sizeof(*network));
	return vns_genl_talk(ctx, nlh, what, vns_genl_network_cb, network);
}

/**
 * vns_genl_networks - list all networks of this namespace
 * @networks: of struct vns_network; to be freed by the caller
 */
int vns_genl_networks(struct vns_ctx *ctx, struct vns_array *networks)
{
	networks->size = sizeof(struct vns_network);
	return vns_genl_list(ctx, VNETSHARE_CMD_NETWORK_GET,
			     VNETSHARE_A_NETWORK_UNSPEC, 0,
			     vns_genl_networks_cb, networks);
}

/**
 * vns_genl_network_find - look up a network that may be absent
 * @network: set; ifindex 0 when there is no network of this name
 */
int vns_genl_network_find(struct vns_ctx *ctx, const char *name,
			  struct vns_network *network)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;
	uint32_t ifindex;
	int ret;

	memset(network, 0, sizeof(*network));
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	ifindex = if_nametoindex(name);
	if (!ifindex)
		return VNS_OK;
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_GET);
	mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_IFINDEX, ifindex);
	ret = vns_nl_talk(&ctx->genl, nlh, vns_genl_network_cb, network);
	if (!ret || ret == -ENODEV)
		return VNS_OK;
	snprintf(what, sizeof(what), "look up network %s", name);
	return vns_genl_report(ctx, nlh, what, ret);
}

/* Look up a network. It is an error when there is none of this name. */
int vns_genl_network_get(struct vns_ctx *ctx, const char *name,
			 struct vns_network *network)
{
	if (vns_genl_network_find(ctx, name, network))
		return VNS_FAIL;
	if (network->ifindex)
		return VNS_OK;
	if (if_nametoindex(name))
		vns_error("%s is a device, but not a network", name);
	else
		vns_error("there is no network %s", name);
	return VNS_FAIL;
}

/**
 * vns_genl_network_del - delete a network; its ports are detached
 * @name: the network's name, for the message
 * @ifindex: of the network's device
 */
int vns_genl_network_del(struct vns_ctx *ctx, const char *name,
			 uint32_t ifindex)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;

	if (vns_genl_open(ctx))
		return VNS_FAIL;
	snprintf(what, sizeof(what), "delete network %s", name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_DEL);
	mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_IFINDEX, ifindex);
	return vns_genl_send(ctx, nlh, what);
}

/*
 * Is the host the gateway in this mode? Then it has an address on the network
 * and serves DHCP and DNS.
 */
bool vns_genl_has_gateway(uint32_t mode)
{
	return mode == VNETSHARE_MODE_NAT || mode == VNETSHARE_MODE_HOSTONLY;
}

/* Does the host route packets of the network to the outside? */
bool vns_genl_has_outside(const struct vns_network *network)
{
	return network->mode == VNETSHARE_MODE_NAT ||
	       (network->mode == VNETSHARE_MODE_HOSTONLY && network->share);
}

/**
 * vns_genl_network_name - the name of a network in a list
 * @networks: of struct vns_network
 * @ifindex: of its device
 *
 * Return: the name, valid as long as the list, or NULL when it is not listed
 */
const char *vns_genl_network_name(const struct vns_array *networks,
				  uint32_t ifindex)
{
	const struct vns_network *network = networks->items;
	size_t i;

	for (i = 0; i < networks->count; i++, network++)
		if (network->ifindex == ifindex)
			return network->name;
	return NULL;
}
