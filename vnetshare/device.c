// SPDX-License-Identifier: GPL-2.0
/*
 * The network's device: the host's interface on the switch, and the master of
 * the ports.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netdev_lock.h>
#include <net/rtnetlink.h>

#include <vns_compat.h>

#include "bridge.h"
#include "device.h"
#include "hooks.h"
#include "input.h"
#include "mode.h"
#include "nat.h"
#include "network.h"
#include "port.h"
#include "port_attached.h"
#include "port_native.h"
#include "portfwd.h"
#include "snoop_table.h"
#include "stats.h"

/*
 * The host's stack is offered all offloads. Where a port's device lacks one,
 * the stack does it in software when it sends by that device.
 */
#define VNS_DEVICE_FEATURES						\
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |		\
	 NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ENCAP_ALL)

static netdev_tx_t vns_device_start_xmit(struct sk_buff *skb,
					 struct net_device *dev)
{
	struct vns_network *network = netdev_priv(dev);

	if (unlikely(READ_ONCE(network->mode)->id == VNETSHARE_MODE_ISOLATED)) {
		vns_stats_drop(network, skb, VNS_DROP_NOT_ALLOWED);
		return NETDEV_TX_OK;
	}
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN))) {
		vns_stats_drop(network, skb, VNS_DROP_MALFORMED);
		return NETDEV_TX_OK;
	}

	dev_sw_netstats_tx_add(dev, 1, skb->len);
	skb_reset_mac_header(skb);
	skb_pull(skb, ETH_HLEN);

	rcu_read_lock();
	vns_input_from_host(network, skb);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

static int vns_device_init_device(struct net_device *dev)
{
	struct vns_network *network = netdev_priv(dev);
	struct vns_net *vn = vns_network_net(dev_net(dev));
	int err;

	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;

	network->stats = alloc_percpu(struct vns_stats);
	if (!network->stats) {
		err = -ENOMEM;
		goto err_free_tstats;
	}

	err = vns_fdb_init(&network->fdb);
	if (err)
		goto err_free_stats;

	err = vns_snoop_table_init(&network->snoop);
	if (err)
		goto err_destroy_fdb;

	err = vns_hooks_get(dev_net(dev), network->mode);
	if (err)
		goto err_destroy_snoop;

	network->flows = &vn->flows;
	netdev_lockdep_set_classes(dev);
	list_add_tail(&network->list, &vn->networks);
	return 0;

err_destroy_snoop:
	vns_snoop_table_destroy(&network->snoop);
err_destroy_fdb:
	vns_fdb_destroy(&network->fdb);
err_free_stats:
	free_percpu(network->stats);
err_free_tstats:
	free_percpu(dev->tstats);
	return err;
}

/* No frame is inside: the ports are gone, and a grace period has passed. */
static void vns_device_uninit_device(struct net_device *dev)
{
	struct vns_network *network = netdev_priv(dev);

	list_del(&network->list);
	vns_hooks_put(dev_net(dev), network->mode);
}

static void vns_device_free_device(struct net_device *dev)
{
	struct vns_network *network = netdev_priv(dev);

	vns_uplink_destroy(network);
	vns_snoop_table_destroy(&network->snoop);
	vns_fdb_destroy(&network->fdb);
	free_percpu(network->stats);
	free_percpu(dev->tstats);
}

/* The device and all ports get the new MTU, or none of them does. */
static int vns_device_change_mtu(struct net_device *dev, int mtu)
{
	struct vns_network *network = netdev_priv(dev);
	unsigned int old = dev->mtu;
	const struct vns_bridge *bridge = vns_bridge_get_rtnl(network);
	struct vns_port *port;
	int err;

	/* the Linux bridge would take over the lower MTU */
	if (bridge && bridge->is_port && mtu < bridge->dev->mtu)
		return -EBUSY;

	/* first: native ports refuse more than their network's MTU */
	WRITE_ONCE(dev->mtu, mtu);
	list_for_each_entry(port, &network->ports, list) {
		port->former_mtu = port->dev->mtu;
		err = dev_set_mtu(port->dev, mtu);
		if (err)
			goto err_restore;
	}
	return 0;

err_restore:
	list_for_each_entry_continue_reverse(port, &network->ports, list)
		dev_set_mtu(port->dev, port->former_mtu);
	WRITE_ONCE(dev->mtu, old);
	return err;
}

/* The fast path is off while a program captures (IFF_PROMISC). */
static void vns_device_change_rx_flags(struct net_device *dev, int flags)
{
	vns_network_update_fast(netdev_priv(dev));
}

/* Returns NULL if @dev is no port. Context: rtnl. */
struct vns_port *vns_device_find_port(struct net_device *dev)
{
	return vns_port_native_is(dev) ? vns_port_native_find(dev) :
					 vns_port_attached_find(dev);
}

static int vns_device_add_slave(struct net_device *dev,
				struct net_device *slave,
				struct netlink_ext_ack *extack)
{
	static const struct vns_port_settings set;

	return vns_port_attached_add(netdev_priv(dev), slave, &set, extack);
}

static int vns_device_del_slave(struct net_device *dev,
				struct net_device *slave)
{
	struct vns_port *port = vns_port_attached_find(slave);

	if (!port || port->network->dev != dev)
		return -EINVAL;

