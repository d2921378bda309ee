// SPDX-License-Identifier: GPL-2.0
/*
 * Announces changes on the netlink family's multicast group.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "announce.h"
#include "netlink.h"
#include "network.h"
#include "port.h"
#include "portfwd.h"

/* Tells the listeners that they missed a message. */
static void vns_announce_lost(struct net *net)
{
	genl_set_err(&vns_netlink_family, net, 0, VNS_NETLINK_GROUP_MONITOR,
		     -ENOBUFS);
}

/* Consumes @msg: sends it, or frees it if filling it failed with error @err. */
static void vns_announce_send(struct net *net, struct sk_buff *msg, int err,
			      gfp_t gfp)
{
	if (err) {
		nlmsg_free(msg);
		vns_announce_lost(net);
		return;
	}
	genlmsg_multicast_netns(&vns_netlink_family, net, msg, 0,
				VNS_NETLINK_GROUP_MONITOR, gfp);
}

/* An empty message; NULL if there are no listeners, or no memory. */
static struct sk_buff *vns_announce_begin(struct net *net, gfp_t gfp)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&vns_netlink_family, net,
				VNS_NETLINK_GROUP_MONITOR))
		return NULL;

	msg = nlmsg_new(NLMSG_GOODSIZE, gfp);
	if (!msg)
		vns_announce_lost(net);
	return msg;
}

/* Also marks running dumps of the namespace as inconsistent. */
static struct sk_buff *vns_announce_begin_change(struct net *net)
{
	struct vns_net *vn = vns_network_net(net);

	vn->seq++;
	return vns_announce_begin(net, GFP_KERNEL);
}

/* @cmd: VNETSHARE_CMD_NETWORK_*_NTF */
void vns_announce_network(struct vns_network *network, enum vnetshare_cmd cmd)
{
	struct vns_netlink_msg header = { .cmd = cmd };
	struct net *net = dev_net(network->dev);
	struct sk_buff *msg;

	ASSERT_RTNL();
	msg = vns_announce_begin_change(net);
	if (msg)
		vns_announce_send(net, msg,
				  vns_netlink_fill_network(msg, network,
							   &header),
				  GFP_KERNEL);
}

/* @cmd: VNETSHARE_CMD_PORT_*_NTF */
void vns_announce_port(struct vns_port *port, enum vnetshare_cmd cmd)
{
	struct vns_netlink_msg header = { .cmd = cmd };
	struct net *net = dev_net(port->network->dev);
	struct sk_buff *msg;

	ASSERT_RTNL();
	msg = vns_announce_begin_change(net);
	if (msg)
		vns_announce_send(net, msg,
				  vns_netlink_fill_port(msg, port, &header),
				  GFP_KERNEL);
}

/* @cmd: VNETSHARE_CMD_FORWARD_*_NTF */
void vns_announce_portfwd(struct vns_portfwd *fwd, enum vnetshare_cmd cmd)
{
	struct net *net = dev_net(fwd->network->dev);
	struct vns_netlink_msg header = { .cmd = cmd };
	struct sk_buff *msg;

	ASSERT_RTNL();
	msg = vns_announce_begin_change(net);
	if (msg)
		vns_announce_send(net, msg,
				  vns_netlink_fill_portfwd(msg, fwd, &header),
				  GFP_KERNEL);
}

/**
 * vns_announce_conflict() - announce that two machines use an IP address
 * @port: port of the VM that uses it
 * @addr: the IP address, IPv4 as ::ffff:a.b.c.d
 * @mac: the VM's MAC address
 * @holder: the other machine's MAC address; NULL if unknown
 *
 * Dumps stay consistent, because no configuration changes.
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_announce_conflict(const struct vns_port *port,
			   const struct in6_addr *addr, const u8 *mac,
			   const u8 *holder)
{
	struct net *net = dev_net(port->network->dev);
	struct sk_buff *msg;
	int err;

	msg = vns_announce_begin(net, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return;

	err = vns_netlink_fill_conflict(msg, port, addr, mac, holder);
	vns_announce_send(net, msg, err, GFP_ATOMIC);
}
