// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a network, one set for each CPU, shown by "ethtool -S". Every
 * dropped frame is counted by its cause, and freed with a drop reason of the
 * kernel.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "network.h"
#include "stats.h"

static const struct {
	char name[ETH_GSTRING_LEN];
	enum skb_drop_reason reason;
} vns_stats_table[VNS_STAT_MAX] = {
	[VNS_DROP_BAD_SOURCE_MAC] = {
		"drop_bad_source_mac", SKB_DROP_REASON_DEV_HDR },
	[VNS_DROP_OWN_MAC] = {
		"drop_own_mac", SKB_DROP_REASON_DEV_HDR },
	[VNS_DROP_LOCKED] = {
		"drop_locked", SKB_DROP_REASON_DEV_HDR },
	[VNS_DROP_RESERVED_MULTICAST] = {
		"drop_reserved_multicast", SKB_DROP_REASON_UNHANDLED_PROTO },
	[VNS_DROP_LOOPBACK_ADDRESS] = {
		"drop_loopback_address", SKB_DROP_REASON_IP_INADDRERRORS },
	[VNS_DROP_MALFORMED] = {
		"drop_malformed", SKB_DROP_REASON_IP_INHDR },
	[VNS_DROP_SAME_PORT] = {
		"drop_same_port", SKB_DROP_REASON_OTHERHOST },
	[VNS_DROP_ISOLATED] = {
		"drop_isolated", SKB_DROP_REASON_NETFILTER_DROP },
	[VNS_DROP_TOO_BIG] = {
		"drop_too_big", SKB_DROP_REASON_PKT_TOO_BIG },
	[VNS_DROP_PORT_DOWN] = {
		"drop_port_down", SKB_DROP_REASON_DEV_READY },
	[VNS_DROP_QUEUE_FULL] = {
		"drop_queue_full", SKB_DROP_REASON_CPU_BACKLOG },
	[VNS_DROP_NO_MEMORY] = {
		"drop_no_memory", SKB_DROP_REASON_NOMEM },
	[VNS_DROP_BAD_SOURCE_ADDRESS] = {
		"drop_bad_source_address", SKB_DROP_REASON_IP_RPFILTER },
	[VNS_DROP_NOT_ALLOWED] = {
		"drop_not_allowed", SKB_DROP_REASON_NETFILTER_DROP },
	[VNS_DROP_TTL] = {
		"drop_ttl", SKB_DROP_REASON_IP_INHDR },
	[VNS_DROP_NO_ROUTE] = {
		"drop_no_route", SKB_DROP_REASON_IP_OUTNOROUTES },
	[VNS_DROP_SOURCE_ROUTE] = {
		"drop_source_route", SKB_DROP_REASON_IP_INHDR },
	[VNS_DROP_FLOOD_LIMIT] = {
		"drop_flood_limit", SKB_DROP_REASON_NETFILTER_DROP },
	[VNS_DROP_LOOP] = {
		"drop_loop", SKB_DROP_REASON_DEV_HDR },
	[VNS_DROP_NO_UPLINK] = {
		"drop_no_uplink", SKB_DROP_REASON_DEV_READY },
	[VNS_DROP_REFLECTED] = {
		"drop_reflected", SKB_DROP_REASON_DEV_HDR },
	[VNS_DROP_UNTRANSLATABLE] = {
		"drop_untranslatable", SKB_DROP_REASON_UNHANDLED_PROTO },
	[VNS_STAT_FDB_FULL] = { "fdb_full" },
	[VNS_STAT_FDB_MOVED] = { "fdb_moved" },
	[VNS_STAT_NEIGH_FULL] = { "neigh_full" },
	[VNS_STAT_FLOODED] = { "flooded" },
	[VNS_STAT_FORWARDED_OUT] = { "forwarded_out" },
	[VNS_STAT_FORWARDED_IN] = { "forwarded_in" },
	[VNS_STAT_FASTPATH_OUT] = { "fastpath_out" },
	[VNS_STAT_FASTPATH_IN] = { "fastpath_in" },
	[VNS_STAT_FASTPATH_HAIRPIN] = { "fastpath_hairpin" },
};

/*
 * Count a dropped frame and free it; @cause is one of VNS_DROP_*. Context:
 * softirq or BH disabled.
 */
void vns_stats_drop(struct vns_network *network, struct sk_buff *skb,
		    enum vns_stat cause)
{
	vns_stats_inc(network->stats, cause);
	kfree_skb_reason(skb, vns_stats_table[cause].reason);
}

static void vns_stats_get_drvinfo(struct net_device *dev,
				  struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->version, VNS_VERSION, sizeof(info->version));
}

static int vns_stats_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? VNS_STAT_MAX : -EOPNOTSUPP;
}

static void vns_stats_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	int i;

	if (sset != ETH_SS_STATS)
		return;

	for (i = 0; i < VNS_STAT_MAX; i++)
		memcpy(data + i * ETH_GSTRING_LEN, vns_stats_table[i].name,
		       ETH_GSTRING_LEN);
}

static void vns_stats_get_ethtool_stats(struct net_device *dev,
					struct ethtool_stats *stats, u64 *data)
{
	struct vns_network *network = netdev_priv(dev);
	int cpu, i;

	memset(data, 0, VNS_STAT_MAX * sizeof(*data));
	for_each_possible_cpu(cpu) {
		const struct vns_stats *s = per_cpu_ptr(network->stats, cpu);

		for (i = 0; i < VNS_STAT_MAX; i++)
			data[i] += READ_ONCE(s->count[i]);
	}

	/* the fast path increments its own counters only */
	data[VNS_STAT_FORWARDED_OUT] += data[VNS_STAT_FASTPATH_OUT];
	data[VNS_STAT_FORWARDED_IN] += data[VNS_STAT_FASTPATH_IN];
}

const struct ethtool_ops vns_stats_ethtool_ops = {
	.get_drvinfo		= vns_stats_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= vns_stats_get_sset_count,
	.get_strings		= vns_stats_get_strings,
	.get_ethtool_stats	= vns_stats_get_ethtool_stats,
};
