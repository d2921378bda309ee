/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SWITCH_CACHE_H
#define _VNETSHARE_SWITCH_CACHE_H

#include <linux/types.h>

struct sk_buff;
struct vns_parse;
struct vns_port;

/**
 * DOC: Recent pairs
 *
 * Most frames between two Ethernet addresses are like the one before: they pass
 * the same checks and go the same way. Each CPU remembers some pairs of
 * addresses, with the source IP address that was found to be in order; a frame
 * of such a pair that is plain TCP or UDP is sent on at once. Everything else,
 * and every frame that is not alike in all of this, goes the slow way.
 *
 * What was checked holds as long as the generations of both ports
 * (&vns_port.flow_gen, see flow.h) and VNS_SWITCH_CACHE_TIME: so the age of addresses,
 * and what is not worth a generation, are as fresh as that.
 *
 * The slow way reads the generations behind its checks, so it can not tell
 * whether these were made before or behind a change. It believes them the
 * second time: then all of the checks lie between two looks that saw the same
 * generations.
 *
 * An entry's pointers are used only while the generation of the port that the
 * frame came in by, which is alive, is that of the entry. Who frees a port bumps
 * the generation of all ports of its network, a grace period before. A port
 * begins with a generation that no port had for longer than an entry is good.
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
