// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands on ports.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include <vns_compat.h>

#include "device.h"
#include "netlink.h"
#include "network.h"
#include "port.h"
#include "port_attached.h"
#include "port_native.h"

#define VNS_NETLINK_PORT_IFINDEX					\
	[VNETSHARE_A_PORT_IFINDEX] =					\
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range), \
	[VNETSHARE_A_PORT_NETWORK] =					\
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range)

#define VNS_NETLINK_PORT_SETTINGS					\
	[VNETSHARE_A_PORT_MAC] = NLA_POLICY_ETH_ADDR,			\
	[VNETSHARE_A_PORT_LOCK] = NLA_POLICY_MAX(NLA_U8, 1),		\
	[VNETSHARE_A_PORT_ADDRESSES] = {				\
		.type = NLA_BINARY,					\
		.len = VNS_BINDING_ADDRESSES_MAX * sizeof(struct in6_addr) }

const struct nla_policy
vns_netlink_port_id_policy[VNETSHARE_A_PORT_ID + 1] = {
	VNS_NETLINK_PORT_IFINDEX,
	[VNETSHARE_A_PORT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct nla_policy
vns_netlink_port_new_policy[VNETSHARE_A_PORT_ADDRESSES + 1] = {
	VNS_NETLINK_PORT_IFINDEX,
	[VNETSHARE_A_PORT_NAME] = {
		.type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[VNETSHARE_A_PORT_TYPE] = NLA_POLICY_RANGE(NLA_U32,
		VNETSHARE_PORT_TYPE_ATTACHED, VNETSHARE_PORT_TYPE_MAX),
	VNS_NETLINK_PORT_SETTINGS,
};

const struct nla_policy
vns_netlink_port_set_policy[VNETSHARE_A_PORT_ADDRESSES + 1] = {
	VNS_NETLINK_PORT_IFINDEX,
	[VNETSHARE_A_PORT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	VNS_NETLINK_PORT_SETTINGS,
};

static int vns_netlink_put_netns(struct sk_buff *skb,
				 const struct vns_port *port)
{
	struct net *net = dev_net(port->network->dev);
	struct net *peer = dev_net(port->dev);

	if (net_eq(net, peer))
		return 0;
	return nla_put_s32(skb, VNETSHARE_A_PORT_NETNSID,
			   peernet2id_alloc(net, peer, GFP_KERNEL));
}

static int vns_netlink_put_learned(struct sk_buff *skb,
				   const struct vns_port *port)
{
	struct in6_addr learned[VNS_BINDING_LEARNED_MAX];
	int n = vns_binding_learned(port, learned);

	return n ? nla_put(skb, VNETSHARE_A_PORT_LEARNED, n * sizeof(*learned),
			   learned) : 0;
}

int vns_netlink_fill_port(struct sk_buff *skb, struct vns_port *port,
			  const struct vns_netlink_msg *msg)
{
	void *hdr;

	hdr = vns_netlink_put_header(skb, msg);
	if (!hdr)
		return -EMSGSIZE;

	if (nla_put_u32(skb, VNETSHARE_A_PORT_IFINDEX, port->dev->ifindex) ||
	    nla_put_string(skb, VNETSHARE_A_PORT_NAME, port->dev->name) ||
	    nla_put_u32(skb, VNETSHARE_A_PORT_NETWORK,
			port->network->dev->ifindex) ||
	    nla_put_u32(skb, VNETSHARE_A_PORT_ID, port->id) ||
	    nla_put_u32(skb, VNETSHARE_A_PORT_TYPE,
			port->native ? VNETSHARE_PORT_TYPE_NATIVE :
				       VNETSHARE_PORT_TYPE_ATTACHED) ||
	    nla_put_u8(skb, VNETSHARE_A_PORT_LOCK, port->set.lock) ||
	    nla_put_u8(skb, VNETSHARE_A_PORT_RUNNING,
		       vns_port_running(port)) ||
	    nla_put_u32(skb, VNETSHARE_A_PORT_FDB_ENTRIES,
			READ_ONCE(port->n_fdb)) ||
	    vns_netlink_put_netns(skb, port))
		goto err_cancel;

	if (!is_zero_ether_addr(port->set.mac) &&
	    nla_put(skb, VNETSHARE_A_PORT_MAC, ETH_ALEN, port->set.mac))
		goto err_cancel;

	if (port->set.n_addresses &&
	    nla_put(skb, VNETSHARE_A_PORT_ADDRESSES,
		    port->set.n_addresses * sizeof(*port->set.addresses),
		    port->set.addresses))
		goto err_cancel;

	if (vns_netlink_put_learned(skb, port))
		goto err_cancel;

	genlmsg_end(skb, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(skb, hdr);
	return -EMSGSIZE;
}

static int vns_netlink_reply_port(struct sk_buff *reply, struct vns_port *port,
				  struct genl_info *info)
{
	struct vns_netlink_msg header = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	int err;

	err = vns_netlink_fill_port(reply, port, &header);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return genlmsg_reply(reply, info);
}

static struct vns_port *vns_netlink_port_by_ifindex(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[VNETSHARE_A_PORT_IFINDEX];
	struct net *net = genl_info_net(info);
	struct net_device *dev;
	struct vns_port *port;

	dev = __dev_get_by_index(net, nla_get_u32(attr));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no device has that ifindex");
		return ERR_PTR(-ENODEV);
	}

	port = vns_device_find_port(dev);
	/* networks of other namespaces are not managed from here */
	if (!port || !net_eq(net, dev_net(port->network->dev))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the device is not a port of a network of this namespace");
		return ERR_PTR(-ENOENT);
	}

	return port;
}

/* Finds the port of a request, by its device or by network and number. */
static struct vns_port *vns_netlink_port(struct genl_info *info)
{
	struct nlattr *id = info->attrs[VNETSHARE_A_PORT_ID];
	struct vns_network *network;
	struct vns_port *port;
	int err;

	if (info->attrs[VNETSHARE_A_PORT_IFINDEX])
		return vns_netlink_port_by_ifindex(info);

	if (!id) {
		err = vns_netlink_miss(info, VNETSHARE_A_PORT_IFINDEX,
				       "the port is missing: give its ifindex, or network and number");
		return ERR_PTR(err);
	}

	network = vns_netlink_network(info, VNETSHARE_A_PORT_NETWORK);
	if (IS_ERR(network))
		return ERR_CAST(network);

	port = vns_port_find_id(network, nla_get_u32(id));
	if (!port) {
		NL_SET_ERR_MSG_ATTR(info->extack, id,
				    "the network has no port of that number");
		return ERR_PTR(-ENOENT);
	}
	return port;
}

static bool vns_netlink_is_vm_address(const struct in6_addr *addr)
{
	__be32 v4 = addr->s6_addr32[3];

	if (ipv6_addr_v4mapped(addr))
		return !ipv4_is_multicast(v4) && !ipv4_is_loopback(v4) &&
		       !ipv4_is_zeronet(v4) && !ipv4_is_lbcast(v4);
	return !ipv6_addr_any(addr) && !ipv6_addr_loopback(addr) &&
	       !ipv6_addr_is_multicast(addr);
}

static int vns_netlink_parse_addresses(struct genl_info *info,
				       const struct nlattr *attr,
				       struct vns_port_settings *set)
{
	int i;

	if (nla_len(attr) % sizeof(*set->addresses)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "each address has 16 bytes");
		return -EINVAL;
	}

	set->n_addresses = nla_len(attr) / sizeof(*set->addresses);
	nla_memcpy(set->addresses, attr, sizeof(set->addresses));
	for (i = 0; i < set->n_addresses; i++) {
		if (!vns_netlink_is_vm_address(&set->addresses[i])) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "not usable as a VM's address");
			return -EINVAL;
		}
	}
	return 0;
}

/* Sets those settings that the request has attributes for. */
static int vns_netlink_parse_port(struct genl_info *info,
				  struct vns_port_settings *set)
{
	struct nlattr *attr;

	attr = info->attrs[VNETSHARE_A_PORT_MAC];
	if (attr) {
		ether_addr_copy(set->mac, nla_data(attr));
		if (!is_valid_ether_addr(set->mac) &&
		    !is_zero_ether_addr(set->mac)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "not a unicast Ethernet address");
			return -EADDRNOTAVAIL;
		}
	}

	attr = info->attrs[VNETSHARE_A_PORT_LOCK];
	if (attr)
		set->lock = nla_get_u8(attr);

	attr = info->attrs[VNETSHARE_A_PORT_ADDRESSES];
	return attr ? vns_netlink_parse_addresses(info, attr, set) : 0;
}

