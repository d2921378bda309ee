// SPDX-License-Identifier: GPL-2.0
/*
 * Ports in the generic netlink family "vnetshare".
 */
#include <linux/genetlink.h>
#include <string.h>

#include "genl.h"

static void vns_genl_copy_ips(struct vns_ips *ips, const struct nlattr *attr)
{
	const uint8_t *mapped = mnl_attr_get_payload(attr);
	unsigned int i, count = mnl_attr_get_payload_len(attr) / 16;

	ips->count = count < VNS_IPS_MAX ? count : VNS_IPS_MAX;
	for (i = 0; i < ips->count; i++)
		vns_ip_from_mapped(&ips->ip[i], mapped + 16 * i);
}

void vns_genl_port_read(const struct nlmsghdr *nlh, struct vns_port *port)
{
	const struct nlattr *attr;

	memset(port, 0, sizeof(*port));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case VNETSHARE_A_PORT_IFINDEX:
			port->ifindex = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_PORT_NAME:
			vns_nl_name(port->name, attr);
			break;
		case VNETSHARE_A_PORT_NETWORK:
			port->network = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_PORT_ID:
			port->id = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_PORT_TYPE:
			port->type = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_PORT_MAC:
			port->has_mac = true;
			vns_nl_mac(port->mac, attr);
			break;
		case VNETSHARE_A_PORT_LOCK:
			port->lock = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_PORT_ADDRESSES:
			vns_genl_copy_ips(&port->addresses, attr);
			break;
		case VNETSHARE_A_PORT_LEARNED:
			vns_genl_copy_ips(&port->learned, attr);
			break;
		case VNETSHARE_A_PORT_NETNSID:
			port->has_netnsid = true;
			port->netnsid = (int32_t)mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_PORT_RUNNING:
			port->running = mnl_attr_get_u8(attr);
			break;
		case VNETSHARE_A_PORT_FDB_ENTRIES:
			port->fdb_entries = mnl_attr_get_u32(attr);
			break;
		}
	}
}

static int vns_genl_port_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_port_read(nlh, data);
	return MNL_CB_OK;
}

static int vns_genl_ports_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_genl_port_read(nlh, vns_array_add(data));
	return MNL_CB_OK;
}

/**
 * vns_genl_port_talk - send a request that is answered with a port
 * @what: the action, for the message
 * @port: the answer
 */
int vns_genl_port_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
		       const char *what, struct vns_port *port)
{
	memset(port, 0, sizeof(*port));
	return vns_genl_talk(ctx, nlh, what, vns_genl_port_cb, port);
}

/**
 * vns_genl_ports - list ports
 * @network: ifindex of the network to list, 0: of all
 * @ports: of struct vns_port; to be freed by the caller
 */
int vns_genl_ports(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *ports)
{
	ports->size = sizeof(struct vns_port);
	return vns_genl_list(ctx, VNETSHARE_CMD_PORT_GET,
			     VNETSHARE_A_PORT_NETWORK, network,
			     vns_genl_ports_cb, ports);
}
