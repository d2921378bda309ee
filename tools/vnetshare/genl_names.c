// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the values and attributes of the generic netlink family
 * "vnetshare".
 */
#include "genl.h"

const char *const vns_genl_modes[] = {
	[VNETSHARE_MODE_NAT] = "nat",
	[VNETSHARE_MODE_HOSTONLY] = "hostonly",
	[VNETSHARE_MODE_ISOLATED] = "isolated",
	[VNETSHARE_MODE_BRIDGED] = "bridged",
	[__VNETSHARE_MODE_MAX] = NULL,
};

const char *const vns_genl_firewalls[] = {
	[VNETSHARE_FIREWALL_FORWARD] = "forward",
	[VNETSHARE_FIREWALL_HOST] = "host",
	[VNETSHARE_FIREWALL_OFF] = "off",
	[__VNETSHARE_FIREWALL_MAX] = NULL,
};

const char *const vns_genl_macnats[] = {
	[VNETSHARE_MACNAT_AUTO] = "auto",
	[VNETSHARE_MACNAT_ON] = "on",
	[VNETSHARE_MACNAT_OFF] = "off",
	[__VNETSHARE_MACNAT_MAX] = NULL,
};

const char *const vns_genl_port_types[] = {
	[VNETSHARE_PORT_TYPE_ATTACHED] = "attached",
	[VNETSHARE_PORT_TYPE_NATIVE] = "native",
	[__VNETSHARE_PORT_TYPE_MAX] = NULL,
};

static const char *const vns_genl_network_attrs[] = {
	[VNETSHARE_A_NETWORK_IFINDEX] = "ifindex",
	[VNETSHARE_A_NETWORK_NAME] = "name",
	[VNETSHARE_A_NETWORK_MODE] = "mode",
	[VNETSHARE_A_NETWORK_UPLINK] = "uplink",
	[VNETSHARE_A_NETWORK_MAC] = "mac",
	[VNETSHARE_A_NETWORK_MTU] = "mtu",
	[VNETSHARE_A_NETWORK_AGEING] = "ageing",
	[VNETSHARE_A_NETWORK_ISOLATE] = "isolate",
	[VNETSHARE_A_NETWORK_SHARE] = "share",
	[VNETSHARE_A_NETWORK_FIREWALL] = "firewall",
	[VNETSHARE_A_NETWORK_UPLINK_AUTO] = "uplink-auto",
	[VNETSHARE_A_NETWORK_MACNAT] = "macnat",
	[VNETSHARE_A_NETWORK_GROUP_FORWARD] = "group-forward",
	[VNETSHARE_A_NETWORK_FLOOD_LIMIT] = "flood-limit",
	[VNETSHARE_A_NETWORK_FASTPATH] = "fastpath",
	[VNETSHARE_A_NETWORK_UPLINK_IFINDEX] = "uplink-ifindex",
	[VNETSHARE_A_NETWORK_UPLINK_RUNNING] = "uplink-running",
	[VNETSHARE_A_NETWORK_BRIDGE] = "bridge",
	[VNETSHARE_A_NETWORK_MACNAT_ACTIVE] = "macnat-active",
	[VNETSHARE_A_NETWORK_PORTS] = "ports",
	[VNETSHARE_A_NETWORK_FDB_ENTRIES] = "fdb-entries",
	[VNETSHARE_A_NETWORK_FORWARDS] = "forwards",
	[VNETSHARE_A_NETWORK_FLOWS] = "flows",
};

static const char *const vns_genl_port_attrs[] = {
	[VNETSHARE_A_PORT_IFINDEX] = "ifindex",
	[VNETSHARE_A_PORT_NAME] = "name",
	[VNETSHARE_A_PORT_NETWORK] = "network",
	[VNETSHARE_A_PORT_ID] = "id",
	[VNETSHARE_A_PORT_TYPE] = "type",
	[VNETSHARE_A_PORT_MAC] = "mac",
	[VNETSHARE_A_PORT_LOCK] = "lock",
	[VNETSHARE_A_PORT_ADDRESSES] = "addresses",
	[VNETSHARE_A_PORT_NETNSID] = "netnsid",
	[VNETSHARE_A_PORT_RUNNING] = "running",
	[VNETSHARE_A_PORT_FDB_ENTRIES] = "fdb-entries",
	[VNETSHARE_A_PORT_LEARNED] = "learned",
};

