/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Are the route and the next hop of a fast path entry still valid? Inline,
 * since they are checked for each packet. Context: RCU read side.
 */
#ifndef _VNETSHARE_FLOW_ROUTE_H
#define _VNETSHARE_FLOW_ROUTE_H

#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "flow.h"

static __always_inline bool vns_flow_route4_ok(const struct net *net,
					       const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	/* the same test as ipv4_dst_check() */
	return rt->rt_genid == rt_genid_ipv4(net) &&
	       READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK;
}

static __always_inline bool vns_flow_route6_ok(const struct vns_flow *flow)
{
	const struct dst_entry *dst = flow->dst;
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from = rcu_dereference(rt->from);
	u32 cookie;

	/* the same test as ip6_dst_check(), without the check of the expiry */
	if (unlikely(rt->sernum))
		return dst_check(flow->dst, flow->cookie);
	return likely(from) && fib6_get_cookie_safe(from, &cookie) &&
	       cookie == flow->cookie &&
	       READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK;
}

/* Is the next hop reachable, as far as is known, at the same address? */
static __always_inline bool vns_flow_hop_ok(const struct vns_flow *flow)
{
	const struct neighbour *neigh = flow->neigh;

	if (unlikely(!(READ_ONCE(neigh->nud_state) & NUD_VALID) ||
		     neigh->dead))
		return false;
	return likely(!flow->ether ||
		      READ_ONCE(*(u64 *)neigh->ha) == flow->to_ha);
}

#endif /* _VNETSHARE_FLOW_ROUTE_H */
