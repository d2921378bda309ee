// SPDX-License-Identifier: GPL-2.0
/*
 * Binding a bridged network to its uplink, and taking it off again. The host
 * keeps the uplink: its addresses, routes and connections are not touched.
 *
 * A Linux bridge, or a port of one, is no uplink to put a hook on: the network
 * becomes a port of that bridge.
 */
#include <linux/if_arp.h>
#include <linux/if_bridge.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/dst_metadata.h>

#include <vns_compat.h>

#include "bridge.h"
#include "bridge_filter.h"
#include "network.h"
#include "port.h"
#include "port_native.h"

/* How a MAC address begins that few are above. */
static const u8 vns_bridge_high_mac[] = { 0xfe, 0xff, 0xff };

/* The Linux bridge that a device is, or is a port of; NULL: none. rtnl. */
static struct net_device *vns_bridge_find_linux(struct net_device *dev)
{
	struct net_device *master = netdev_master_upper_dev_get(dev);

	if (netif_is_bridge_master(dev))
		return dev;
	return master && netif_is_bridge_master(master) ? master : NULL;
}

static int vns_bridge_is_single(struct net_device *dev,
				struct netdev_nested_priv *priv)
{
	return !!(dev->priv_flags & IFF_DONT_BRIDGE);
}

/* Does a device, or one that it sends by, carry only its own MAC address? */
static bool vns_bridge_has_one_mac(struct net_device *dev)
{
	return vns_bridge_is_single(dev, NULL) ||
	       netdev_walk_all_lower_dev(dev, vns_bridge_is_single, NULL);
}

static bool vns_bridge_wants_macnat(struct net_device *dev,
				    enum vnetshare_macnat macnat)
{
	if (macnat == VNETSHARE_MACNAT_AUTO)
		return vns_bridge_has_one_mac(dev);
	return macnat == VNETSHARE_MACNAT_ON;
}

/**
 * vns_bridge_mtu() - the MTU that a network bridged to a device should have
 * @dev: the uplink
 *
 * Context: rtnl.
 * Return: bytes.
 */
u32 vns_bridge_mtu(struct net_device *dev)
{
	return (vns_bridge_find_linux(dev) ?: dev)->mtu;
}

/* A Linux bridge has no larger MTU than its ports: it would get another one. */
static int vns_bridge_check_linux(const struct vns_network *network,
				  const struct net_device *linux_bridge,
				  enum vnetshare_macnat macnat,
				  struct netlink_ext_ack *extack)
{
	if (macnat == VNETSHARE_MACNAT_ON) {
		NL_SET_ERR_MSG(extack,
			       "macnat can not be on with a Linux bridge as uplink: make it on for the device behind that");
		return -EOPNOTSUPP;
	}
	if (network && network->dev->mtu < linux_bridge->mtu) {
		NL_SET_ERR_MSG(extack,
			       "the network's MTU is less than the Linux bridge's, which would get it: set the network's first");
		return -EINVAL;
	}
	return 0;
}

/**
 * vns_bridge_check() - can a network be bridged to a device
 * @network: the network; NULL: one that is not there yet
 * @dev: the uplink
 * @macnat: the network's setting
 * @extack: gets the reason of a refusal
 *
 * Context: rtnl.
 * Return: 0 or a negative error.
 */
int vns_bridge_check(const struct vns_network *network,
		     struct net_device *dev, enum vnetshare_macnat macnat,
		     struct netlink_ext_ack *extack)
{
	bool macnat_on = vns_bridge_wants_macnat(dev, macnat);
	struct net_device *linux_bridge;

	ASSERT_RTNL();
	if (dev->type != ARPHRD_ETHER || dev->addr_len != ETH_ALEN) {
		NL_SET_ERR_MSG(extack, "the uplink is not an Ethernet device");
		return -EINVAL;
	}

	linux_bridge = vns_bridge_find_linux(dev);
	if (linux_bridge)
		return vns_bridge_check_linux(network, linux_bridge, macnat,
					      extack);