int vns_netlink_port_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply;
	struct vns_port *port;
	int err;

	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;

	rtnl_lock();
	port = vns_netlink_port(info);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		nlmsg_free(reply);
	} else {
		err = vns_netlink_reply_port(reply, port, info);
	}
	rtnl_unlock();
	return err;
}

/* cb->args[0] counts the ports that are done. */
int vns_netlink_port_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vns_net *vn = vns_network_net(sock_net(cb->skb->sk));
	struct vns_netlink_msg header = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = VNETSHARE_CMD_PORT_GET,
		.cb = cb,
	};
	struct vns_network *network;
	struct vns_port *port;
	u32 ifindex;
	long i = 0;
	int err;

	err = vns_netlink_dump_refuse(cb, VNETSHARE_A_PORT_IFINDEX) ?:
	      vns_netlink_dump_refuse(cb, VNETSHARE_A_PORT_ID);
	if (err)
		return err;

	rtnl_lock();
	cb->seq = vn->seq;
	err = vns_netlink_dump_filter(cb, VNETSHARE_A_PORT_NETWORK, &ifindex);
	if (err)
		goto out_unlock;

	list_for_each_entry(network, &vn->networks, list) {
		if (ifindex && network->dev->ifindex != ifindex)
			continue;
		list_for_each_entry(port, &network->ports, list) {
			if (i >= cb->args[0] &&
			    vns_netlink_fill_port(skb, port, &header))
				goto out_full;
			i++;
		}
	}
