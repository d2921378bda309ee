// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands on networks.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include <vns_compat.h>

#include "bridge.h"
#include "device.h"
#include "flow.h"
#include "mode.h"
#include "netlink.h"
#include "network.h"
#include "settings.h"

static struct netlink_range_validation vns_netlink_mtu_range = {
	.min = ETH_MIN_MTU,
	.max = ETH_MAX_MTU,
};

static struct netlink_range_validation vns_netlink_ageing_range = {
	.min = 1,
	.max = VNS_FDB_AGEING_MAX,
};

const struct nla_policy
vns_netlink_network_id_policy[VNETSHARE_A_NETWORK_IFINDEX + 1] = {
	[VNETSHARE_A_NETWORK_IFINDEX] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
};

#define VNS_NETLINK_NETWORK_SETTINGS					\
	[VNETSHARE_A_NETWORK_MODE] = { .type = NLA_U32 },		\
	[VNETSHARE_A_NETWORK_UPLINK] = {				\
		.type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },		\
	[VNETSHARE_A_NETWORK_MAC] = NLA_POLICY_ETH_ADDR,		\
	[VNETSHARE_A_NETWORK_MTU] =					\
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_mtu_range),	\
	[VNETSHARE_A_NETWORK_AGEING] =					\
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ageing_range), \
	[VNETSHARE_A_NETWORK_ISOLATE] = NLA_POLICY_MAX(NLA_U8, 1),	\
	[VNETSHARE_A_NETWORK_SHARE] = NLA_POLICY_MAX(NLA_U8, 1),	\
	[VNETSHARE_A_NETWORK_FIREWALL] =				\
		NLA_POLICY_RANGE(NLA_U32, VNETSHARE_FIREWALL_FORWARD,	\
				 VNETSHARE_FIREWALL_MAX),		\
	[VNETSHARE_A_NETWORK_UPLINK_AUTO] = NLA_POLICY_MAX(NLA_U8, 1),	\
	[VNETSHARE_A_NETWORK_MACNAT] =					\
		NLA_POLICY_RANGE(NLA_U32, VNETSHARE_MACNAT_AUTO,	\
				 VNETSHARE_MACNAT_MAX),			\
	[VNETSHARE_A_NETWORK_GROUP_FORWARD] =				\
		NLA_POLICY_MASK(NLA_U32, VNETSHARE_GROUP_FORWARD_MASK),	\
	[VNETSHARE_A_NETWORK_FLOOD_LIMIT] = { .type = NLA_U32 },	\
	[VNETSHARE_A_NETWORK_FASTPATH] = NLA_POLICY_MAX(NLA_U8, 1)

