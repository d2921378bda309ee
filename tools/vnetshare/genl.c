// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "vnetshare".
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "vnetshare.h"

/* What the kernel says about an attribute: " (attribute mtu: 68 to 65535)". */
static void vns_genl_blame(const struct vns_nl *nl, const struct nlmsghdr *nlh,
			   char *text, size_t size)
{
	const struct genlmsghdr *gnlh = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	const char *name = NULL;
	char range[64] = "";

	text[0] = '\0';
	if (nl->attr_offset &&
	    nl->attr_offset + sizeof(*attr) <= nlh->nlmsg_len) {
		attr = (const void *)((const char *)nlh + nl->attr_offset);
		name = vns_genl_attr_name(gnlh->cmd, mnl_attr_get_type(attr));
	}
	if (nl->attr_missing)
		name = vns_genl_attr_name(gnlh->cmd, nl->attr_missing);
	if (!name)
		return;
	if (nl->has_range)
		snprintf(range, sizeof(range), ": %llu to %llu",
			 (unsigned long long)nl->min,
			 (unsigned long long)nl->max);
	snprintf(text, size, " (attribute %s%s)", name,
		 nl->attr_missing ? " is missing" : range);
}

/**
 * vns_genl_report - print why the kernel refused a request
 * @ctx: the invocation
 * @nlh: the request
 * @what: what it does ("delete the port")
 * @error: negative errno
 *
 * Return: VNS_FAIL
 */
int vns_genl_report(const struct vns_ctx *ctx, const struct nlmsghdr *nlh,
		    const char *what, int error)
{
	char blame[128];

	vns_genl_blame(&ctx->genl, nlh, blame, sizeof(blame));
	if (ctx->genl.message[0])
		vns_error("%s%s", ctx->genl.message, blame);
	else
		vns_error("cannot %s: %s%s", what, strerror(-error), blame);
	return VNS_FAIL;
}

/* The family has one multicast group. */
static uint32_t vns_genl_group(const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				return mnl_attr_get_u32(attr);
		}
	}
	return 0;
}

static int vns_genl_family_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;
	struct vns_ctx *ctx = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			ctx->family = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			ctx->group = vns_genl_group(attr);
			break;
		}
	}
	return MNL_CB_OK;
}

/**
 * vns_genl_open - find the family; the kernel loads the module by its alias
 * @ctx: the invocation
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_open(struct vns_ctx *ctx)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct genlmsghdr *gnlh;
	struct nlmsghdr *nlh;
	int ret;

	if (vns_nl_open(&ctx->genl, NETLINK_GENERIC))
		return VNS_FAIL;
	if (ctx->family)
		return VNS_OK;

	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = GENL_ID_CTRL;
	gnlh = mnl_nlmsg_put_extra_header(nlh, sizeof(*gnlh));
	gnlh->cmd = CTRL_CMD_GETFAMILY;
	gnlh->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, VNETSHARE_GENL_NAME);
	ret = vns_nl_talk(&ctx->genl, nlh, vns_genl_family_cb, ctx);
	if (!ret && ctx->family)
		return VNS_OK;
	if (!ret || ret == -ENOENT)
		goto no_module;
	vns_error("cannot ask the kernel for vnetshare: %s",
		  vns_nl_reason(&ctx->genl, ret));
	return VNS_FAIL;
no_module:
	vns_error("the kernel module vnetshare is not loaded");
	vns_hint("load it with \"modprobe vnetshare\"; README.md says how to install it");
	return VNS_FAIL;
}

/**
 * vns_genl_request - begin a request to the family
 * @ctx: the invocation; vns_genl_open() has been called
 * @buf: VNS_NL_REQUEST_SIZE bytes to build it in
 * @cmd: enum vnetshare_cmd
 *
 * Return: the message, to add attributes to
 */
struct nlmsghdr *vns_genl_request(struct vns_ctx *ctx, char *buf, uint8_t cmd)
{
	struct genlmsghdr *gnlh;
	struct nlmsghdr *nlh;

	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = ctx->family;
	gnlh = mnl_nlmsg_put_extra_header(nlh, sizeof(*gnlh));
	gnlh->cmd = cmd;
	gnlh->version = VNETSHARE_GENL_VERSION;
	return nlh;
}

