/* SPDX-License-Identifier: GPL-2.0 */
/* 6.5 moved GSO functions of linux/netdevice.h and linux/skbuff.h to here. */
#ifndef _VNETSHARE_COMPAT_NET_GSO_H
#define _VNETSHARE_COMPAT_NET_GSO_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>
#endif

#endif /* _VNETSHARE_COMPAT_NET_GSO_H */
