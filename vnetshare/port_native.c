// SPDX-License-Identifier: GPL-2.0
/*
 * Native ports: devices of kind "vnetport" that the module registers itself.
 * A frame that is transmitted on such a device enters the switch like a frame
 * that an attached device receives. The device may be in another namespace (a
 * container).
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netdev_lock.h>
#include <net/rtnetlink.h>

#include <vns_compat.h>

#include "input.h"
#include "network.h"
#include "port.h"
#include "port_native.h"
#include "stats.h"

#define VNS_PORT_NATIVE_FEATURES					\
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |		\
	 NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ENCAP_ALL)

static netdev_tx_t vns_port_native_start_xmit(struct sk_buff *skb,
					      struct net_device *dev)
{
	struct vns_port_native *native = netdev_priv(dev);
	unsigned int len = skb->len;
	struct vns_network *network;
	struct vns_port *port;

	rcu_read_lock();
	port = rcu_dereference(native->port);
	if (unlikely(!port)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_READY);
		goto err_drop;
	}

	network = port->network;
	if (unlikely(!is_skb_forwardable(network->dev, skb))) {
		vns_stats_drop(network, skb, network->dev->flags & IFF_UP ?
			       VNS_DROP_TOO_BIG : VNS_DROP_PORT_DOWN);
		goto err_drop;
	}

	/* the header of a redirected packet may be in pages */
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN))) {
		vns_stats_drop(network, skb, VNS_DROP_MALFORMED);
		goto err_drop;
	}

	/* moves the skb to the network's namespace, or frees it */
	if (unlikely(__dev_forward_skb(network->dev, skb)))
		goto err_no_memory;

	/* as the stack does for frames that an attached device receives */
	if (unlikely(eth_type_vlan(skb->protocol))) {
		skb = skb_vlan_untag(skb);
		if (unlikely(!skb))
			goto err_no_memory;
	}

	/* backlog: the host's stack must not run inside the sender's */
	if (vns_input(port, skb) == VNS_LOCAL) {
		/* take a dst reference before leaving the RCU section */
		skb_dst_force(skb);
		netif_rx(skb);
	}

	dev_sw_netstats_tx_add(dev, 1, len);
	rcu_read_unlock();
	return NETDEV_TX_OK;

err_no_memory:
	vns_stats_inc(network->stats, VNS_DROP_NO_MEMORY);
err_drop:
	rcu_read_unlock();
	dev_core_stats_tx_dropped_inc(dev);
	return NETDEV_TX_OK;
}

/* Returns NULL while the device is being made or removed. Context: rtnl. */
struct vns_port *vns_port_native_find(const struct net_device *dev)
{
	struct vns_port_native *native = netdev_priv(dev);

	return rtnl_dereference(native->port);
}

static int vns_port_native_init_device(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;

	netdev_lockdep_set_classes(dev);
	return 0;
}