/**
 * vns_genl_send - send a request that has no answer but an acknowledgment
 * @ctx: the invocation
 * @nlh: the request
 * @what: what it does ("delete the port"), for the message
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_send(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what)
{
	int ret = vns_nl_talk(&ctx->genl, nlh, NULL, NULL);

	return ret ? vns_genl_report(ctx, nlh, what, ret) : VNS_OK;
}

/**
 * vns_genl_copy_name - take a device's name over from a message
 * @to: set, IFNAMSIZ bytes
 * @attr: the attribute
 */
void vns_genl_copy_name(char *to, const struct nlattr *attr)
{
	snprintf(to, IFNAMSIZ, "%.*s", mnl_attr_get_payload_len(attr),
		 mnl_attr_get_str(attr));
}

/**
 * vns_genl_copy_mac - take an Ethernet address over from a message
 * @to: set, unless the attribute has another length
 * @attr: the attribute
 */
void vns_genl_copy_mac(uint8_t *to, const struct nlattr *attr)
{
	if (mnl_attr_get_payload_len(attr) == 6)
		memcpy(to, mnl_attr_get_payload(attr), 6);
}

/* What only networks of mode bridged make use of. */
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
		vns_genl_copy_name(net->bridge, attr);
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

/**
 * vns_genl_network_read - read a message about a network
 * @nlh: the message
 * @net: set
 */
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
			vns_genl_copy_name(net->name, attr);
			break;
		case VNETSHARE_A_NETWORK_MODE:
			net->mode = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_UPLINK:
			vns_genl_copy_name(net->uplink, attr);
			break;
		case VNETSHARE_A_NETWORK_UPLINK_IFINDEX:
			net->uplink_ifindex = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_NETWORK_MAC:
			vns_genl_copy_mac(net->mac, attr);
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
 * @ctx: the invocation
 * @nlh: the request
 * @what: what it does, for the message
 * @network: the answer
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_network_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_network *network)
{
	int ret;

	memset(network, 0, sizeof(*network));
	ret = vns_nl_talk(&ctx->genl, nlh, vns_genl_network_cb, network);
	return ret ? vns_genl_report(ctx, nlh, what, ret) : VNS_OK;
}

static void vns_genl_copy_ips(struct vns_ips *ips, const struct nlattr *attr)
{
	const uint8_t *mapped = mnl_attr_get_payload(attr);
	unsigned int i, count = mnl_attr_get_payload_len(attr) / 16;

	ips->count = count < VNS_IPS_MAX ? count : VNS_IPS_MAX;
	for (i = 0; i < ips->count; i++)
		vns_ip_from_mapped(&ips->ip[i], mapped + 16 * i);
}

/**
 * vns_genl_port_read - read a message about a port
 * @nlh: the message
 * @port: set
 */
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
			vns_genl_copy_name(port->name, attr);
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
			vns_genl_copy_mac(port->mac, attr);
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
 * @ctx: the invocation
 * @nlh: the request
 * @what: what it does, for the message
 * @port: the answer
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_port_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
		       const char *what, struct vns_port *port)
{
	int ret;

	memset(port, 0, sizeof(*port));
	ret = vns_nl_talk(&ctx->genl, nlh, vns_genl_port_cb, port);
	return ret ? vns_genl_report(ctx, nlh, what, ret) : VNS_OK;
}

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
			vns_genl_copy_mac(entry->mac, attr);
			break;
		case VNETSHARE_A_FDB_PORT_ID:
			entry->port_id = mnl_attr_get_u32(attr);
			break;
		case VNETSHARE_A_FDB_PORT_NAME:
			vns_genl_copy_name(entry->port_name, attr);
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
 * vns_genl_dump - send a request that is answered with a list
 * @ctx: the invocation
 * @nlh: the request
 * @what: what it does, for the message
 * @cb: called for each answer
 * @out: where @cb puts them, its argument
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_dump(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what,
		  mnl_cb_t cb, struct vns_array *out)
{
	int ret = vns_nl_dump(&ctx->genl, nlh, cb, out);

	return ret ? vns_genl_report(ctx, nlh, what, ret) : VNS_OK;
}

