/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_HOOKS_H
#define _VNETSHARE_HOOKS_H

#include <linux/types.h>

struct net;
struct vns_mode;

int vns_hooks_get(struct net *net, const struct vns_mode *mode);
void vns_hooks_put(struct net *net, const struct vns_mode *mode);

#endif /* _VNETSHARE_HOOKS_H */