const struct nla_policy
vns_netlink_network_new_policy[VNETSHARE_A_NETWORK_FASTPATH + 1] = {
	[VNETSHARE_A_NETWORK_NAME] = {
		.type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	VNS_NETLINK_NETWORK_SETTINGS,
};

const struct nla_policy
vns_netlink_network_set_policy[VNETSHARE_A_NETWORK_FASTPATH + 1] = {
	[VNETSHARE_A_NETWORK_IFINDEX] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
	VNS_NETLINK_NETWORK_SETTINGS,
};

/* Mode, share and isolate are checked together: each limits the others. */
static int vns_netlink_parse_mode(struct genl_info *info,
				  struct vns_network_settings *settings)
{
	struct nlattr *mode = info->attrs[VNETSHARE_A_NETWORK_MODE];
	struct nlattr *share = info->attrs[VNETSHARE_A_NETWORK_SHARE];
	struct nlattr *isolate = info->attrs[VNETSHARE_A_NETWORK_ISOLATE];
	u32 id = mode ? nla_get_u32(mode) : settings->mode->id;
	bool shared = settings->mode->shared;

	/* sharing ends with a change of the mode */
	if (share)
		shared = nla_get_u8(share);
	else if (id != settings->mode->id)
		shared = false;
	if (isolate)
		settings->isolate = nla_get_u8(isolate);

	if (!vns_mode_find(id, false)) {
		NL_SET_ERR_MSG_ATTR(info->extack, mode, "no such mode");
		return -EINVAL;
	}
	settings->mode = vns_mode_find(id, shared);
	if (!settings->mode) {
		NL_SET_ERR_MSG_ATTR(info->extack, share,
				    "only a network of mode hostonly can be shared");
		return -EINVAL;
	}
	if (settings->isolate && id == VNETSHARE_MODE_ISOLATED) {
		NL_SET_ERR_MSG_ATTR(info->extack, isolate ?: mode,
				    "isolate is not possible in mode isolated: the VMs could not reach anything");
		return -EINVAL;
	}
	return 0;
}

/* The attribute to name in errors about the uplink; NULL if there is none. */
static struct nlattr *vns_netlink_uplink_attr(struct genl_info *info)
{
	return info->attrs[VNETSHARE_A_NETWORK_UPLINK] ?:
	       info->attrs[VNETSHARE_A_NETWORK_UPLINK_AUTO] ?:
	       info->attrs[VNETSHARE_A_NETWORK_MACNAT] ?:
	       info->attrs[VNETSHARE_A_NETWORK_MODE];
}

static int vns_netlink_parse_uplink(struct genl_info *info,
				    const struct vns_network *network,
				    struct vns_network_settings *settings)
{
	struct nlattr *name = info->attrs[VNETSHARE_A_NETWORK_UPLINK];
	struct nlattr *attr;
	int err;

	if (name) {
		settings->uplink = nla_data(name);
		settings->uplink_auto = false;
	}
	attr = info->attrs[VNETSHARE_A_NETWORK_UPLINK_AUTO];
	if (attr)
		settings->uplink_auto = nla_get_u8(attr);
	attr = info->attrs[VNETSHARE_A_NETWORK_MACNAT];
	if (attr)
		settings->macnat = nla_get_u32(attr);

	/* an uplink that was set before and is not used need not exist */
	if (!name &&
	    !(settings->mode->bridged && vns_netlink_uplink_attr(info)))
		return 0;

	err = vns_uplink_check(genl_info_net(info), network, settings,
			       info->extack);
	if (err)
		NL_SET_BAD_ATTR(info->extack, vns_netlink_uplink_attr(info));
	return err;
}

/*
 * Sets those settings that the request has attributes for. @network is NULL
 * while it does not exist yet.
 */
static int vns_netlink_parse_settings(struct genl_info *info,
				      const struct vns_network *network,
				      struct vns_network_settings *settings)
{
	struct nlattr *attr;
	int err;

	err = vns_netlink_parse_mode(info, settings);
	if (err)
		return err;

	err = vns_netlink_parse_uplink(info, network, settings);
	if (err)
		return err;

	attr = info->attrs[VNETSHARE_A_NETWORK_MAC];
	if (attr) {
		settings->mac = nla_data(attr);
		if (!is_valid_ether_addr(settings->mac)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "not a unicast Ethernet address");
			return -EADDRNOTAVAIL;
		}
	}

	attr = info->attrs[VNETSHARE_A_NETWORK_MTU];
	if (attr)
		settings->mtu = nla_get_u32(attr);

	attr = info->attrs[VNETSHARE_A_NETWORK_AGEING];
	if (attr)
		settings->ageing = nla_get_u32(attr);

	attr = info->attrs[VNETSHARE_A_NETWORK_FIREWALL];
	if (attr)
		settings->firewall = nla_get_u32(attr);

	attr = info->attrs[VNETSHARE_A_NETWORK_GROUP_FORWARD];
	if (attr)
		settings->group_forward = nla_get_u32(attr);

	attr = info->attrs[VNETSHARE_A_NETWORK_FLOOD_LIMIT];
	if (attr)
		settings->flood_limit = nla_get_u32(attr);

	attr = info->attrs[VNETSHARE_A_NETWORK_FASTPATH];
	if (attr)
		settings->fastpath = nla_get_u8(attr);

	return 0;
}