/**
 * vns_genl_networks - list all networks of this namespace
 * @ctx: the invocation
 * @networks: gets struct vns_network; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_networks(struct vns_ctx *ctx, struct vns_array *networks)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	networks->size = sizeof(struct vns_network);
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_GET);
	return vns_genl_dump(ctx, nlh, "list the networks",
			     vns_genl_networks_cb, networks);
}

/**
 * vns_genl_ports - list ports
 * @ctx: the invocation
 * @network: ifindex of the network to list, 0: of all
 * @ports: gets struct vns_port; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_ports(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *ports)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	ports->size = sizeof(struct vns_port);
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_PORT_GET);
	if (network)
		mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_NETWORK, network);
	return vns_genl_dump(ctx, nlh, "list the ports", vns_genl_ports_cb,
			     ports);
}

/**
 * vns_genl_fdb - list known MAC addresses
 * @ctx: the invocation
 * @network: ifindex of the network to list, 0: of all
 * @fdb: gets struct vns_fdb_entry; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_genl_fdb(struct vns_ctx *ctx, uint32_t network, struct vns_array *fdb)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	fdb->size = sizeof(struct vns_fdb_entry);
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_FDB_GET);
	if (network)
		mnl_attr_put_u32(nlh, VNETSHARE_A_FDB_NETWORK, network);
	return vns_genl_dump(ctx, nlh, "list the MAC addresses",
			     vns_genl_fdb_cb, fdb);
}

/**
 * vns_genl_network_find - look a network up, which may be absent
 * @ctx: the invocation
 * @name: its name
 * @network: the network; ifindex 0 when there is none of that name
 *
 * Return: VNS_OK or VNS_FAIL
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

/**
 * vns_genl_network_get - look a network up, which must be there
 * @ctx: the invocation
 * @name: its name
 * @network: the network
 *
 * Return: VNS_OK or VNS_FAIL
 */
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
 * @ctx: the invocation
 * @name: its name, for the message
 * @ifindex: its device
 *
 * Return: VNS_OK or VNS_FAIL
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

/**
 * vns_genl_mode_name - the word for a mode
 * @mode: enum vnetshare_mode
 *
 * Return: the word; "unknown" for a mode of a newer module
 */
const char *vns_genl_mode_name(uint32_t mode)
{
	if (mode == VNETSHARE_MODE_UNSPEC || mode > VNETSHARE_MODE_MAX)
		return "unknown";
	return vns_genl_modes[mode];
}

/**
 * vns_genl_firewall_name - the word for a firewall setting
 * @firewall: enum vnetshare_firewall
 *
 * Return: the word; "unknown" for one of a newer module
 */
const char *vns_genl_firewall_name(uint32_t firewall)
{
	if (firewall == VNETSHARE_FIREWALL_UNSPEC ||
	    firewall > VNETSHARE_FIREWALL_MAX)
		return "unknown";
	return vns_genl_firewalls[firewall];
}

/**
 * vns_genl_macnat_name - the word for a setting of MAC translation
 * @macnat: enum vnetshare_macnat
 *
 * Return: the word; "unknown" for one of a newer module
 */
const char *vns_genl_macnat_name(uint32_t macnat)
{
	if (macnat == VNETSHARE_MACNAT_UNSPEC ||
	    macnat > VNETSHARE_MACNAT_MAX)
		return "unknown";
	return vns_genl_macnats[macnat];
}

/**
 * vns_genl_has_gateway - is the host the gateway of networks of a mode? Then it
 *	has an address on them, and serves DHCP and DNS.
 * @mode: enum vnetshare_mode
 */
bool vns_genl_has_gateway(uint32_t mode)
{
	return mode == VNETSHARE_MODE_NAT || mode == VNETSHARE_MODE_HOSTONLY;
}

/**
 * vns_genl_has_outside - do the packets of a network get further than the host,
 *	which routes them?
 * @network: the network
 */
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
 * Return: the name, as long as the list lives; NULL when it is not there
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
