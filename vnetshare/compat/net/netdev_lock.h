/* SPDX-License-Identifier: GPL-2.0 */
/* 6.15 moved netdev_lockdep_set_classes() from linux/netdevice.h here. */
#ifndef _VNETSHARE_COMPAT_NET_NETDEV_LOCK_H
#define _VNETSHARE_COMPAT_NET_NETDEV_LOCK_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#include_next <net/netdev_lock.h>
#else
#include <linux/netdevice.h>
#endif

#endif /* _VNETSHARE_COMPAT_NET_NETDEV_LOCK_H */