static int vns_netlink_fill_uplink(struct sk_buff *skb,
				   const struct vns_network *network)
{
	const struct vns_bridge *bridge = vns_bridge_get_rtnl(network);
	const struct vns_uplink *uplink = &network->uplink;
	u32 ifindex = max(uplink->ifindex, 0);

	if (network->mode->bridged && !bridge)
		ifindex = 0;
	if (nla_put_string(skb, VNETSHARE_A_NETWORK_UPLINK, uplink->name) ||
	    (*uplink->name &&
	     nla_put_u32(skb, VNETSHARE_A_NETWORK_UPLINK_IFINDEX, ifindex)) ||
	    nla_put_u8(skb, VNETSHARE_A_NETWORK_UPLINK_AUTO, uplink->found) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_MACNAT, network->macnat) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_GROUP_FORWARD,
			network->group_forward) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_FLOOD_LIMIT,
			network->flood_limit))
		return -EMSGSIZE;

	if (!network->mode->bridged)
		return 0;

	if (nla_put_u8(skb, VNETSHARE_A_NETWORK_UPLINK_RUNNING,
		       bridge && vns_bridge_running(bridge)) ||
	    nla_put_u8(skb, VNETSHARE_A_NETWORK_MACNAT_ACTIVE,
		       bridge && bridge->macnat))
		return -EMSGSIZE;
	if (bridge && bridge->is_port)
		return nla_put_string(skb, VNETSHARE_A_NETWORK_BRIDGE,
				      bridge->dev->name);
	return 0;
}

int vns_netlink_fill_network(struct sk_buff *skb,
			     const struct vns_network *network,
			     const struct vns_netlink_msg *msg)
{
	const struct net_device *dev = network->dev;
	void *hdr;

	hdr = vns_netlink_put_header(skb, msg);
	if (!hdr)
		return -EMSGSIZE;

	if (nla_put_u32(skb, VNETSHARE_A_NETWORK_IFINDEX, dev->ifindex) ||
	    nla_put_string(skb, VNETSHARE_A_NETWORK_NAME, dev->name) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_MODE, network->mode->id) ||
	    nla_put_u8(skb, VNETSHARE_A_NETWORK_ISOLATE, network->isolate) ||
	    nla_put_u8(skb, VNETSHARE_A_NETWORK_SHARE, network->mode->shared) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_FIREWALL, network->firewall) ||
	    nla_put(skb, VNETSHARE_A_NETWORK_MAC, ETH_ALEN, dev->dev_addr) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_MTU, dev->mtu) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_AGEING, network->fdb.ageing) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_PORTS, network->n_ports) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_FDB_ENTRIES,
			READ_ONCE(network->fdb.count)) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_FORWARDS,
			network->n_portfwds) ||
	    nla_put_u8(skb, VNETSHARE_A_NETWORK_FASTPATH, network->fastpath) ||
	    nla_put_u32(skb, VNETSHARE_A_NETWORK_FLOWS,
			vns_flow_total(network)))
		goto err_cancel;

	if (vns_netlink_fill_uplink(skb, network))
		goto err_cancel;

	genlmsg_end(skb, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(skb, hdr);
	return -EMSGSIZE;
}

static int vns_netlink_reply_network(struct sk_buff *reply,
				     struct vns_network *network,
				     struct genl_info *info)
{
	struct vns_netlink_msg header = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	int err;

	err = vns_netlink_fill_network(reply, network, &header);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

int vns_netlink_network_get(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_network *network;
	struct sk_buff *reply;
	int err;

	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;

	rtnl_lock();
	network = vns_netlink_network(info, VNETSHARE_A_NETWORK_IFINDEX);
	if (IS_ERR(network)) {
		err = PTR_ERR(network);
		nlmsg_free(reply);
	} else {
		err = vns_netlink_reply_network(reply, network, info);
	}
	rtnl_unlock();
	return err;
}

/* cb->args[0] counts the networks that are done. */
int vns_netlink_network_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vns_net *vn = vns_network_net(sock_net(cb->skb->sk));
	struct vns_netlink_msg header = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = VNETSHARE_CMD_NETWORK_GET,
		.cb = cb,
	};
	struct vns_network *network;
	long i = 0;
	int err;

	err = vns_netlink_dump_refuse(cb, VNETSHARE_A_NETWORK_IFINDEX);
	if (err)
		return err;

	rtnl_lock();
	cb->seq = vn->seq;
	list_for_each_entry(network, &vn->networks, list) {
		if (i >= cb->args[0] &&
		    vns_netlink_fill_network(skb, network, &header))
			break;
		i++;
	}
	cb->args[0] = i;
	rtnl_unlock();

	return skb->len;
}

