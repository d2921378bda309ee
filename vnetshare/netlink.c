// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, and what its commands (netlink_*.c) have in common.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include <vns_compat.h>

#include "netlink.h"
#include "network.h"

/* not const: the policies of 6.1 want it so */
struct netlink_range_validation vns_netlink_ifindex_range = {
	.min = 1,
	.max = INT_MAX,
};

/* The module is going: nothing new is made. rtnl. */
static bool vns_netlink_closed;

static const struct genl_multicast_group vns_netlink_groups[] = {
	[VNS_NETLINK_GROUP_MONITOR] = { .name = VNETSHARE_MCGRP_MONITOR },
};

/* netlink_family.c adds the commands, which call into this file. */
struct genl_family vns_netlink_family __ro_after_init = {
	.name		= VNETSHARE_GENL_NAME,
	.version	= VNETSHARE_GENL_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
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

/**
 * vns_netlink_close() - refuse requests that make devices, from now on
 */
void vns_netlink_close(void)
{
	rtnl_lock();
	vns_netlink_closed = true;
	rtnl_unlock();
}
