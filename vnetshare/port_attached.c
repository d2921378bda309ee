// SPDX-License-Identifier: GPL-2.0
/*
 * Attached ports: an existing Ethernet device (tap, veth, ...) is plugged in
 * by becoming a slave of the network's device. The frames that it receives
 * reach the module through an rx handler.
 */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netdev_lock.h>

#include "input.h"
#include "network.h"
#include "port.h"
#include "port_attached.h"
#include "port_native.h"

static rx_handler_result_t vns_port_attached_handle_frame(struct sk_buff **pskb)
{
	struct vns_port *port;
	struct sk_buff *skb;

	if (unlikely((*pskb)->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;

	skb = skb_share_check(*pskb, GFP_ATOMIC);
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;

	*pskb = skb;
	port = rcu_dereference(skb->dev->rx_handler_data);
	return vns_input(port, skb) == VNS_LOCAL ?
	       RX_HANDLER_ANOTHER : RX_HANDLER_CONSUMED;
}

/* Returns NULL if @dev is no attached port. */
struct vns_port *vns_port_attached_find(const struct net_device *dev)
{
	ASSERT_RTNL();
	if (rtnl_dereference(dev->rx_handler) != vns_port_attached_handle_frame)
		return NULL;
	return rtnl_dereference(dev->rx_handler_data);
}

static int vns_port_attached_check(struct vns_network *network,
				   struct net_device *dev,
				   struct netlink_ext_ack *extack)
{
	struct net_device *master = netdev_master_upper_dev_get(dev);

	if (vns_network_is(dev)) {
		NL_SET_ERR_MSG(extack, "a network cannot be a port of a network");
		return -ELOOP;
	}
	if (vns_port_native_is(dev)) {
		NL_SET_ERR_MSG(extack, "the device is a native port already");
		return -EBUSY;
	}
	if (dev->flags & IFF_LOOPBACK || dev->type != ARPHRD_ETHER ||
	    dev->addr_len != ETH_ALEN || !is_valid_ether_addr(dev->dev_addr)) {
		NL_SET_ERR_MSG(extack, "not an Ethernet device");
		return -EINVAL;
	}
	if (dev->priv_flags & IFF_DONT_BRIDGE) {
		NL_SET_ERR_MSG(extack,
			       "the device does not carry frames of other MAC addresses (Wi-Fi station, macvlan), so it cannot be a port");
		return -EOPNOTSUPP;
	}
	if (master == network->dev) {
		NL_SET_ERR_MSG(extack, "the device is a port of this network already");
		return -EEXIST;
	}
	if (master) {
		NL_SET_ERR_MSG(extack,
			       "the device belongs to another master already (see \"ip link show\"): release it first with \"ip link set DEV nomaster\"");
		return -EBUSY;
	}
	if (netdev_is_rx_handler_busy(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device's frames are taken already (by a macvlan, ipvlan, ...)");
		return -EBUSY;
	}
	return 0;
}

/*
 * Attaches an Ethernet device of the network's namespace. The device has the
 * network's MTU until vns_port_attached_del().
 *
 * Returns 0, or a negative error; then nothing has changed.
 */
int vns_port_attached_add(struct vns_network *network, struct net_device *dev,
			  const struct vns_port_settings *set,
			  struct netlink_ext_ack *extack)
{
	unsigned int old_mtu = dev->mtu;
	struct vns_port *port;
	int err;

	ASSERT_RTNL();
	err = vns_port_attached_check(network, dev, extack);
	if (err)
		return err;

	port = vns_port_create(network, dev, false, set, extack);
	if (IS_ERR(port))
		return PTR_ERR(port);

	port->old_mtu = old_mtu;
	netdev_hold(dev, &port->dev_tracker, GFP_KERNEL);

	err = dev_set_mtu(dev, network->dev->mtu);
	if (err) {
		NL_SET_ERR_MSG(extack, "the device does not accept the network's MTU");
		goto err_free_port;
	}

	err = dev_set_promiscuity(dev, 1);
	if (err) {
		NL_SET_ERR_MSG(extack, "the device cannot be made promiscuous");
		goto err_restore_mtu;
	}

	err = netdev_master_upper_dev_link(dev, network->dev, NULL, NULL,
					   extack);
	if (err)
		goto err_clear_promiscuity;

	err = vns_binding_set(port);
	if (err)
		goto err_unlink;

	/* not busy: vns_port_attached_check() tested that */
	err = netdev_rx_handler_register(dev, vns_port_attached_handle_frame,
					 port);
	if (err) {
		NL_SET_ERR_MSG(extack, "the device's frames are taken already");
		goto err_unlink;
	}

	vns_lro_disable(&port->lro, dev);
	vns_port_publish(port);
	return 0;

err_unlink:
	netdev_upper_dev_unlink(dev, network->dev);
err_clear_promiscuity:
	dev_set_promiscuity(dev, -1);
err_restore_mtu:
	dev_set_mtu(dev, old_mtu);
err_free_port:
	netdev_put(dev, &port->dev_tracker);
	vns_port_free(port);
	return err;
}

/*
 * Restores the old MTU, unless the MTU was changed meanwhile. A device that
 * leaves its namespace has lost its IPv4 and IPv6 state already. The event
 * that dev_set_mtu() sends would create this state again, and nothing would
 * free it.
 */
static void vns_port_attached_restore_mtu(struct vns_port *port, bool leaving)
{
	struct net_device *dev = port->dev;
	int mtu = port->old_mtu;

	if (dev->mtu != port->network->dev->mtu || dev->mtu == mtu)
		return;
	if (!leaving) {
		dev_set_mtu(dev, mtu);
		return;
	}
	if (dev->reg_state != NETREG_REGISTERED || !netif_device_present(dev))
		return;

	netdev_lock_ops(dev);
	if (dev->netdev_ops->ndo_change_mtu)
		dev->netdev_ops->ndo_change_mtu(dev, mtu);
	else
		WRITE_ONCE(dev->mtu, mtu);
	netdev_unlock_ops(dev);
}

/**
 * vns_port_attached_del() - detach a device
 * @port: an attached port; freed
 * @leaving: the device is being unregistered, or moves to another namespace:
 *	NETDEV_UNREGISTER has been sent to others, and no event about the device
 *	may follow
 *
 * Context: rtnl. Waits for a grace period.
 */
void vns_port_attached_del(struct vns_port *port, bool leaving)
{
	struct vns_network *network = port->network;
	struct net_device *dev = port->dev;

	ASSERT_RTNL();
	/* "Life of a port" in locking.rst: 1. no new frame arrives */
	netdev_rx_handler_unregister(dev);
	/* 2. no new frame leaves */
	vns_port_unpublish(port);
	/* 3. the device gets its old state back */
	netdev_upper_dev_unlink(dev, network->dev);
	dev_set_promiscuity(dev, -1);
	vns_port_attached_restore_mtu(port, leaving);
	vns_lro_restore(&port->lro, dev);
	/* 4. to 6. nothing refers to the port; freed after a grace period */
	netdev_put(dev, &port->dev_tracker);
	vns_port_free(port);
}
