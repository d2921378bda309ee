/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_FLOW_H
#define _VNETSHARE_FLOW_H

#include <linux/atomic.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <uapi/linux/vnetshare.h>

#include <vns_compat.h>

struct dst_entry;
struct neighbour;
struct net_device;
struct nf_conn;
struct nf_conn_counter;
struct vns_portfwd_stats;
struct vns_net;
struct vns_network;
struct vns_port;

/**
 * DOC: Fast path
 *
 * An entry (&struct vns_flow) caches the decisions for one direction of a
 * session: the translated addresses and ports, the route and the next hop.
 * Packets are looked up as they arrive, at a port or in the netdev ingress hook
 * of an uplink, before all other processing.
 *
 * The last hook of the slow path makes and renews entries. An entry is valid
 * for at most VNS_FLOW_TIME. Then one packet takes the slow path again, which
 * refreshes conntrack's timeouts and the age of addresses and neighbours, and
 * passes the host's rules.
 *
 * An entry is valid only while its generations are current (of its ports,
 * &vns_port.flow_gen; of its uplinks, &vns_flow_dev.gen; of the host's rules,
 * &vns_flow_table.rules), its connection is alive (TCP: established), its route
 * is valid, and its next hop is reachable at the same address.
 *
 * To change something, first make the change and then bump the generation.
 * Documentation/locking.rst, "Fast path", has the rules for those that make
 * entries and the proof.
 */

#define VNS_FLOW_TIME		(10 * HZ)

/* Packets of a direction, the current one included, that an entry needs. */
#define VNS_FLOW_PACKETS_MIN	2

#define VNS_FLOW_MAX		BIT(18)
/* Each port may have this many in a full table, so that none starves. */
#define VNS_FLOW_PORT_MIN	1024

#define VNS_FLOW_LOCKS		64
#define VNS_FLOW_KEYS		10

/**
 * struct vns_flow_dev - a device outside that packets arrive at or leave by
 * @flows: the namespace's table
 * @dev: the device
 * @gen: generation, bumped when the device changes
 * @hooked: @ops is registered
 * @ops: the module's hook at the device's ingress
 * @list: in &vns_flow_table.uplinks
 * @rcu: frees the struct after a grace period
 */
struct vns_flow_dev {
	struct vns_flow_table *flows;
	struct net_device *dev;
	atomic_t gen;
	bool hooked;
	struct nf_hook_ops ops;
	struct list_head list;
	struct rcu_head rcu;
};

/**
 * struct vns_flow_addrs6 - source and destination of an IPv6 packet
 * @a: source, first half
 * @b: source, second half
 * @c: destination, first half
 * @d: destination, second half
 */
struct vns_flow_addrs6 {
	u64 a, b, c, d;
};

/**
 * struct vns_flow - a fast path entry: one direction of a session
 * @node: in &vns_flow_table.buckets; unhashed once the entry has ended
 * @addrs: IPv4: source and destination as in the header; IPv6: vns_flow_fold6()
 * @ports: source and destination as in the header
 * @kind: vns_flow_kind()
 * @stat: counter of packets
 * @by_tos: derive the priority from the type of service
 * @from: where packets arrive: &struct vns_port or &struct vns_flow_dev
 * @mac: vns_fdb_key() of the VM that sends, 0 for packets from an uplink
 * @gen: sum of the generations of @from and of the host's rules
 * @to_gen: generation of @to
 * @until: end of validity, in jiffies (32 bits); READ_ONCE()
 * @mtu: longest packet, in bytes at the IP layer
 * @ct: the connection; a reference
 * @acct: its counters of this direction, or NULL
 * @dst: the route; a reference
 * @neigh: the next hop; a reference
 * @to: the VM's port; NULL if packets leave by an uplink
 * @new_addrs: IPv4 addresses after translation
 * @new_ports: ports after translation
 * @sum: difference of a TCP or UDP checksum
 * @sum_addrs: the part of @sum that the addresses make
 * @sum_ip: difference of the IPv4 header's checksum
 * @mark: mark of the packets, as the host's rules set it
 * @priority: priority of the packets, likewise
 * @headroom: bytes needed in front of the packet
 * @keep_dst: the uplink's driver needs the route in the skb
 * @ether: @header is valid; if not, use the neighbour's output function
 * @cookie: IPv6: for the check of @dst
 * @to_ha: first word of @neigh's address when @header was made
 * @header: Ethernet header, from byte 2
 * @fwd: counters of the session's port forward, or NULL
 * @addrs6: IPv6 addresses as in the header
 * @new_addrs6: IPv6 addresses after translation
 * @port: port of the VM whose session it is
 * @out: uplink that packets leave by, or NULL
 * @out_gen: generation of @out
 * @direction: enum vnetshare_flow_direction
 * @dir: conntrack's direction
 * @rcu: frees the entry after a grace period
 *
 * An entry does not change except for its generations and @until.
 */
struct vns_flow {
	struct hlist_node node;
	u64 addrs;
	u32 ports;
	u16 kind;
	u8 stat;
	bool by_tos;
	const void *from;
	u64 mac;
	u32 gen;
	u32 to_gen;
	u32 until;
	u32 mtu;

	struct nf_conn *ct;
	struct nf_conn_counter *acct;
	struct dst_entry *dst;
	struct neighbour *neigh;
	struct vns_port *to;
	u64 new_addrs;
	u32 new_ports;
	__wsum sum;
	__wsum sum_addrs;
	__wsum sum_ip;

	u32 mark;
	u32 priority;
	u16 headroom;
	bool keep_dst;
	bool ether;
	u32 cookie;
	u64 to_ha;
	u64 header[2];
	struct vns_portfwd_stats __percpu *fwd;

