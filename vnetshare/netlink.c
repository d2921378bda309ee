// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its commands, and the announcement of every
 * change. What the commands do is in netlink_network.c, netlink_port.c,
 * netlink_fdb.c, netlink_neigh.c, netlink_forward.c and netlink_flow.c.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include <vns_compat.h>

#include "forward.h"
#include "netlink.h"
#include "network.h"
#include "port.h"

/* not const: the policies of 6.1 want it so */
struct netlink_range_validation vns_netlink_ifindex_range = {
	.min = 1,
	.max = INT_MAX,
};

/* The module is going: nothing new is made. rtnl. */
static bool vns_netlink_closed;

static const struct genl_ops vns_netlink_ops[] = {
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
		.dumpit = vns_netlink_neigh_dump,
		.policy = vns_netlink_neigh_policy,
		.maxattr = VNETSHARE_A_NEIGH_NETWORK,
	},
	{
		.cmd = VNETSHARE_CMD_FORWARD_GET,
		.dumpit = vns_netlink_forward_dump,
		.policy = vns_netlink_forward_get_policy,
		.maxattr = VNETSHARE_A_FORWARD_NETWORK,
	},
	{
		.cmd = VNETSHARE_CMD_FORWARD_NEW,
		.doit = vns_netlink_forward_new,
		.policy = vns_netlink_forward_new_policy,
		.maxattr = VNETSHARE_A_FORWARD_TO_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = VNETSHARE_CMD_FORWARD_DEL,
		.doit = vns_netlink_forward_del,
		.policy = vns_netlink_forward_del_policy,
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

enum vns_netlink_group {
	VNS_NETLINK_GROUP_MONITOR,
};

static const struct genl_multicast_group vns_netlink_groups[] = {
	[VNS_NETLINK_GROUP_MONITOR] = { .name = VNETSHARE_MCGRP_MONITOR },
};

struct genl_family vns_netlink_family __ro_after_init = {
	.name		= VNETSHARE_GENL_NAME,
	.version	= VNETSHARE_GENL_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= vns_netlink_ops,
	.n_ops		= ARRAY_SIZE(vns_netlink_ops),
	.mcgrps		= vns_netlink_groups,
	.n_mcgrps	= ARRAY_SIZE(vns_netlink_groups),
};

/**
 * vns_netlink_miss() - refuse a request that lacks an attribute
 * @info: the request
 * @attr: the attribute's number
 * @msg: what is missing, in words
 *
 * Return: -EINVAL.
 */
int vns_netlink_miss(struct genl_info *info, int attr, const char *msg)
{
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
	if (info->extack)
		info->extack->_msg = msg;
	return -EINVAL;
}

/**
 * vns_netlink_explain_name() - say why a device could not be made
 * @info: the request
 * @name: the attribute that holds the name
 * @err: what register_netdevice() returned
 */
void vns_netlink_explain_name(struct genl_info *info,
			      const struct nlattr *name, int err)
{
	if (info->extack->_msg)
		return;

	switch (err) {
	case -EEXIST:
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "a device of that name exists already");
		break;
	case -EINVAL:
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "not a valid name for a device");
		break;
	case -ENFILE:
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "no number is free for that name");
		break;
	}
}

/**
 * vns_netlink_put_header() - begin a message
 * @skb: where to
 * @msg: what is in the header
 *
 * Return: the header, for genlmsg_end() or genlmsg_cancel(); NULL if full.
 */
void *vns_netlink_put_header(struct sk_buff *skb,
			     const struct vns_netlink_msg *msg)
{
	void *hdr;

	hdr = genlmsg_put(skb, msg->portid, msg->seq, &vns_netlink_family,
			  msg->flags, msg->cmd);
	if (hdr && msg->cb)
		genl_dump_check_consistent(msg->cb, hdr);
	return hdr;
}

/**
 * vns_netlink_check_open() - may this request make a device
 * @info: the request
 *
 * Context: rtnl.
 * Return: 0; -ESHUTDOWN when the module is being removed.
 */
int vns_netlink_check_open(struct genl_info *info)
{
	ASSERT_RTNL();
	if (!vns_netlink_closed)
		return 0;

	GENL_SET_ERR_MSG(info, "the module is being removed");
	return -ESHUTDOWN;
}

/**
 * vns_netlink_network() - the network that a request names
 * @info: the request
 * @attr: the attribute that holds its ifindex
 *
 * Context: rtnl.
 * Return: the network or an error pointer, the reason in extack.
 */
struct vns_network *vns_netlink_network(struct genl_info *info, int attr)
{
	struct vns_network *network;
	int err;

	if (!info->attrs[attr]) {
		err = vns_netlink_miss(info, attr,
				       "the network's ifindex is missing");
		return ERR_PTR(err);
	}

	network = vns_network_find(genl_info_net(info),
				   nla_get_u32(info->attrs[attr]));
	if (!network) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "no network has that ifindex");
		return ERR_PTR(-ENODEV);
	}

	return network;
}

/**
 * vns_netlink_dump_refuse() - refuse a dump that asks for one object
 * @cb: the dump
 * @attr: an attribute that means something to a request for one only
 *
 * Return: 0; -EINVAL if it is there, with the reason in extack.
 */
int vns_netlink_dump_refuse(struct netlink_callback *cb, int attr)
{
	struct nlattr **attrs = vns_compat_dump_attrs(cb);

	if (!attrs || !attrs[attr])
		return 0;

	NL_SET_ERR_MSG_ATTR(cb->extack, attrs[attr],
			    "a dump is of all: ask for one without NLM_F_DUMP");
	return -EINVAL;
}