int vns_netlink_network_new(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_network_settings settings = {
		.mode = vns_mode_find(VNETSHARE_MODE_NAT, false),
		.firewall = VNETSHARE_FIREWALL_FORWARD,
		.uplink = "",
		.macnat = VNETSHARE_MACNAT_AUTO,
		.flood_limit = VNS_FLOOD_LIMIT_DEFAULT,
		.fastpath = true,
		.mtu = ETH_DATA_LEN,
		.ageing = VNS_FDB_AGEING_DEFAULT,
	};
	struct nlattr *name = info->attrs[VNETSHARE_A_NETWORK_NAME];
	struct net_device *dev;
	struct sk_buff *reply;
	int err;

	if (!name)
		return vns_netlink_miss(info, VNETSHARE_A_NETWORK_NAME,
					"the network's name is missing");

	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;

	rtnl_lock();
	err = vns_netlink_check_open(info);
	if (err)
		goto err_free_reply;

	err = vns_netlink_parse_settings(info, NULL, &settings);
	if (err)
		goto err_free_reply;
	if (settings.mode->bridged && !info->attrs[VNETSHARE_A_NETWORK_MTU])
		settings.mtu = vns_uplink_mtu(genl_info_net(info),
					      settings.uplink);

	dev = vns_device_create(genl_info_net(info), nla_data(name), &settings);
	if (IS_ERR(dev)) {
		err = PTR_ERR(dev);
		vns_netlink_explain_name(info, name, err);
		goto err_free_reply;
	}

	if (settings.mode->bridged) {
		err = vns_uplink_bind(netdev_priv(dev), info->extack);
		if (err) {
			unregister_netdevice(dev);
			goto err_free_reply;
		}
	}

	err = vns_netlink_reply_network(reply, netdev_priv(dev), info);
	rtnl_unlock();
	return err;

err_free_reply:
	rtnl_unlock();
	nlmsg_free(reply);
	return err;
}

static int vns_netlink_apply_settings(struct genl_info *info,
				      struct vns_network *network,
				      const struct vns_network_settings *have,
				      const struct vns_network_settings *want)
{
	unsigned int asked = 0, refused;
	struct nlattr **attrs = info->attrs;
	int err;

	if (vns_netlink_uplink_attr(info))
		asked |= VNS_SETTINGS_UPLINK;
	if (attrs[VNETSHARE_A_NETWORK_AGEING])
		asked |= VNS_SETTINGS_AGEING;
	err = vns_settings_apply(network, have, want, asked, &refused,
				 info->extack);
	if (refused == VNS_SETTINGS_MTU)
		NL_SET_BAD_ATTR(info->extack, attrs[VNETSHARE_A_NETWORK_MTU]);
	else if (refused == VNS_SETTINGS_MAC)
		NL_SET_BAD_ATTR(info->extack, attrs[VNETSHARE_A_NETWORK_MAC]);
	return err;
}

int vns_netlink_network_set(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_network_settings have = {}, settings;
	struct vns_network *network;
	char uplink[IFNAMSIZ];
	int err;

	rtnl_lock();
	network = vns_netlink_network(info, VNETSHARE_A_NETWORK_IFINDEX);
	if (IS_ERR(network)) {
		err = PTR_ERR(network);
		goto out_unlock;
	}

	strscpy(uplink, network->uplink.name, sizeof(uplink));
	have.mode = network->mode;
	have.isolate = network->isolate;
	have.firewall = network->firewall;
	have.uplink = uplink;
	have.uplink_auto = network->uplink.found;
	have.macnat = network->macnat;
	have.group_forward = network->group_forward;
	have.flood_limit = network->flood_limit;
	have.fastpath = network->fastpath;
	have.mtu = network->dev->mtu;
	settings = have;
	err = vns_netlink_parse_settings(info, network, &settings);
	if (!err)
		err = vns_netlink_apply_settings(info, network, &have,
						 &settings);

out_unlock:
	rtnl_unlock();
	return err;
}

int vns_netlink_network_del(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_network *network;
	LIST_HEAD(list);

	rtnl_lock();
	network = vns_netlink_network(info, VNETSHARE_A_NETWORK_IFINDEX);
	if (!IS_ERR(network)) {
		vns_device_dellink(network->dev, &list);
		unregister_netdevice_many(&list);
	}
	rtnl_unlock();

	return PTR_ERR_OR_ZERO(network);
}
