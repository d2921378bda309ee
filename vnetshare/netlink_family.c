// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the generic netlink family.
 */
#include <net/genetlink.h>

#include "netlink.h"

static const struct genl_ops vns_netlink_family_ops[] = {
	{
		.cmd = VNETSHARE_CMD_NETWORK_GET,
		.doit = vns_netlink_network_get,
		.dumpit = vns_netlink_network_dump,
		.policy = vns_netlink_network_id_policy,
		.maxattr = VNETSHARE_A_NETWORK_IFINDEX,
	},
	{
		.cmd = VNETSHARE_CMD_NETWORK_NEW,
		.doit = vns_netlink_network_new,
		.policy = vns_netlink_network_new_policy,
		.maxattr = VNETSHARE_A_NETWORK_FASTPATH,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_NETWORK_SET,
		.doit = vns_netlink_network_set,
		.policy = vns_netlink_network_set_policy,
		.maxattr = VNETSHARE_A_NETWORK_FASTPATH,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_NETWORK_DEL,
		.doit = vns_netlink_network_del,
		.policy = vns_netlink_network_id_policy,
		.maxattr = VNETSHARE_A_NETWORK_IFINDEX,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_PORT_GET,
		.doit = vns_netlink_port_get,
		.dumpit = vns_netlink_port_dump,
		.policy = vns_netlink_port_id_policy,
		.maxattr = VNETSHARE_A_PORT_ID,
	},
	{
		.cmd = VNETSHARE_CMD_PORT_NEW,
		.doit = vns_netlink_port_new,
		.policy = vns_netlink_port_new_policy,
		.maxattr = VNETSHARE_A_PORT_ADDRESSES,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_PORT_SET,
		.doit = vns_netlink_port_set,
		.policy = vns_netlink_port_set_policy,
		.maxattr = VNETSHARE_A_PORT_ADDRESSES,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_PORT_DEL,
		.doit = vns_netlink_port_del,
		.policy = vns_netlink_port_id_policy,
		.maxattr = VNETSHARE_A_PORT_ID,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_FDB_GET,
		.dumpit = vns_netlink_fdb_dump,
		.policy = vns_netlink_fdb_policy,
		.maxattr = VNETSHARE_A_FDB_NETWORK,
	},
	{
		.cmd = VNETSHARE_CMD_NEIGH_GET,
		.dumpit = vns_netlink_snoop_dump,
		.policy = vns_netlink_snoop_policy,
		.maxattr = VNETSHARE_A_NEIGH_NETWORK,
	},
	{
		.cmd = VNETSHARE_CMD_FORWARD_GET,
		.dumpit = vns_netlink_portfwd_dump,
		.policy = vns_netlink_portfwd_get_policy,
		.maxattr = VNETSHARE_A_FORWARD_NETWORK,
	},
	{
		.cmd = VNETSHARE_CMD_FORWARD_NEW,
		.doit = vns_netlink_portfwd_new,
		.policy = vns_netlink_portfwd_new_policy,
		.maxattr = VNETSHARE_A_FORWARD_TO_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_FORWARD_DEL,
		.doit = vns_netlink_portfwd_del,
		.policy = vns_netlink_portfwd_del_policy,
		.maxattr = VNETSHARE_A_FORWARD_ID,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_FLOW_GET,
		.dumpit = vns_netlink_flow_dump,
		.policy = vns_netlink_flow_policy,
		.maxattr = VNETSHARE_A_FLOW_NETWORK,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};

int __init vns_netlink_family_init(void)
{
	vns_netlink_family.ops = vns_netlink_family_ops;
	vns_netlink_family.n_ops = ARRAY_SIZE(vns_netlink_family_ops);
	return genl_register_family(&vns_netlink_family);
}

void vns_netlink_family_exit(void)
{
	genl_unregister_family(&vns_netlink_family);
}