	if (!macnat_on && vns_bridge_has_one_mac(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the uplink does not carry frames of other MAC addresses (Wi-Fi station, macvlan): macnat must not be off");
		return -EOPNOTSUPP;
	}
	if (network && vns_bridge_is_bound(network, dev))
		return 0;
	if (netdev_master_upper_dev_get(dev) ||
	    netdev_is_rx_handler_busy(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the uplink's frames are taken by something else already (a network, bond, team, macvlan, ...)");
		return -EBUSY;
	}
	return 0;
}

/**
 * vns_bridge_is_bound() - is this how a network is bridged to a device
 * @network: the network
 * @dev: an uplink
 *
 * Context: rtnl.
 * Return: true if so; false if it is not bound, or must be anew.
 */
bool vns_bridge_is_bound(const struct vns_network *network,
			 struct net_device *dev)
{
	const struct vns_bridge *bridge = vns_bridge_get_rtnl(network);
	struct net_device *linux_bridge = vns_bridge_find_linux(dev);

	if (!bridge || bridge->dev != (linux_bridge ?: dev))
		return false;
	if (linux_bridge)
		return netdev_master_upper_dev_get(network->dev) ==
		       linux_bridge;
	return bridge->macnat == vns_bridge_wants_macnat(dev, network->macnat);
}

/* A Linux bridge without a MAC address of its own has the lowest of its ports'. */
static bool vns_bridge_takes_mac(const struct net_device *linux_bridge,
				 const u8 *mac)
{
	return linux_bridge->addr_assign_type != NET_ADDR_SET &&
	       memcmp(mac, linux_bridge->dev_addr, ETH_ALEN) < 0;
}

/**
 * vns_bridge_allows_mac() - may a network's device have a MAC address
 * @network: the network
 * @mac: the address
 * @extack: for the reason why not
 *
 * Context: rtnl.
 * Return: false if the Linux bridge that the network is a port of, and with it
 * the host, would have that address then.
 */
bool vns_bridge_allows_mac(const struct vns_network *network, const u8 *mac,
			   struct netlink_ext_ack *extack)
{
	struct vns_bridge *bridge = vns_bridge_get_rtnl(network);

	if (!bridge || !bridge->is_port ||
	    netdev_master_upper_dev_get(network->dev) != bridge->dev ||
	    !vns_bridge_takes_mac(bridge->dev, mac))
		return true;

	NL_SET_ERR_MSG(extack,
		       "the Linux bridge that the network is a port of would take over this MAC address");
	return false;
}

/* So ours is made a high one: the host's stays what it is. */
static int vns_bridge_raise_mac(struct vns_bridge *bridge,
				struct netlink_ext_ack *extack)
{
	struct net_device *dev = bridge->network->dev;
	u8 *mac = bridge->high_mac;

	if (!vns_bridge_takes_mac(bridge->dev, dev->dev_addr))
		return 0;

	ether_addr_copy(bridge->old_mac, dev->dev_addr);
	ether_addr_copy(mac, dev->dev_addr);
	memcpy(mac, vns_bridge_high_mac, sizeof(vns_bridge_high_mac));
	return vns_compat_set_mac(dev, mac, extack);
}

static void vns_bridge_restore_mac(const struct vns_bridge *bridge)
{
	struct net_device *dev = bridge->network->dev;

	/* or somebody has given it another one meanwhile */
	if (ether_addr_equal(dev->dev_addr, bridge->high_mac))
		vns_compat_set_mac(dev, bridge->old_mac, NULL);
}

static int vns_bridge_enter_linux(struct vns_bridge *bridge,
				  struct netlink_ext_ack *extack)
{
	struct net_device *dev = bridge->network->dev;
	int err;

	err = vns_bridge_raise_mac(bridge, extack);
	if (err)
		return err;

	err = bridge->dev->netdev_ops->ndo_add_slave(bridge->dev, dev, extack);
	if (err)
		vns_bridge_restore_mac(bridge);
	return err;
}

static void vns_bridge_leave_linux(struct vns_bridge *bridge)
{
	struct net_device *dev = bridge->network->dev;

	/* somebody may have taken it out before us */
	if (netdev_master_upper_dev_get(dev) == bridge->dev)
		bridge->dev->netdev_ops->ndo_del_slave(bridge->dev, dev);
	vns_bridge_restore_mac(bridge);
}

static int vns_bridge_register_egress(struct vns_bridge *bridge)
{
	bridge->egress.hook = vns_bridge_egress;
	bridge->egress.pf = NFPROTO_NETDEV;
	bridge->egress.hooknum = NF_NETDEV_EGRESS;
	bridge->egress.priority = INT_MAX;
	bridge->egress.dev = bridge->dev;
	bridge->egress.priv = bridge;
	return nf_register_net_hook(dev_net(bridge->dev), &bridge->egress);
}

static int vns_bridge_enter_device(struct vns_bridge *bridge,
				   struct netlink_ext_ack *extack)
{
	struct net_device *dev = bridge->dev;
	int err;

	/* which groups the VMs are in, nobody tells us */
	err = dev_set_allmulti(dev, 1);
	if (err) {
		NL_SET_ERR_MSG(extack, "the uplink can not receive all groups");
		return err;
	}

	err = vns_bridge_register_egress(bridge);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "the kernel does not let us see what the host sends by the uplink (NETFILTER_EGRESS)");
		goto err_allmulti;
	}

