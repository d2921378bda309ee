// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching a bridged network to its uplink, and detaching it. The host keeps
 * the uplink with its addresses, routes and connections.
 *
 * If the uplink is a Linux bridge or a port of one, there is no rx handler and
 * no hook: the network becomes a port of that bridge.
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

/* The first bytes of a high MAC address */
static const u8 vns_bridge_high_mac[] = { 0xfe, 0xff, 0xff };

/* The Linux bridge that @dev is, or is a port of; NULL if it is neither. */
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

/* Does @dev, or a device below it, carry only its own MAC address? */
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

/* The MTU in bytes of a network that is bridged to @dev. Context: rtnl. */
u32 vns_bridge_mtu(struct net_device *dev)
{
	return (vns_bridge_find_linux(dev) ?: dev)->mtu;
}

/* A Linux bridge takes over the lowest MTU of its ports. */
static int vns_bridge_check_linux(const struct vns_network *network,
				  const struct net_device *linux_bridge,
				  enum vnetshare_macnat macnat,
				  struct netlink_ext_ack *extack)
{
	if (macnat == VNETSHARE_MACNAT_ON) {
		NL_SET_ERR_MSG(extack,
			       "macnat cannot be on if the uplink is a Linux bridge or a port of one");
		return -EOPNOTSUPP;
	}
	if (network && network->dev->mtu < linux_bridge->mtu) {
		NL_SET_ERR_MSG(extack,
			       "the network's MTU is less than the Linux bridge's, and the bridge would take it over: raise the network's MTU first");
		return -EINVAL;
	}
	return 0;
}

/*
 * Can a network be bridged to @dev? @network is NULL if it does not exist yet.
 *
 * Returns 0, or a negative error with the reason in extack.
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
			       "the uplink's frames are taken already (by a network, bond, team, macvlan, ...)");
		return -EBUSY;
	}
	return 0;
}

/*
 * Is the network attached to @dev in the way that its settings ask for? If not,
 * vns_uplink_bind() attaches it anew. Context: rtnl.
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

/*
 * A Linux bridge takes over the lowest MAC address of its ports, unless its own
 * address was configured.
 */
static bool vns_bridge_takes_mac(const struct net_device *linux_bridge,
				 const u8 *mac)
{
	return linux_bridge->addr_assign_type != NET_ADDR_SET &&
	       memcmp(mac, linux_bridge->dev_addr, ETH_ALEN) < 0;
}

/*
 * May the network's device get this MAC address? Not if the network is a port
 * of a Linux bridge that would take it over, because the host's MAC address
 * would change. Context: rtnl.
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

/* Use a high MAC address, so that the Linux bridge does not take it over. */
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

	/* unless it was changed meanwhile */
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

	/* it may have been removed from the bridge already */
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

	/* the multicast groups that the VMs are in are not known */
	err = dev_set_allmulti(dev, 1);
	if (err) {
		NL_SET_ERR_MSG(extack, "the uplink cannot be set to receive all multicast groups");
		return err;
	}

	err = vns_bridge_register_egress(bridge);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "no egress hook on the uplink: does the kernel have CONFIG_NETFILTER_EGRESS?");
		goto err_allmulti;
	}

	err = netdev_rx_handler_register(dev, vns_bridge_handle_frame, bridge);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "the uplink's frames are taken already");
		goto err_unregister_egress;
	}

	/* last, because the link is announced: nothing can fail after it */
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

	/* 2. no new frame of the LAN or of the host comes in */
	netdev_rx_handler_unregister(dev);
	nf_unregister_net_hook(dev_net(dev), &bridge->egress);
	/* 3. the device gets its old state back */
	vns_bridge_filter_clear(bridge);
	dev_set_allmulti(dev, -1);
	netdev_upper_dev_unlink(dev, bridge->network->dev);
	vns_lro_restore(&bridge->port.lro, dev);
}

/* The network no longer points to the attachment. Waits for a grace period. */
static void vns_bridge_free(struct vns_bridge *bridge)
{
	/* 4. invalidate cached paths; wait for packets in flight */
	vns_network_bump(bridge->network);
	synchronize_net();
	/* 5. nothing is learned any more; freed after a grace period */
	vns_port_close(&bridge->port);
	netdev_put(bridge->dev, &bridge->dev_tracker);
	/* frames in a backlog hold references of their own */
	dst_release(&bridge->mark->dst);
	kfree_rcu(bridge, rcu);
}

/*
 * Attaches a network that is not attached. Frames pass as soon as its mode is
 * bridged.
 *
 * Returns 0, or a negative error; then nothing has changed.
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

	/* first: frames may come in before this function returns */
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

/*
 * Does nothing if the network is not attached. Waits for grace periods. The
 * steps are those of "Attachment of a bridged network to its uplink" in
 * locking.rst.
 */
void vns_bridge_unbind(struct vns_network *network)
{
	struct vns_bridge *bridge = vns_bridge_get_rtnl(network);

	ASSERT_RTNL();
	if (!bridge)
		return;

	/* 1. no new frame of a VM leaves */
	RCU_INIT_POINTER(network->bridge, NULL);
	if (bridge->is_port)
		vns_bridge_leave_linux(bridge);
	else
		vns_bridge_leave_device(bridge);
	vns_bridge_free(bridge);
	vns_network_update_carrier(network);
}
