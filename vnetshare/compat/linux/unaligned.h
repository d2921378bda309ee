/* SPDX-License-Identifier: GPL-2.0 */
/* 6.12 moved asm/unaligned.h here. */
#ifndef _VNETSHARE_COMPAT_LINUX_UNALIGNED_H
#define _VNETSHARE_COMPAT_LINUX_UNALIGNED_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include_next <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* _VNETSHARE_COMPAT_LINUX_UNALIGNED_H */
