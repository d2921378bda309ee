// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands on port forwards.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include <vns_compat.h>

#include "netlink.h"
#include "network.h"
#include "portfwd.h"

#define VNS_NETLINK_PROTOCOLS \
	(VNETSHARE_PROTOCOL_TCP | VNETSHARE_PROTOCOL_UDP)

const struct nla_policy
vns_netlink_portfwd_get_policy[VNETSHARE_A_FORWARD_NETWORK + 1] = {
	[VNETSHARE_A_FORWARD_NETWORK] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
};

const struct nla_policy
vns_netlink_portfwd_new_policy[VNETSHARE_A_FORWARD_TO_PORT + 1] = {
	[VNETSHARE_A_FORWARD_NETWORK] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
	[VNETSHARE_A_FORWARD_PROTOCOLS] =
		NLA_POLICY_RANGE(NLA_U32, 1, VNS_NETLINK_PROTOCOLS),
	[VNETSHARE_A_FORWARD_ADDRESS] =
		NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct in_addr),
				 sizeof(struct in6_addr)),
	[VNETSHARE_A_FORWARD_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VNETSHARE_A_FORWARD_PORT_LAST] = NLA_POLICY_MIN(NLA_U16, 1),
	[VNETSHARE_A_FORWARD_TO_ADDRESS] =
		NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct in_addr),
				 sizeof(struct in6_addr)),
	[VNETSHARE_A_FORWARD_TO_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

const struct nla_policy
vns_netlink_portfwd_del_policy[VNETSHARE_A_FORWARD_ID + 1] = {
	[VNETSHARE_A_FORWARD_NETWORK] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
	[VNETSHARE_A_FORWARD_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static int vns_netlink_put_address(struct sk_buff *skb, int attr, u8 family,
				   const union nf_inet_addr *addr)
{
	return family == NFPROTO_IPV4 ?
	       nla_put_in_addr(skb, attr, addr->ip) :
	       nla_put_in6_addr(skb, attr, &addr->in6);
}

static bool vns_netlink_is_any(const union nf_inet_addr *addr)
{
	return ipv6_addr_any(&addr->in6);
}

static int vns_netlink_put_counters(struct sk_buff *skb,
				    const struct vns_portfwd *fwd)
{
	u64 connections, packets, bytes;

	vns_portfwd_read_stats(fwd, &connections, &packets, &bytes);
	return nla_put_u64_64bit(skb, VNETSHARE_A_FORWARD_CONNECTIONS,
				 connections, VNETSHARE_A_FORWARD_PAD) ?:
	       nla_put_u64_64bit(skb, VNETSHARE_A_FORWARD_PACKETS, packets,
				 VNETSHARE_A_FORWARD_PAD) ?:
	       nla_put_u64_64bit(skb, VNETSHARE_A_FORWARD_BYTES, bytes,
				 VNETSHARE_A_FORWARD_PAD);
}

int vns_netlink_fill_portfwd(struct sk_buff *skb,
			     const struct vns_portfwd *fwd,
			     const struct vns_netlink_msg *msg)
{
	const struct vns_portfwd_settings *set = &fwd->set;
	void *hdr;

	hdr = vns_netlink_put_header(skb, msg);
	if (!hdr)
		return -EMSGSIZE;

	if (nla_put_u32(skb, VNETSHARE_A_FORWARD_NETWORK,
			fwd->network->dev->ifindex) ||
	    nla_put_u32(skb, VNETSHARE_A_FORWARD_ID, fwd->id) ||
	    nla_put_u32(skb, VNETSHARE_A_FORWARD_PROTOCOLS, set->protocols) ||
	    nla_put_u16(skb, VNETSHARE_A_FORWARD_PORT, set->port) ||
	    nla_put_u16(skb, VNETSHARE_A_FORWARD_PORT_LAST, set->last) ||
	    vns_netlink_put_address(skb, VNETSHARE_A_FORWARD_TO_ADDRESS,
				    set->family, &set->to) ||
	    nla_put_u16(skb, VNETSHARE_A_FORWARD_TO_PORT, set->to_port) ||
	    nla_put_u8(skb, VNETSHARE_A_FORWARD_ACTIVE,
		       vns_portfwd_is_active(fwd)) ||
	    vns_netlink_put_counters(skb, fwd))
		goto err_cancel;

	if (!vns_netlink_is_any(&set->addr) &&
	    vns_netlink_put_address(skb, VNETSHARE_A_FORWARD_ADDRESS,
				    set->family, &set->addr))
		goto err_cancel;

	genlmsg_end(skb, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(skb, hdr);
	return -EMSGSIZE;
}

/*
 * cb->args[0] counts the networks that are done, cb->args[1] is the number of
 * the last port forward that was dumped of the next network. Numbers rise
 * along the list of a network.
 */
int vns_netlink_portfwd_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vns_net *vn = vns_network_net(sock_net(cb->skb->sk));
	struct vns_netlink_msg header = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = VNETSHARE_CMD_FORWARD_GET,
		.cb = cb,
	};
	struct vns_portfwd *fwd;
	struct vns_network *network;
	long i = 0;
	u32 ifindex;
	int err;

	rtnl_lock();
	cb->seq = vn->seq;
	err = vns_netlink_dump_filter(cb, VNETSHARE_A_FORWARD_NETWORK,
				      &ifindex);
	if (err)
		goto out_unlock;

	list_for_each_entry(network, &vn->networks, list) {
		if (i++ < cb->args[0] ||
		    (ifindex && network->dev->ifindex != ifindex))
			continue;
		list_for_each_entry(fwd, &network->portfwds, list) {
			if (fwd->id <= cb->args[1])
				continue;
			if (vns_netlink_fill_portfwd(skb, fwd, &header))
				goto out_full;
			cb->args[1] = fwd->id;
		}
		cb->args[0] = i;
		cb->args[1] = 0;
	}
out_full:
	err = skb->len;
out_unlock:
	rtnl_unlock();
	return err;
}

/* The length of the attribute tells the family of the address. */
static int vns_netlink_parse_address(struct genl_info *info, int attr,
				     u8 *family, union nf_inet_addr *addr)
{
	struct nlattr *nla = info->attrs[attr];

	switch (nla_len(nla)) {
	case sizeof(struct in_addr):
		*family = NFPROTO_IPV4;
		addr->ip = nla_get_in_addr(nla);
		break;
	case sizeof(struct in6_addr):
		*family = NFPROTO_IPV6;
		addr->in6 = nla_get_in6_addr(nla);
		break;
	default:
		NL_SET_ERR_MSG_ATTR(info->extack, nla,
				    "an address has 4 or 16 bytes");
		return -EINVAL;
	}

	if (vns_netlink_is_any(addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nla,
				    "the address must not be all zero");
		return -EINVAL;
	}
	return 0;
}

static bool vns_netlink_is_unicast(u8 family, const union nf_inet_addr *addr)
{
	int type = ipv6_addr_type(&addr->in6);

	if (family == NFPROTO_IPV4)
		return !ipv4_is_multicast(addr->ip) &&
		       !ipv4_is_lbcast(addr->ip) && !ipv4_is_zeronet(addr->ip);
	return type & IPV6_ADDR_UNICAST &&
	       !(type & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MAPPED));
}

static int vns_netlink_parse_ports(struct genl_info *info,
				   struct vns_portfwd_settings *set)
{
	struct nlattr *last = info->attrs[VNETSHARE_A_FORWARD_PORT_LAST];
	struct nlattr *to = info->attrs[VNETSHARE_A_FORWARD_TO_PORT];

	if (!info->attrs[VNETSHARE_A_FORWARD_PORT])
		return vns_netlink_miss(info, VNETSHARE_A_FORWARD_PORT,
					"the host's port is missing");

	set->port = nla_get_u16(info->attrs[VNETSHARE_A_FORWARD_PORT]);
	set->last = last ? nla_get_u16(last) : set->port;
	set->to_port = to ? nla_get_u16(to) : set->port;
	if (set->last < set->port) {
		NL_SET_ERR_MSG_ATTR(info->extack, last,
				    "the last port is less than the first");
		return -EINVAL;
	}
	if (set->last - set->port > U16_MAX - set->to_port) {
		NL_SET_ERR_MSG_ATTR(info->extack, to ?: last,
				    "the range of the VM's ports would end after 65535");
		return -EINVAL;
	}
	return 0;
}

static int vns_netlink_parse_portfwd(struct genl_info *info,
				     struct vns_portfwd_settings *set)
{
	struct nlattr *addr = info->attrs[VNETSHARE_A_FORWARD_ADDRESS];
	u8 family;
	int err;

	if (!info->attrs[VNETSHARE_A_FORWARD_PROTOCOLS])
		return vns_netlink_miss(info, VNETSHARE_A_FORWARD_PROTOCOLS,
					"the protocol is missing");
	if (!info->attrs[VNETSHARE_A_FORWARD_TO_ADDRESS])
		return vns_netlink_miss(info, VNETSHARE_A_FORWARD_TO_ADDRESS,
					"the VM's address is missing");

	set->protocols =
		nla_get_u32(info->attrs[VNETSHARE_A_FORWARD_PROTOCOLS]);
	err = vns_netlink_parse_ports(info, set) ?:
	      vns_netlink_parse_address(info, VNETSHARE_A_FORWARD_TO_ADDRESS,
					&set->family, &set->to);
	if (err || !addr)
		return err;

	err = vns_netlink_parse_address(info, VNETSHARE_A_FORWARD_ADDRESS,
					&family, &set->addr);
	if (!err && !vns_netlink_is_unicast(family, &set->addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr,
				    "the address must be unicast and not link-local");
		err = -EINVAL;
	}
	if (!err && family != set->family) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr,
				    "the two addresses are of different families");
		err = -EINVAL;
	}
	return err;
}

