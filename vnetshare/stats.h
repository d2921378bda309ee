/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_STATS_H
#define _VNETSHARE_STATS_H

#include <linux/percpu.h>
#include <linux/skbuff.h>

struct vns_network;

/**
 * enum vns_stat - what a network counts, as "ethtool -S" names it
 * @VNS_DROP_BAD_SOURCE_MAC: source address is a group address or zero
 * @VNS_DROP_OWN_MAC: source address is the network device's own
 * @VNS_DROP_LOCKED: the port's lock does not allow the source address, or that
 *	is pinned to another port
 * @VNS_DROP_RESERVED_MULTICAST: destination is a link-local group address
 *	(01:80:c2:00:00:0x)
 * @VNS_DROP_LOOPBACK_ADDRESS: an IP address of the packet is a loopback one
 * @VNS_DROP_MALFORMED: shorter than its own headers say, or bad IP options
 * @VNS_DROP_SAME_PORT: the destination is on the port the frame came from
 * @VNS_DROP_ISOLATED: for another port of a network with isolated ports
 * @VNS_DROP_TOO_BIG: longer than the MTU of the outgoing device
 * @VNS_DROP_PORT_DOWN: the network or the destination port is down
 * @VNS_DROP_QUEUE_FULL: the receiver does not keep up
 * @VNS_DROP_NO_MEMORY: out of memory
 * @VNS_DROP_BAD_SOURCE_ADDRESS: IP source address that does not belong on
 *	this network
 * @VNS_DROP_NOT_ALLOWED: the mode does not let this packet pass (from outside
 *	without a session, to another network, not trackable)
 * @VNS_DROP_TTL: time to live ran out
 * @VNS_DROP_NO_ROUTE: the host has no route, or no source address, for it
 * @VNS_DROP_SOURCE_ROUTE: the packet carries a source route option
 * @VNS_DROP_FLOOD_LIMIT: the port's limit of flooded frames is reached
 * @VNS_DROP_LOOP: the source address is held at another port
 * @VNS_DROP_NO_UPLINK: a bridged network's uplink is missing or down
 * @VNS_DROP_REFLECTED: from the outside with a VM's source address
 * @VNS_DROP_UNTRANSLATABLE: can not share the uplink's MAC address
 * @VNS_STAT_FDB_FULL: a source address was not learned, a limit is reached
 * @VNS_STAT_FDB_MOVED: a learned address appeared on another port
 * @VNS_STAT_NEIGH_FULL: an IP address was not learned, a limit is reached
 * @VNS_STAT_FLOODED: frames sent to all ports
 * @VNS_STAT_FORWARDED_OUT: packets routed from a VM to the outside
 * @VNS_STAT_FORWARDED_IN: packets routed from the outside to a VM
 * @VNS_STAT_FASTPATH_OUT: packets to the outside that took the fast path;
 *	"ethtool -S" adds them to FORWARDED_OUT
 * @VNS_STAT_FASTPATH_IN: likewise of FORWARDED_IN
 * @VNS_STAT_FASTPATH_HAIRPIN: packets between VMs by a port forward that took
 *	the fast path
 * @VNS_STAT_MAX: number of counters
 */
enum vns_stat {
	VNS_DROP_BAD_SOURCE_MAC,
	VNS_DROP_OWN_MAC,
	VNS_DROP_LOCKED,
	VNS_DROP_RESERVED_MULTICAST,
	VNS_DROP_LOOPBACK_ADDRESS,
	VNS_DROP_MALFORMED,
	VNS_DROP_SAME_PORT,
	VNS_DROP_ISOLATED,
	VNS_DROP_TOO_BIG,
	VNS_DROP_PORT_DOWN,
	VNS_DROP_QUEUE_FULL,
	VNS_DROP_NO_MEMORY,
	VNS_DROP_BAD_SOURCE_ADDRESS,
	VNS_DROP_NOT_ALLOWED,
	VNS_DROP_TTL,
	VNS_DROP_NO_ROUTE,
	VNS_DROP_SOURCE_ROUTE,
	VNS_DROP_FLOOD_LIMIT,
	VNS_DROP_LOOP,
	VNS_DROP_NO_UPLINK,
	VNS_DROP_REFLECTED,
	VNS_DROP_UNTRANSLATABLE,
	VNS_STAT_FDB_FULL,
	VNS_STAT_FDB_MOVED,
	VNS_STAT_NEIGH_FULL,
	VNS_STAT_FLOODED,
	VNS_STAT_FORWARDED_OUT,
	VNS_STAT_FORWARDED_IN,
	VNS_STAT_FASTPATH_OUT,
	VNS_STAT_FASTPATH_IN,
	VNS_STAT_FASTPATH_HAIRPIN,
	VNS_STAT_MAX
};

/**
 * struct vns_stats - counters of one network on one CPU
 * @count: indexed by &enum vns_stat
 */
struct vns_stats {
	unsigned long count[VNS_STAT_MAX];
};

static inline void vns_stats_inc(struct vns_stats __percpu *stats,
				 enum vns_stat stat)
{
	this_cpu_inc(stats->count[stat]);
}

void vns_stats_drop(struct vns_network *network, struct sk_buff *skb,
		    enum vns_stat cause);
extern const struct ethtool_ops vns_stats_ethtool_ops;

#endif /* _VNETSHARE_STATS_H */
