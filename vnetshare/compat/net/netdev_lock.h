/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.15 moved netdev_lockdep_set_classes() from linux/netdevice.h here, and gave
 * devices locks of their own.
 */
#ifndef _VNETSHARE_COMPAT_NET_NETDEV_LOCK_H
#define _VNETSHARE_COMPAT_NET_NETDEV_LOCK_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#include_next <net/netdev_lock.h>
#else
#include <linux/netdevice.h>

static inline void netdev_lock_ops(struct net_device *dev)
{
}

static inline void netdev_unlock_ops(struct net_device *dev)
{
}
#endif

#endif /* _VNETSHARE_COMPAT_NET_NETDEV_LOCK_H */