static const char *const vns_genl_fdb_attrs[] = {
	[VNETSHARE_A_FDB_NETWORK] = "network",
};

static const char *const vns_genl_neigh_attrs[] = {
	[VNETSHARE_A_NEIGH_NETWORK] = "network",
};

static const char *const vns_genl_flow_attrs[] = {
	[VNETSHARE_A_FLOW_NETWORK] = "network",
};

static const char *const vns_genl_forward_attrs[] = {
	[VNETSHARE_A_FORWARD_NETWORK] = "network",
	[VNETSHARE_A_FORWARD_ID] = "id",
	[VNETSHARE_A_FORWARD_PROTOCOLS] = "protocols",
	[VNETSHARE_A_FORWARD_ADDRESS] = "address",
	[VNETSHARE_A_FORWARD_PORT] = "port",
	[VNETSHARE_A_FORWARD_PORT_LAST] = "port-last",
	[VNETSHARE_A_FORWARD_TO_ADDRESS] = "to-address",
	[VNETSHARE_A_FORWARD_TO_PORT] = "to-port",
};

/**
 * vns_genl_attr_name - the name of a request's attribute
 * @cmd: VNETSHARE_CMD_*
 * @type: of the attribute
 *
 * Return: the name, or NULL when the command has no such attribute
 */
const char *vns_genl_attr_name(uint8_t cmd, uint32_t type)
{
	const char *const *names;
	size_t count;

	switch (cmd) {
	case VNETSHARE_CMD_NETWORK_GET:
	case VNETSHARE_CMD_NETWORK_NEW:
	case VNETSHARE_CMD_NETWORK_SET:
	case VNETSHARE_CMD_NETWORK_DEL:
		names = vns_genl_network_attrs;
		count = VNS_ARRAY_SIZE(vns_genl_network_attrs);
		break;
	case VNETSHARE_CMD_FDB_GET:
		names = vns_genl_fdb_attrs;
		count = VNS_ARRAY_SIZE(vns_genl_fdb_attrs);
		break;
	case VNETSHARE_CMD_NEIGH_GET:
		names = vns_genl_neigh_attrs;
		count = VNS_ARRAY_SIZE(vns_genl_neigh_attrs);
		break;
	case VNETSHARE_CMD_FLOW_GET:
		names = vns_genl_flow_attrs;
		count = VNS_ARRAY_SIZE(vns_genl_flow_attrs);
		break;
	case VNETSHARE_CMD_FORWARD_GET:
	case VNETSHARE_CMD_FORWARD_NEW:
	case VNETSHARE_CMD_FORWARD_DEL:
		names = vns_genl_forward_attrs;
		count = VNS_ARRAY_SIZE(vns_genl_forward_attrs);
		break;
	default:
		names = vns_genl_port_attrs;
		count = VNS_ARRAY_SIZE(vns_genl_port_attrs);
	}
	return type < count ? names[type] : NULL;
}

/* The objects that VNETSHARE_CMD_*_GET lists */
const char *vns_genl_list_name(uint8_t cmd)
{
	switch (cmd) {
	case VNETSHARE_CMD_NETWORK_GET:
		return "networks";
	case VNETSHARE_CMD_PORT_GET:
		return "ports";
	case VNETSHARE_CMD_FDB_GET:
		return "MAC addresses";
	case VNETSHARE_CMD_NEIGH_GET:
		return "addresses of VMs";
	case VNETSHARE_CMD_FLOW_GET:
		return "sessions in the fast path";
	default:
		return "port forwards";
	}
}

/**
 * vns_genl_mode_name - the word for a mode
 * @mode: enum vnetshare_mode
 *
 * Return: the word; "unknown" for a mode that a newer module has
 */
const char *vns_genl_mode_name(uint32_t mode)
{
	if (mode == VNETSHARE_MODE_UNSPEC || mode > VNETSHARE_MODE_MAX)
		return "unknown";
	return vns_genl_modes[mode];
}

const char *vns_genl_firewall_name(uint32_t firewall)
{
	if (firewall == VNETSHARE_FIREWALL_UNSPEC ||
	    firewall > VNETSHARE_FIREWALL_MAX)
		return "unknown";
	return vns_genl_firewalls[firewall];
}

const char *vns_genl_macnat_name(uint32_t macnat)
{
	if (macnat == VNETSHARE_MACNAT_UNSPEC ||
	    macnat > VNETSHARE_MACNAT_MAX)
		return "unknown";
	return vns_genl_macnats[macnat];
}
