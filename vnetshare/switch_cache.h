/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SWITCH_CACHE_H
#define _VNETSHARE_SWITCH_CACHE_H

#include <linux/types.h>

struct sk_buff;
struct vns_parse;
struct vns_port;

/**
 * DOC: Switch cache
 *
 * Most frames between two MAC addresses pass the same checks and go the same
 * way. Each CPU caches some pairs of MAC addresses, with the source IP address
 * that was checked. A plain TCP or UDP frame of such a pair is forwarded
 * without further checks. All other frames take the slow path.
 *
 * An entry is valid while the generations of both ports (&vns_port.flow_gen,
 * see flow.h) are the entry's, for VNS_SWITCH_CACHE_TIME at most. Changes that
 * bump no generation (the ageing of addresses) take effect after that time.
 *
 * Documentation/locking.rst says why no entry is older than a change, and why
 * its pointers are safe.
 */

int vns_switch_cache_init(void);
void vns_switch_cache_exit(void);
u32 vns_switch_cache_first_gen(void);

struct vns_port *vns_switch_cache_find(struct vns_port *from,
				       struct sk_buff *skb);
void vns_switch_cache_note(struct vns_port *from, struct vns_port *to,
			   const struct sk_buff *skb,
			   const struct vns_parse *parse);

#endif /* _VNETSHARE_SWITCH_CACHE_H */
