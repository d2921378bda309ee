// SPDX-License-Identifier: GPL-2.0
/*
 * Large receive offload, taken and given back.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>

#include <net/netdev_lock.h>

#include "lro.h"

static int vns_lro_note(struct net_device *dev, struct netdev_nested_priv *priv)
{
	struct vns_lro *lro = priv->data;

	if (dev->features & NETIF_F_LRO && lro->count < VNS_LRO_MAX)
		lro->ifindex[lro->count++] = dev->ifindex;
	return 0;
}

/**
 * vns_lro_disable() - turn it off, with a device's lower ones
 * @lro: empty; what vns_lro_restore() needs
 * @dev: the device
 *
 * Context: rtnl.
 */
void vns_lro_disable(struct vns_lro *lro, struct net_device *dev)
{
	struct netdev_nested_priv priv = { .data = lro };

	ASSERT_RTNL();
	vns_lro_note(dev, &priv);
	netdev_walk_all_lower_dev(dev, vns_lro_note, &priv);
	dev_disable_lro(dev);
}

/* A host that has become a router meanwhile can not have it, either. */
static bool vns_lro_is_allowed(const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return dev->reg_state == NETREG_REGISTERED &&
	       !(in_dev && IN_DEV_FORWARD(in_dev)) &&
	       !(idev && READ_ONCE(idev->cnf.forwarding));
}

/**
 * vns_lro_restore() - the inverse of vns_lro_disable()
 * @lro: emptied
 * @dev: the device, which has no upper one of ours any more: without LRO itself, that
 *	would keep it off
 *
 * Context: rtnl.
 */
void vns_lro_restore(struct vns_lro *lro, const struct net_device *dev)
{
	struct net_device *each;
	int i;

	ASSERT_RTNL();
	for (i = 0; i < lro->count; i++) {
		each = __dev_get_by_index(dev_net(dev), lro->ifindex[i]);
		if (!each || !vns_lro_is_allowed(each))
			continue;
		netdev_lock_ops(each);
		each->wanted_features |= NETIF_F_LRO;
		netdev_update_features(each);
		netdev_unlock_ops(each);
	}
	lro->count = 0;
}