static int vns_netlink_reply_portfwd(struct sk_buff *reply,
				     const struct vns_portfwd *fwd,
				     struct genl_info *info)
{
	struct vns_netlink_msg header = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = VNETSHARE_CMD_FORWARD_NEW,
	};
	int err;

	err = vns_netlink_fill_portfwd(reply, fwd, &header);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

/* The attribute to name in an error of vns_portfwd_add(). */
static int vns_netlink_blame_portfwd(int err)
{
	return err == -EINVAL ? VNETSHARE_A_FORWARD_TO_ADDRESS :
				VNETSHARE_A_FORWARD_PORT;
}

int vns_netlink_portfwd_new(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_portfwd_settings set = {};
	struct vns_portfwd *fwd;
	struct vns_network *network;
	struct sk_buff *reply;
	int err;

	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;

	rtnl_lock();
	network = vns_netlink_network(info, VNETSHARE_A_FORWARD_NETWORK);
	if (IS_ERR(network)) {
		err = PTR_ERR(network);
		goto err_free_reply;
	}

	err = vns_netlink_parse_portfwd(info, &set);
	if (err)
		goto err_free_reply;

	fwd = vns_portfwd_add(network, &set, info->extack);
	if (IS_ERR(fwd)) {
		err = PTR_ERR(fwd);
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[vns_netlink_blame_portfwd(err)]);
		goto err_free_reply;
	}

	err = vns_netlink_reply_portfwd(reply, fwd, info);
	rtnl_unlock();
	return err;

err_free_reply:
	rtnl_unlock();
	nlmsg_free(reply);
	return err;
}

/* Deletes one port forward, or all of the network if the request has no ID. */
int vns_netlink_portfwd_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[VNETSHARE_A_FORWARD_ID];
	struct vns_portfwd *fwd;
	struct vns_network *network;
	int err = 0;

	rtnl_lock();
	network = vns_netlink_network(info, VNETSHARE_A_FORWARD_NETWORK);
	if (IS_ERR(network)) {
		err = PTR_ERR(network);
		goto out_unlock;
	}

	if (!id) {
		vns_portfwd_del_all(network);
		goto out_unlock;
	}

	fwd = vns_portfwd_find_id(network, nla_get_u32(id));
	if (fwd) {
		vns_portfwd_del(fwd);
	} else {
		NL_SET_ERR_MSG_ATTR(info->extack, id,
				    "the network has no port forward of that number");
		err = -ENOENT;
	}
out_unlock:
	rtnl_unlock();
	return err;
}
