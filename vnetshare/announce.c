// SPDX-License-Identifier: GPL-2.0
/*
 * Announces changes to the listeners of the netlink family's group.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "announce.h"
#include "netlink.h"
#include "network.h"
#include "port.h"
#include "portfwd.h"

/* Listeners learn that they missed something. */
static void vns_announce_lost(struct net *net)
{
	genl_set_err(&vns_netlink_family, net, 0, VNS_NETLINK_GROUP_MONITOR,
		     -ENOBUFS);
}

/* Consumes @msg, which is sent unless filling it came to an error @err. */
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

/* An empty message; NULL: nobody listens, or there is no memory. */
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

/**
 * vns_announce_network() - announce a change of a network
 * @network: the network
 * @cmd: VNETSHARE_CMD_NETWORK_*_NTF
 *
 * Context: rtnl.
 */
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

/**
 * vns_announce_port() - announce a change of a port
 * @port: the port
 * @cmd: VNETSHARE_CMD_PORT_*_NTF
 *
 * Context: rtnl.
 */
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

/**
 * vns_announce_portfwd() - announce a port forward that came or went
 * @fwd: the forward
 * @cmd: VNETSHARE_CMD_FORWARD_*_NTF
 *
 * Context: rtnl.
 */
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
 * vns_announce_conflict() - announce that two have an IP address
 * @port: of the VM that has it
 * @addr: the address, IPv4 as ::ffff:a.b.c.d
 * @mac: the VM's Ethernet address
 * @holder: that of the other one; NULL if unknown
 *
 * No configuration changes, so that dumps stay consistent.
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
