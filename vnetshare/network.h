/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_NETWORK_H
#define _VNETSHARE_NETWORK_H

#include <linux/netdevice.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <uapi/linux/vnetshare.h>

#include "bridge_filter.h"
#include "fdb.h"
#include "flow.h"
#include "snoop_table.h"
#include "stats.h"
#include "uplink.h"

struct vns_bridge;
struct vns_mode;

/**
 * DOC: Locking
 *
 * This is a summary. Documentation/locking.rst has every lock, the lifetimes
 * and the proofs.
 *
 * rtnl guards the configuration: lists of networks, ports and port forwards,
 * settings, creation and removal of devices.
 *
 * Inside rtnl, one of these spinlocks (BH) is held at a time: vns_fdb.lock;
 * vns_snoop_table.lock; vns_network.claims_lock and in it
 * vns_port.binding_lock. &vns_flow_table.locks are innermost.
 *
 * The data path runs in softirq context under RCU. It takes a lock only to
 * learn or move a MAC or IP address, to claim an address or record a lease, and
 * to make a fast path entry.
 */

/**
 * struct vns_network - a virtual switch and the host's interface on it
 * @dev: the network device; this struct is its private part
 * @mode: flags of the mode; written under rtnl, read with READ_ONCE()
 * @isolate: ports reach only the host and the outside, not each other; written
 *	under rtnl, read with READ_ONCE()
 * @fast: packets may take the fast path; written under rtnl, read with
 *	READ_ONCE()
 * @firewall: the host's filter hooks that routed packets cross; likewise
 * @flows: the namespace's fast path entries
 * @stats: per-CPU counters by cause
 * @ports: &struct vns_port; RCU for readers, rtnl for writers
 * @fdb: maps MAC addresses to ports
 * @snoop: maps IP addresses to the VMs of a bridged network
 * @uplink: the device that leads outside
 * @bridge: attachment of a bridged network to its uplink; RCU for readers, rtnl
 *	for writers
 * @group_forward: bit x set: frames to 01:80:c2:00:00:0x pass; written under
 *	rtnl, read with READ_ONCE()
 * @flood_limit: frames per second that each port may flood, 0 for no limit;
 *	likewise
 * @claims_lock: guards no data; under it one port at a time gets an IP address
 *	that no other port may have
 * @macnat: setting: VMs of a bridged network share the uplink's MAC address;
 *	rtnl
 * @fastpath: setting: the fast path is enabled; rtnl
 * @uplink_work: attaches the network again after a change of its uplink
 * @filter_work: updates the MAC and VLAN filters of the uplink
 * @vlans: VLANs on which VMs have sent; bits are set atomically
 * @list: in &vns_net.networks, rtnl
 * @n_ports: length of @ports, rtnl
 * @last_port_id: number of the newest port, rtnl
 * @portfwds: &struct vns_portfwd, rtnl
 * @n_portfwds: length of @portfwds, rtnl
 * @last_portfwd_id: number of the newest port forward, rtnl
 */
struct vns_network {
	/* fast path: read for every frame */
	struct net_device *dev;
	const struct vns_mode *mode;
	bool isolate;
	bool fast;
	enum vnetshare_firewall firewall;
	struct vns_flow_table *flows;
	struct vns_stats __percpu *stats;
	struct list_head ports;
	struct vns_fdb fdb;
	struct vns_snoop_table snoop;
	struct vns_uplink uplink;
	struct vns_bridge __rcu *bridge;
	u32 group_forward;
	u32 flood_limit;

	spinlock_t claims_lock; /* see above */

	/* configuration */
	enum vnetshare_macnat macnat;
	bool fastpath;
	struct work_struct uplink_work;
	struct delayed_work filter_work;
	DECLARE_BITMAP(vlans, VNS_BRIDGE_FILTER_VLANS);
	struct list_head list;
	u32 n_ports;
	u32 last_port_id;
	struct list_head portfwds;
	u32 n_portfwds;
	u32 last_portfwd_id;
};

/**
 * struct vns_net - the module's data for a network namespace
 * @networks: &struct vns_network, rtnl
 * @route_users: networks that need the routing and FORWARD hooks, rtnl
 * @nat_users: networks that need the NAT hooks, rtnl
 * @portfwds: &struct vns_portfwd_port of all networks; RCU for readers, rtnl
 *	for writers
 * @n_portfwd_ports: number of entries in @portfwds; written under rtnl, read
 *	with READ_ONCE()
 * @n_bound_ports: number of those that are for one local address only, rtnl
 * @portfwd_work: ends connections that began before their port was forwarded
 * @net: the namespace
 * @flows: fast path entries
 * @seq: changes with every change of a network, port or port forward, so that
 *	dumps can tell whether they are consistent; rtnl
 */
struct vns_net {
	struct list_head networks;
	u32 route_users;
	u32 nat_users;
	struct rhashtable portfwds;
	u32 n_portfwd_ports;
	u32 n_bound_ports;
	struct delayed_work portfwd_work;
	struct net *net;
	struct vns_flow_table flows;
	u32 seq;
};

/**
 * struct vns_network_settings - requested settings of a network
 * @mode: row of the table of modes
 * @isolate: ports do not reach each other
 * @firewall: the host's filter hooks that routed packets cross
 * @uplink: name that passed vns_uplink_check(); empty: follow the routing table
 * @uplink_auto: @uplink was found by the module and not given by the user
 * @macnat: VMs of a bridged network share the uplink's MAC address
 * @group_forward: bit x set: frames to 01:80:c2:00:00:0x pass
 * @flood_limit: frames per second that each port may flood, 0 for no limit
 * @fastpath: packets of sessions with the outside may take the fast path
 * @mac: the device's MAC address; NULL: unchanged, random for a new network
 * @mtu: bytes, within the device's bounds
 * @ageing: seconds, 1 to VNS_FDB_AGEING_MAX
 */
struct vns_network_settings {
	const struct vns_mode *mode;
	bool isolate;
	enum vnetshare_firewall firewall;
	const char *uplink;
	bool uplink_auto;
	enum vnetshare_macnat macnat;
	u32 group_forward;
	u32 flood_limit;
	bool fastpath;
	const u8 *mac;
	u32 mtu;
	u32 ageing;
};

#define VNS_FLOOD_LIMIT_DEFAULT	10000

#define VNS_VERSION "0.1.0"

extern unsigned int vns_net_id;
extern const struct net_device_ops vns_device_ops;

static inline bool vns_network_is(const struct net_device *dev)
{
	return dev && dev->netdev_ops == &vns_device_ops;
}

/* Returns NULL if the device is no network. @dev may be NULL. */
static inline struct vns_network *vns_network_of(const struct net_device *dev)
{
	return vns_network_is(dev) ? netdev_priv(dev) : NULL;
}

/*
 * Schedule an update of the uplink's filters, after a MAC address or VLAN of a
 * VM was added or removed. Context: any, also under vns_fdb.lock.
 */
static inline void vns_network_kick_filter(struct vns_network *network)
{
	if (rcu_access_pointer(network->bridge))
		queue_delayed_work(system_power_efficient_wq,
				   &network->filter_work,
				   VNS_BRIDGE_FILTER_DELAY);
}

static inline struct vns_net *vns_network_net(const struct net *net)
{
	return net_generic(net, vns_net_id);
}

struct vns_network *vns_network_find(struct net *net, u32 ifindex);
void vns_network_bump(struct vns_network *network);
void vns_network_update_fast(struct vns_network *network);
void vns_network_changed(struct vns_network *network);
void vns_network_update_carrier(struct vns_network *network);

#endif /* _VNETSHARE_NETWORK_H */