out_full:
	cb->args[0] = i;
	err = skb->len;
out_unlock:
	rtnl_unlock();
	return err;
}

static struct vns_port *
vns_netlink_new_attached(struct genl_info *info, struct vns_network *network,
			 const struct vns_port_settings *set)
{
	struct nlattr *attr = info->attrs[VNETSHARE_A_PORT_IFINDEX];
	struct net_device *dev;
	int err;

	if (info->attrs[VNETSHARE_A_PORT_NAME]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[VNETSHARE_A_PORT_NAME],
				    "an attached device has a name already: give its ifindex only");
		return ERR_PTR(-EINVAL);
	}
	if (!attr) {
		err = vns_netlink_miss(info, VNETSHARE_A_PORT_IFINDEX,
				       "the ifindex of the device to attach is missing");
		return ERR_PTR(err);
	}

	dev = __dev_get_by_index(genl_info_net(info), nla_get_u32(attr));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no device has that ifindex");
		return ERR_PTR(-ENODEV);
	}

	err = vns_port_attached_add(network, dev, set, info->extack);
	if (err) {
		NL_SET_BAD_ATTR(info->extack, attr);
		return ERR_PTR(err);
	}
	return vns_device_find_port(dev);
}

static struct vns_port *
vns_netlink_new_native(struct genl_info *info, struct vns_network *network,
		       const struct vns_port_settings *set)
{
	struct nlattr *name = info->attrs[VNETSHARE_A_PORT_NAME];
	struct net_device *dev;
	int err;

	if (info->attrs[VNETSHARE_A_PORT_IFINDEX]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[VNETSHARE_A_PORT_IFINDEX],
				    "a native port is a new device: give a name only");
		return ERR_PTR(-EINVAL);
	}
	if (!name) {
		err = vns_netlink_miss(info, VNETSHARE_A_PORT_NAME,
				       "the native port's name is missing");
		return ERR_PTR(err);
	}

	dev = vns_port_native_create(network, nla_data(name), set,
				     info->extack);
	if (IS_ERR(dev)) {
		vns_netlink_explain_name(info, name, PTR_ERR(dev));
		return ERR_CAST(dev);
	}
	return vns_device_find_port(dev);
}

int vns_netlink_port_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *type = info->attrs[VNETSHARE_A_PORT_TYPE];
	struct vns_port_settings set = {};
	struct vns_network *network;
	struct vns_port *port;
	struct sk_buff *reply;
	int err;

	reply = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;

	rtnl_lock();
	err = vns_netlink_check_open(info);
	if (err)
		goto err_free_reply;

	network = vns_netlink_network(info, VNETSHARE_A_PORT_NETWORK);
	if (IS_ERR(network)) {
		err = PTR_ERR(network);
		goto err_free_reply;
	}

	err = vns_netlink_parse_port(info, &set);
	if (err)
		goto err_free_reply;

	if (type && nla_get_u32(type) == VNETSHARE_PORT_TYPE_NATIVE)
		port = vns_netlink_new_native(info, network, &set);
	else
		port = vns_netlink_new_attached(info, network, &set);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		goto err_free_reply;
	}

	err = vns_netlink_reply_port(reply, port, info);
	rtnl_unlock();
	return err;

err_free_reply:
	rtnl_unlock();
	nlmsg_free(reply);
	return err;
}

int vns_netlink_port_set(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_port_settings set;
	struct vns_port *port;
	int err;

	rtnl_lock();
	port = vns_netlink_port(info);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		goto out_unlock;
	}

	set = port->set;
	err = vns_netlink_parse_port(info, &set);
	if (err)
		goto out_unlock;

	err = vns_port_set(port, &set, info->extack);
	if (err)
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[VNETSHARE_A_PORT_MAC] ?:
				info->attrs[VNETSHARE_A_PORT_LOCK]);

out_unlock:
	rtnl_unlock();
	return err;
}

int vns_netlink_port_del(struct sk_buff *skb, struct genl_info *info)
{
	struct vns_port *port;
	LIST_HEAD(list);

	rtnl_lock();
	port = vns_netlink_port(info);
	if (!IS_ERR(port)) {
		if (port->native) {
			vns_port_native_dellink(port->dev, &list);
			unregister_netdevice_many(&list);
		} else {
			vns_port_attached_del(port, false);
		}
	}
	rtnl_unlock();

	return PTR_ERR_OR_ZERO(port);
}
