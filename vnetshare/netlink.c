// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, and what its commands (netlink_*.c) have in
 * common.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include <vns_compat.h>

#include "netlink.h"
#include "network.h"

/* not const, because the policies of Linux 6.1 point to it */
struct netlink_range_validation vns_netlink_ifindex_range = {
	.min = 1,
	.max = INT_MAX,
};

/* The module is being removed, and no device may be made; rtnl. */
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

/* Refuses a request that lacks attribute @attr; @msg says what is missing. */
int vns_netlink_miss(struct genl_info *info, int attr, const char *msg)
{
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
	if (info->extack)
		info->extack->_msg = msg;
	return -EINVAL;
}

/*
 * Explains why a device could not be made, unless extack has a message already.
 * The attribute @name holds its name, and @err is from register_netdevice().
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
				    "no more numbers are free for that name");
		break;
	}
}

/*
 * Begins a message. Returns the header, for genlmsg_end() or genlmsg_cancel();
 * NULL if the message is full.
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

/* Refuses a request that makes a device while the module is being removed. */
int vns_netlink_check_open(struct genl_info *info)
{
	ASSERT_RTNL();
	if (!vns_netlink_closed)
		return 0;

	GENL_SET_ERR_MSG(info, "the module is being removed");
	return -ESHUTDOWN;
}

/*
 * Finds the network whose ifindex is in attribute @attr. Returns an error
 * pointer, with the reason in extack, if there is none.
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

/* Refuses attribute @attr in a dump: it is for requests for one object. */
int vns_netlink_dump_refuse(struct netlink_callback *cb, int attr)
{
	struct nlattr **attrs = vns_compat_dump_attrs(cb);

	if (!attrs || !attrs[attr])
		return 0;

	NL_SET_ERR_MSG_ATTR(cb->extack, attrs[attr],
			    "the attribute is not valid in a dump: leave out NLM_F_DUMP to get one object");
	return -EINVAL;
}

/*
 * Restricts a dump to the network whose ifindex is in attribute @attr. Sets
 * @ifindex to it, or to 0 if the dump is of all networks.
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

/* From here on, requests that make devices are refused. */
void vns_netlink_close(void)
{
	rtnl_lock();
	vns_netlink_closed = true;
	rtnl_unlock();
}