static void vns_port_native_free_device(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

static int vns_port_native_open(struct net_device *dev)
{
	struct vns_port *port = vns_port_native_find(dev);

	if (port && netif_running(port->network->dev))
		netif_carrier_on(dev);
	return 0;
}

static int vns_port_native_change_mtu(struct net_device *dev, int mtu)
{
	struct vns_port *port = vns_port_native_find(dev);

	if (port && mtu > port->network->dev->mtu)
		return -EINVAL;

	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static int vns_port_native_get_iflink(const struct net_device *dev)
{
	const struct vns_port_native *native = netdev_priv(dev);
	struct vns_port *port;
	int ifindex;

	rcu_read_lock();
	port = rcu_dereference(native->port);
	ifindex = port ? READ_ONCE(port->network->dev->ifindex) : 0;
	rcu_read_unlock();
	return ifindex;
}

const struct net_device_ops vns_port_native_netdev_ops = {
	.ndo_init		= vns_port_native_init_device,
	.ndo_open		= vns_port_native_open,
	.ndo_start_xmit		= vns_port_native_start_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= vns_port_native_change_mtu,
	.ndo_get_iflink		= vns_port_native_get_iflink,
	.ndo_features_check	= passthru_features_check,
};

static const struct ethtool_ops vns_port_native_ethtool_ops = {
	.get_link		= ethtool_op_get_link,
};

static const struct device_type vns_port_native_type = {
	.name = VNETSHARE_PORT_LINK_KIND,
};

static void vns_port_native_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &vns_port_native_netdev_ops;
	dev->ethtool_ops = &vns_port_native_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = vns_port_native_free_device;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->max_mtu = ETH_MAX_MTU;
	dev->features |= VNS_PORT_NATIVE_FEATURES;
	dev->hw_features |= VNS_PORT_NATIVE_FEATURES;
	dev->hw_enc_features |= VNS_PORT_NATIVE_FEATURES;
	dev->vlan_features |= VNS_PORT_NATIVE_FEATURES;
	vns_compat_set_lltx(dev);
	SET_NETDEV_DEVTYPE(dev, &vns_port_native_type);
}

/* Plugs a registered device into its network. */
static int vns_port_native_plug(struct vns_network *network,
				struct net_device *dev,
				const struct vns_port_settings *set,
				struct netlink_ext_ack *extack)
{
	struct vns_port_native *native = netdev_priv(dev);
	struct vns_port *port;
	int err;

	port = vns_port_create(network, dev, true, set, extack);
	if (IS_ERR(port))
		return PTR_ERR(port);

	err = netdev_upper_dev_link(network->dev, dev, extack);
	if (err)
		goto err_free_port;

	err = vns_binding_set(port);
	if (err)
		goto err_unlink;

	rcu_assign_pointer(native->port, port);
	vns_port_publish(port);
	return 0;

err_unlink:
	netdev_upper_dev_unlink(network->dev, dev);
err_free_port:
	vns_port_free(port);
	return err;
}

static void vns_port_native_unplug(struct vns_port *port)
{
	struct vns_port_native *native = netdev_priv(port->dev);

	/* "Life of a port" in locking.rst: 1. no new frame arrives */
	RCU_INIT_POINTER(native->port, NULL);
	/* 2. no new frame leaves */
	vns_port_unpublish(port);
	netdev_upper_dev_unlink(port->network->dev, port->dev);
	/* 4. to 6. nothing refers to the port; freed after a grace period */
	vns_port_free(port);
}

/* Registers a new device and plugs it into its network. */
static int vns_port_native_register(struct vns_network *network,
				    struct net_device *dev,
				    const struct vns_port_settings *set,
				    struct netlink_ext_ack *extack)
{
	int err;

	if (is_zero_ether_addr(dev->dev_addr))
		eth_hw_addr_random(dev);
	dev->mtu = min_t(unsigned int, dev->mtu, network->dev->mtu);
	netif_carrier_off(dev);

	err = register_netdevice(dev);
	if (err)
		return err;

	err = vns_port_native_plug(network, dev, set, extack);
	if (err)
		unregister_netdevice(dev);
	return err;
}

static int vns_port_native_newlink(struct net *link_net, struct net_device *dev,
				   struct nlattr *tb[],
				   struct netlink_ext_ack *extack)
{
	static const struct vns_port_settings set;
	struct vns_network *network;

	if (!tb[IFLA_LINK]) {
		NL_SET_ERR_MSG(extack, "a vnetport belongs to a network: give its link");
		return -EINVAL;
	}

	network = vns_network_find(link_net, nla_get_u32(tb[IFLA_LINK]));
	if (!network) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_LINK],
				    "the link of a vnetport must be a vnetshare network");
		return -EINVAL;
	}

	if (!tb[IFLA_MTU])
		dev->mtu = network->dev->mtu;
	return vns_port_native_register(network, dev, &set, extack);
}

VNS_COMPAT_DEFINE_NEWLINK(vns_port_native_rtnl_newlink, vns_port_native_newlink)

static int vns_port_native_validate(struct nlattr *tb[], struct nlattr *data[],
				    struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS] &&
	    (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN ||
	     !is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS])))) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				    "not a unicast Ethernet address");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

/*
 * Adds the device to @head, a list of devices to unregister. May be called
 * again for a device that is on a list already. Context: rtnl.
 */
void vns_port_native_dellink(struct net_device *dev, struct list_head *head)
{
	struct vns_port *port = vns_port_native_find(dev);

	if (port)
		vns_port_native_unplug(port);
	unregister_netdevice_queue(dev, head);
}

static struct net *vns_port_native_get_link_net(const struct net_device *dev)
{
	struct vns_port *port = vns_port_native_find(dev);

	return dev_net(port ? port->network->dev : dev);
}

static struct rtnl_link_ops vns_port_native_link_ops = {
	.kind		= VNETSHARE_PORT_LINK_KIND,
	.priv_size	= sizeof(struct vns_port_native),
	.setup		= vns_port_native_setup,
	.validate	= vns_port_native_validate,
	.newlink	= vns_port_native_rtnl_newlink,
	.dellink	= vns_port_native_dellink,
	.get_link_net	= vns_port_native_get_link_net,
};

/*
 * Makes a native port, in the network's namespace. @name may hold one "%d". The
 * device has the port's MAC address, or a random one if the port has none.
 *
 * Returns the device or an error pointer.
 */
struct net_device *vns_port_native_create(struct vns_network *network,
					  const char *name,
					  const struct vns_port_settings *set,
					  struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	int err;

	dev = alloc_netdev(sizeof(struct vns_port_native), name, NET_NAME_USER,
			   vns_port_native_setup);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	dev_net_set(dev, dev_net(network->dev));
	dev->rtnl_link_ops = &vns_port_native_link_ops;
	dev->mtu = network->dev->mtu;
	if (!is_zero_ether_addr(set->mac))
		eth_hw_addr_set(dev, set->mac);

	err = vns_port_native_register(network, dev, set, extack);
	if (err) {
		/* free_netdev() waits for an unregistration that has begun */
		free_netdev(dev);
		return ERR_PTR(err);
	}

	return dev;
}

int __init vns_port_native_init(void)
{
	return rtnl_link_register(&vns_port_native_link_ops);
}

/* Also removes all native ports. */
void vns_port_native_exit(void)
{
	rtnl_link_unregister(&vns_port_native_link_ops);
}
