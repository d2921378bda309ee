// SPDX-License-Identifier: GPL-2.0
/*
 * Disable and restore large receive offload (LRO).
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

/*
 * Disable LRO on a device and its lower devices; notes them in @lro, which is
 * empty. Context: rtnl.
 */
void vns_lro_disable(struct vns_lro *lro, struct net_device *dev)
{
	struct netdev_nested_priv priv = { .data = lro };

	ASSERT_RTNL();
	vns_lro_note(dev, &priv);
	netdev_walk_all_lower_dev(dev, vns_lro_note, &priv);
	dev_disable_lro(dev);
}

/* LRO stays off on a device that forwards IP packets. */
static bool vns_lro_is_allowed(const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return dev->reg_state == NETREG_REGISTERED &&
	       !(in_dev && IN_DEV_FORWARD(in_dev)) &&
	       !(idev && READ_ONCE(idev->cnf.forwarding));
}

/*
 * Restore LRO on the devices in @lro, which is emptied. The device must have no
 * upper device of the module any more: that would keep LRO off. Context: rtnl.
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
