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
 * rtnl is the lock of configuration: it guards the list of networks of a
 * namespace, the list of ports of a network, modes, uplinks, and the creation
 * and removal of devices. Netlink handlers take it; rtnl and netdevice
 * notifier callbacks come with it.
 *
 * vns_fdb.lock (spinlock, BH) is inside rtnl and serialises changes of a
 * network's forwarding database: the table itself, &vns_port.fdb,
 * &vns_port.n_fdb and &vns_port.dead. Nothing is taken inside it.
 *
 * vns_snoop_table.lock (spinlock, BH) is inside rtnl, too, and serialises changes of
 * the table of IP addresses: the table itself, &vns_port.snoop,
 * &vns_port.n_snoop and &vns_port.snoop_dead. None of the other locks is taken
 * inside it, nor it inside them.
 *
 * vns_port.binding_lock (spinlock, BH) serialises changes of &vns_port.binding, which
 * is replaced, never changed. It is inside vns_network.claims_lock (spinlock,
 * BH), under which a port gets an IP address that no other port may have.
 *
 * The data path takes no lock. It runs in softirq context under RCU and reads
 * &vns_network.ports, &vns_fdb.table, &vns_port_native.port, &vns_port.binding,
 * &vns_net.portfwds and single words with READ_ONCE(). It writes what is the
 * CPU's own only (counters, see also switch_cache.h), except when an address is new,
 * has moved, or was last used more than a second ago, and when the host's DHCP
 * server gives a lease.
 *
 * The fast path has rules of its own: see flow.h.
 *
 * Life of a port: unpublish (rx handler or &vns_port_native.port gone, off the
 * list), mark dead under vns_fdb.lock so that a frame still in flight learns
 * nothing, flush its addresses and its entries in the fast path, have nobody
 * send there by what he remembers, free after a grace period.
 *
 * Life of a network: its memory is the device's. dellink removes every port
 * first; unregister_netdevice_many() then waits for a grace period before
 * ndo_uninit, so that no frame is inside when the rest is taken apart.
 */

/**
 * struct vns_network - a virtual switch and the host's leg on it
 * @dev: the network device this is the private part of
 * @mode: what the mode lets pass; written under rtnl, read with READ_ONCE()
 * @isolate: ports do not talk to each other, only to the host and the outside;
 *	written under rtnl, read with READ_ONCE()
 * @firewall: the host's filter hooks that routed packets cross; likewise
 * @fast: packets may go the fast path; written under rtnl, read with
 *	READ_ONCE()
 * @flows: the namespace's entries in the fast path
 * @stats: per-CPU counters by cause
 * @ports: &struct vns_port; RCU for readers, rtnl for writers
 * @fdb: which port a MAC address lives behind
 * @snoop: which VM of a bridged network has an IP address
 * @uplink: how the outside is reached
 * @bridge: binds a bridged network to the uplink; RCU for readers, rtnl for
 *	writers
 * @group_forward: bit x: frames to 01:80:c2:00:00:0x pass; written under rtnl,
 *	read with READ_ONCE()
 * @flood_limit: frames a second that each port may send to everybody, 0 for
 *	any; likewise
 * @claims_lock: one port at a time asks for, or is given, an IP address, which
 *	two must not both have
 * @macnat: do VMs of a bridged network share the uplink's MAC address, rtnl
 * @fastpath: the fast path is asked for, rtnl
 * @uplink_work: binds the network to the uplink when that changed
 * @filter_work: tells the uplink what to receive
 * @vlans: VLANs on which VMs sent
 * @list: in &vns_net.networks, rtnl
 * @n_ports: length of @ports, rtnl
 * @last_port_id: the newest port's number, rtnl
 * @portfwds: &struct vns_portfwd, rtnl
 * @n_portfwds: length of @portfwds, rtnl
 * @last_portfwd_id: the newest port forward's number, rtnl
 */
struct vns_network {
	/* read for every frame */
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
 * struct vns_net - what the module keeps a network namespace
 * @networks: &struct vns_network, rtnl
 * @route_users: networks that need the routing and FORWARD hooks, rtnl
 * @nat_users: networks that need the NAT hooks, rtnl
 * @portfwds: &struct vns_portfwd_port of all networks; RCU for readers, rtnl
 *	for writers
 * @portfwd_work: ends what went past a forward before that was there
 * @net: the namespace
 * @n_portfwd_ports: how many are in @portfwds; written under rtnl, read with
 *	READ_ONCE()
 * @n_bound_ports: how many of these are of one local address only; rtnl
 * @flows: sessions that go the fast path
 * @seq: changes with every change of a network, port or forward, for
 *	consistent dumps; rtnl
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
 * struct vns_network_settings - what a network shall be
 * @mode: the mode
 * @isolate: ports do not talk to each other
 * @firewall: the host's filter hooks that routed packets cross
 * @uplink: name that passed vns_uplink_check(); empty: follow the routing table
 * @uplink_auto: @uplink was found, not asked for
 * @macnat: do VMs of a bridged network share the uplink's MAC address
 * @group_forward: bit x: frames to 01:80:c2:00:00:0x pass
 * @flood_limit: frames a second that each port may send to everybody, 0 for any
 * @fastpath: packets of sessions with the outside may go the fast path
 * @mac: the device's address; NULL: as it is, random for a new network
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

/**
 * vns_network_is() - is this device a network
 * @dev: any device, or NULL
 *
 * Return: true if so.
 */
static inline bool vns_network_is(const struct net_device *dev)
{
	return dev && dev->netdev_ops == &vns_device_ops;
}

/**
 * vns_network_of() - the network that a device is
 * @dev: any device, or NULL
 *
 * Return: the network, NULL if @dev is something else.
 */
static inline struct vns_network *vns_network_of(const struct net_device *dev)
{
	return vns_network_is(dev) ? netdev_priv(dev) : NULL;
}

/**
 * vns_network_kick_filter() - an address or a VLAN of a VM came or went
 * @network: the network
 *
 * Context: any; also with vns_fdb.lock.
 */
static inline void vns_network_kick_filter(struct vns_network *network)
{
	if (rcu_access_pointer(network->bridge))
		queue_delayed_work(system_power_efficient_wq,
				   &network->filter_work,
				   VNS_BRIDGE_FILTER_DELAY);
}

/**
 * vns_network_net() - what the module keeps of a namespace
 * @net: the namespace
 *
 * Return: the module's part of it, never NULL.
 */
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