/**
 * vns_netlink_dump_filter() - the network that a dump is restricted to
 * @cb: the dump
 * @attr: the attribute that holds its ifindex
 * @ifindex: set to it, 0 when all are wanted
 *
 * Context: rtnl.
 * Return: 0, or -ENODEV with the reason in extack.
 */
int vns_netlink_dump_filter(struct netlink_callback *cb, int attr, u32 *ifindex)
{
	struct nlattr **attrs = vns_compat_dump_attrs(cb);

	*ifindex = 0;
	if (!attrs || !attrs[attr])
		return 0;

	*ifindex = nla_get_u32(attrs[attr]);
	if (!vns_network_find(sock_net(cb->skb->sk), *ifindex)) {
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[attr],
				    "no network has that ifindex");
		return -ENODEV;
	}
	return 0;
}

/* Listeners learn that they missed something. */
static void vns_netlink_lost(struct net *net)
{
	genl_set_err(&vns_netlink_family, net, 0, VNS_NETLINK_GROUP_MONITOR,
		     -ENOBUFS);
}

/**
 * vns_netlink_multicast() - send an announcement
 * @net: namespace
 * @msg: from vns_netlink_new_notify(); consumed
 * @err: what filling it came to; not sent unless 0
 * @gfp: GFP_KERNEL or GFP_ATOMIC
 *
 * Context: any that @gfp is right for.
 */
void vns_netlink_multicast(struct net *net, struct sk_buff *msg, int err,
			   gfp_t gfp)
{
	if (err) {
		nlmsg_free(msg);
		vns_netlink_lost(net);
		return;
	}
	genlmsg_multicast_netns(&vns_netlink_family, net, msg, 0,
				VNS_NETLINK_GROUP_MONITOR, gfp);
}

/**
 * vns_netlink_new_notify() - begin an announcement
 * @net: namespace
 * @gfp: how to allocate
 *
 * Context: any that @gfp is right for.
 * Return: an empty message for vns_netlink_multicast(); NULL if nobody listens,
 * or there is no memory.
 */
struct sk_buff *vns_netlink_new_notify(struct net *net, gfp_t gfp)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&vns_netlink_family, net,
				VNS_NETLINK_GROUP_MONITOR))
		return NULL;

	msg = nlmsg_new(NLMSG_GOODSIZE, gfp);
	if (!msg)
		vns_netlink_lost(net);
	return msg;
}

/* Also marks running dumps of the namespace as inconsistent. */
static struct sk_buff *vns_netlink_begin_notify(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	vn->seq++;
	return vns_netlink_new_notify(net, GFP_KERNEL);
}

/**
 * vns_netlink_notify_network() - announce a change of a network
 * @network: the network
 * @cmd: VNETSHARE_CMD_NETWORK_*_NTF
 *
 * Context: rtnl.
 */
void vns_netlink_notify_network(struct vns_network *network,
				enum vnetshare_cmd cmd)
{
	struct vns_netlink_msg header = { .cmd = cmd };
	struct net *net = dev_net(network->dev);
	struct sk_buff *msg;

	ASSERT_RTNL();
	msg = vns_netlink_begin_notify(net);
	if (msg)
		vns_netlink_multicast(net, msg,
				      vns_netlink_fill_network(msg, network,
							       &header),
				      GFP_KERNEL);
}

/**
 * vns_netlink_notify_port() - announce a change of a port
 * @port: the port
 * @cmd: VNETSHARE_CMD_PORT_*_NTF
 *
 * Context: rtnl.
 */
void vns_netlink_notify_port(struct vns_port *port, enum vnetshare_cmd cmd)
{
	struct vns_netlink_msg header = { .cmd = cmd };
	struct net *net = dev_net(port->network->dev);
	struct sk_buff *msg;

	ASSERT_RTNL();
	msg = vns_netlink_begin_notify(net);
	if (msg)
		vns_netlink_multicast(net, msg,
				      vns_netlink_fill_port(msg, port,
							    &header),
				      GFP_KERNEL);
}

/**
 * vns_netlink_notify_forward() - announce a port forward that came or went
 * @forward: the forward
 * @cmd: VNETSHARE_CMD_FORWARD_*_NTF
 *
 * Context: rtnl.
 */
void vns_netlink_notify_forward(struct vns_forward *forward,
				enum vnetshare_cmd cmd)
{
	struct net *net = dev_net(forward->network->dev);
	struct vns_netlink_msg header = { .cmd = cmd };
	struct sk_buff *msg;

	ASSERT_RTNL();
	msg = vns_netlink_begin_notify(net);
	if (msg)
		vns_netlink_multicast(net, msg,
				      vns_netlink_fill_forward(msg, forward,
							       &header),
				      GFP_KERNEL);
}

/**
 * vns_netlink_init() - register the family
 *
 * Return: 0 or a negative error.
 */
int __init vns_netlink_init(void)
{
	return genl_register_family(&vns_netlink_family);
}

/**
 * vns_netlink_close() - refuse requests that make devices, from now on
 */
void vns_netlink_close(void)
{
	rtnl_lock();
	vns_netlink_closed = true;
	rtnl_unlock();
}

/**
 * vns_netlink_exit() - unregister the family
 */
void vns_netlink_exit(void)
{
	genl_unregister_family(&vns_netlink_family);
}