	vns_port_attached_del(port, false);
	return 0;
}

const struct net_device_ops vns_device_ops = {
	.ndo_init		= vns_device_init_device,
	.ndo_uninit		= vns_device_uninit_device,
	.ndo_start_xmit		= vns_device_start_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= vns_device_change_mtu,
	.ndo_change_rx_flags	= vns_device_change_rx_flags,
	.ndo_add_slave		= vns_device_add_slave,
	.ndo_del_slave		= vns_device_del_slave,
	.ndo_features_check	= passthru_features_check,
};

static const struct device_type vns_device_type = {
	.name = VNETSHARE_LINK_KIND,
};

static void vns_device_setup(struct net_device *dev)
{
	struct vns_network *network = netdev_priv(dev);

	ether_setup(dev);
	dev->netdev_ops = &vns_device_ops;
	dev->ethtool_ops = &vns_stats_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = vns_device_free_device;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->max_mtu = ETH_MAX_MTU;
	dev->features |= VNS_DEVICE_FEATURES;
	dev->hw_features |= VNS_DEVICE_FEATURES;
	dev->hw_enc_features |= VNS_DEVICE_FEATURES;
	dev->vlan_features |= VNS_DEVICE_FEATURES;
	vns_compat_set_lltx(dev);
	vns_compat_set_netns_immutable(dev);
	SET_NETDEV_DEVTYPE(dev, &vns_device_type);

	network->dev = dev;
	network->mode = vns_mode_find(VNETSHARE_MODE_NAT, false);
	network->firewall = VNETSHARE_FIREWALL_FORWARD;
	network->fdb.ageing = VNS_FDB_AGEING_DEFAULT;
	network->macnat = VNETSHARE_MACNAT_AUTO;
	network->fastpath = true;
	network->flood_limit = VNS_FLOOD_LIMIT_DEFAULT;
	vns_uplink_init(network);
	INIT_LIST_HEAD(&network->ports);
	INIT_LIST_HEAD(&network->portfwds);
	spin_lock_init(&network->claims_lock);
}

static int vns_device_newlink(struct net *link_net, struct net_device *dev,
			      struct nlattr *tb[],
			      struct netlink_ext_ack *extack)
{
	if (is_zero_ether_addr(dev->dev_addr))
		eth_hw_addr_random(dev);
	netif_carrier_off(dev);
	return register_netdevice(dev);
}

VNS_COMPAT_DEFINE_NEWLINK(vns_device_rtnl_newlink, vns_device_newlink)

static int vns_device_validate(struct nlattr *tb[], struct nlattr *data[],
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
 * Removes a network. Its device and its native ports are added to @head, a list
 * of devices to unregister. Context: rtnl. Waits for grace periods.
 */
void vns_device_dellink(struct net_device *dev, struct list_head *head)
{
	struct vns_network *network = netdev_priv(dev);
	struct vns_port *port, *tmp;

	vns_bridge_unbind(network);
	list_for_each_entry_safe(port, tmp, &network->ports, list) {
		if (port->native)
			vns_port_native_dellink(port->dev, head);
		else
			vns_port_attached_del(port, false);
	}
	/* wait for packets in flight, which may still begin sessions */
	synchronize_net();
	vns_nat_flush(network);
	vns_portfwd_del_all(network);
	unregister_netdevice_queue(dev, head);
}

static struct rtnl_link_ops vns_device_link_ops = {
	.kind		= VNETSHARE_LINK_KIND,
	.priv_size	= sizeof(struct vns_network),
	.setup		= vns_device_setup,
	.validate	= vns_device_validate,
	.newlink	= vns_device_rtnl_newlink,
	.dellink	= vns_device_dellink,
};

/*
 * Makes a network. @name may hold one "%d"; the settings have been checked.
 *
 * Returns the device or an error pointer; -EEXIST, -EINVAL and -ENFILE are
 * about the name.
 */
struct net_device *
vns_device_create(struct net *net, const char *name,
		  const struct vns_network_settings *settings)
{
	struct vns_network *network;
	struct net_device *dev;
	int err;

	ASSERT_RTNL();
	dev = alloc_netdev(sizeof(*network), name, NET_NAME_USER,
			   vns_device_setup);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	dev_net_set(dev, net);
	dev->rtnl_link_ops = &vns_device_link_ops;
	dev->mtu = settings->mtu;
	if (settings->mac)
		eth_hw_addr_set(dev, settings->mac);
	else
		eth_hw_addr_random(dev);
	netif_carrier_off(dev);

	network = netdev_priv(dev);
	network->mode = settings->mode;
	network->isolate = settings->isolate;
	network->firewall = settings->firewall;
	network->fdb.ageing = settings->ageing;
	network->group_forward = settings->group_forward;
	network->flood_limit = settings->flood_limit;
	network->fastpath = settings->fastpath;
	vns_uplink_set(network, settings);

	err = register_netdevice(dev);
	if (err) {
		/* free_netdev() waits for an unregistration that has begun */
		free_netdev(dev);
		return ERR_PTR(err);
	}

	return dev;
}

int __init vns_device_init(void)
{
	return rtnl_link_register(&vns_device_link_ops);
}

/* Also removes all networks. */
void vns_device_exit(void)
{
	rtnl_link_unregister(&vns_device_link_ops);
}