	struct vns_flow_addrs6 addrs6;
	struct vns_flow_addrs6 new_addrs6;

	/* slow path */
	struct vns_port *port;
	struct vns_flow_dev *out;
	u32 out_gen;
	u8 direction;
	u8 dir;
	struct rcu_head rcu;
};

/**
 * struct vns_flow_table - fast path entries of a namespace
 * @buckets: of &struct vns_flow; NULL until a network has had a way out
 * @shift: 64 less the logarithm of the number of buckets
 * @on: entries may be made; written under rtnl, read with READ_ONCE()
 * @settle: bumps of @rules still to come, one per second, because packets that
 *	the old rules accepted may be in flight
 * @cursor: version of the host's rules at the last bump of @rules
 * @rules: generation of the host's rules
 * @key: random numbers for the hash
 * @net: the namespace
 * @count: number of entries
 * @uplinks: &struct vns_flow_dev; RCU for readers, rtnl for writers
 * @wanted: ifindex of a device to be added to @uplinks; READ_ONCE()
 * @work: adds @wanted to @uplinks
 * @gc: garbage collection; scheduled while there are entries
 * @locks: each serialises changes of some of the buckets
 */
struct vns_flow_table {
	struct hlist_head *buckets;
	unsigned int shift;
	bool on;
	u8 settle;
	u32 cursor;
	atomic_t rules;
	u64 key[VNS_FLOW_KEYS];
	struct net *net;

	/* written when an entry is added or removed */
	atomic_t count ____cacheline_aligned_in_smp;
	struct list_head uplinks;
	int wanted;
	struct work_struct work;
	struct delayed_work gc;
	spinlock_t locks[VNS_FLOW_LOCKS]; /* changes of the buckets */
};

/* &vns_flow.kind: family and protocol in one word. */
static inline u16 vns_flow_kind(bool v6, u8 proto)
{
	return v6 << 8 | proto;
}

/*
 * The bucket of an IPv4 packet. Pair-multiply-shift: two keys collide with a
 * probability of 1 / number of buckets, even if an attacker chooses them, as
 * long as the random numbers are secret.
 */
static __always_inline u32 vns_flow_hash4(const struct vns_flow_table *flows,
					  u64 addrs, u32 ports)
{
	const u64 *key = flows->key;

	return (((u32)addrs + key[0]) * ((addrs >> 32) + key[1]) +
		(ports + key[2]) * key[3]) >> flows->shift;
}

/* The bucket of an IPv6 packet. */
static __always_inline u32 vns_flow_hash6(const struct vns_flow_table *flows,
					  const struct vns_flow_addrs6 *addrs,
					  u32 ports)
{
	const u64 *key = flows->key;
	u64 sum = (ports + key[8]) * key[9];

	sum += ((u32)addrs->a + key[0]) * ((addrs->a >> 32) + key[1]);
	sum += ((u32)addrs->b + key[2]) * ((addrs->b >> 32) + key[3]);
	sum += ((u32)addrs->c + key[4]) * ((addrs->c >> 32) + key[5]);
	sum += ((u32)addrs->d + key[6]) * ((addrs->d >> 32) + key[7]);
	return sum >> flows->shift;
}

/* &vns_flow.addrs of an IPv6 packet: tells most entries of a bucket apart. */
static __always_inline u64 vns_flow_fold6(const struct vns_flow_addrs6 *addrs)
{
	return addrs->b ^ addrs->d;
}

static inline u32 vns_flow_buckets(const struct vns_flow_table *flows)
{
	return 1U << (64 - flows->shift);
}

/* flow.c: table of entries */
void vns_flow_insert(struct vns_flow_table *flows,
		     const struct vns_flow *draft);
struct vns_flow *vns_flow_find(const struct vns_flow_table *flows,
			       const struct vns_flow *key);
bool vns_flow_is_in_use(const struct vns_flow_table *flows,
			const struct vns_flow *flow);
u32 vns_flow_total(const struct vns_network *network);
void vns_flow_rules_changed(struct vns_flow_table *flows);
bool vns_flow_route_valid(const struct net *net, const struct vns_flow *flow);
void vns_flow_flush_port(struct vns_port *port);
void vns_flow_flush_dev(struct vns_flow_dev *uplink);
void vns_flow_start(struct vns_flow_table *flows);
void vns_flow_stop(struct vns_flow_table *flows);
void vns_flow_init_net(struct vns_flow_table *flows, struct net *net);
void vns_flow_exit_net(struct vns_flow_table *flows);
int vns_flow_init(void);
void vns_flow_exit(void);

/* flow_add.c: makes entries */
void vns_flow_add(struct sk_buff *skb, const struct nf_hook_state *state);

/* flow_xmit.c: carries packets */
bool vns_flow_from_vm(struct vns_port *port, struct sk_buff *skb);
unsigned int vns_flow_ingress(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

/* flow_dev.c: devices outside */
struct vns_flow_dev *vns_flow_dev_find(struct vns_flow_table *flows,
				       const struct net_device *dev);
void vns_flow_dev_del_all(struct vns_flow_table *flows);
void vns_flow_dev_init_net(struct vns_flow_table *flows);
void vns_flow_dev_exit_net(struct vns_flow_table *flows);
void vns_flow_dev_notify(unsigned long event, struct net_device *dev);

/*
 * Generation of the host's rules, bumped here if the rules have changed.
 * Context: any.
 */
static inline u32 vns_flow_rules(struct vns_flow_table *flows)
{
	if (unlikely(vns_compat_rules_cursor(flows->net) !=
		     READ_ONCE(flows->cursor)))
		vns_flow_rules_changed(flows);
	return atomic_read(&flows->rules);
}

#endif /* _VNETSHARE_FLOW_H */