	err = netdev_rx_handler_register(dev, vns_bridge_handle_frame, bridge);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "the uplink's frames are taken by something else already");
		goto err_unregister_egress;
	}

	/* last: it is announced, which must not happen for nothing */
	err = netdev_upper_dev_link(dev, bridge->network->dev, extack);
	if (err)
		goto err_unregister_handler;

	vns_lro_disable(&bridge->port.lro, dev);
	return 0;

err_unregister_handler:
	netdev_rx_handler_unregister(dev);
err_unregister_egress:
	nf_unregister_net_hook(dev_net(dev), &bridge->egress);
err_allmulti:
	dev_set_allmulti(dev, -1);
	return err;
}

static void vns_bridge_leave_device(struct vns_bridge *bridge)
{
	struct net_device *dev = bridge->dev;

	/* 1. no new frame of the LAN or of the host comes in */
	netdev_rx_handler_unregister(dev);
	nf_unregister_net_hook(dev_net(dev), &bridge->egress);
	/* 2. the device is as it was */
	vns_bridge_filter_clear(bridge);
	dev_set_allmulti(dev, -1);
	netdev_upper_dev_unlink(dev, bridge->network->dev);
	vns_lro_restore(&bridge->port.lro, dev);
}

/* Nobody finds it any more. */
static void vns_bridge_free(struct vns_bridge *bridge)
{
	/* 3. nobody sends there by heart; those on the way are through */
	vns_network_bump(bridge->network);
	synchronize_net();
	/* 4. nothing is found or learned there; freed past the last reader */
	vns_port_close(&bridge->port);
	netdev_put(bridge->dev, &bridge->dev_tracker);
	/* frames in a backlog have references of their own */
	dst_release(&bridge->mark->dst);
	kfree_rcu(bridge, rcu);
}

/**
 * vns_bridge_bind() - bridge a network to a device
 * @network: the network, not bound
 * @dev: the uplink
 * @extack: gets the reason of a refusal
 *
 * Frames pass as soon as the network's mode is bridged.
 *
 * Context: rtnl.
 * Return: 0; a negative error, nothing having changed.
 */
int vns_bridge_bind(struct vns_network *network, struct net_device *dev,
		    struct netlink_ext_ack *extack)
{
	struct net_device *linux_bridge = vns_bridge_find_linux(dev);
	struct vns_bridge *bridge;
	int err;

	ASSERT_RTNL();
	err = vns_bridge_check(network, dev, network->macnat, extack);
	if (err)
		return err;

	bridge = kzalloc(sizeof(*bridge), GFP_KERNEL);
	if (!bridge)
		return -ENOMEM;

	bridge->mark = metadata_dst_alloc(0, METADATA_HW_PORT_MUX, GFP_KERNEL);
	if (!bridge->mark) {
		kfree(bridge);
		return -ENOMEM;
	}

	vns_port_init(&bridge->port, network,
		      linux_bridge ? network->dev : dev);
	bridge->network = network;
	bridge->dev = linux_bridge ?: dev;
	bridge->is_port = linux_bridge;
	bridge->macnat = !linux_bridge &&
			 vns_bridge_wants_macnat(dev, network->macnat);
	netdev_hold(bridge->dev, &bridge->dev_tracker, GFP_KERNEL);

	/* the first frame may come before the last line of this function */
	rcu_assign_pointer(network->bridge, bridge);
	if (linux_bridge)
		err = vns_bridge_enter_linux(bridge, extack);
	else
		err = vns_bridge_enter_device(bridge, extack);
	if (err)
		goto err_free;

	if (!bridge->is_port)
		vns_bridge_filter_sync(bridge);
	bridge->running = vns_bridge_running(bridge);
	vns_network_update_carrier(network);
	return 0;

err_free:
	RCU_INIT_POINTER(network->bridge, NULL);
	vns_bridge_free(bridge);
	return err;
}

/**
 * vns_bridge_unbind() - the inverse of vns_bridge_bind()
 * @network: the network; nothing happens if it is not bound
 *
 * Context: rtnl. Waits for grace periods.
 */
void vns_bridge_unbind(struct vns_network *network)
{
	struct vns_bridge *bridge = vns_bridge_get_rtnl(network);

	ASSERT_RTNL();
	if (!bridge)
		return;

	/* 1. no frame of a VM finds the way out */
	RCU_INIT_POINTER(network->bridge, NULL);
	/* 2. none comes in, the device is the host's alone */
	if (bridge->is_port)
		vns_bridge_leave_linux(bridge);
	else
		vns_bridge_leave_device(bridge);
	vns_bridge_free(bridge);
	vns_network_update_carrier(network);
}
