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
 * An entry (&struct vns_flow) remembers what became of the packets of one
 * direction of a session: the addresses and ports that they got, and the way
 * that they took. It is found by the packet as it arrives, at a port or (netdev
 * ingress hook) at an uplink, before anything else is done with that.
 *
 * It is the slow path that makes an entry, at its very end, and that renews it:
 * an entry is good for VNS_FLOW_TIME, and then one packet is routed again. So
 * conntrack's timeouts, the age of addresses and of neighbours, and the host's
 * rules are as fresh as that without the fast path touching them.
 *
 * Before that, an entry is no longer used when one of the generations it was
 * made in is over: of the port that a VM's packets come in by, or go out by
 * (&vns_port.flow_gen: the port, its network or their settings changed, or an
 * address moved away from there), of the uplink (&vns_flow_dev.gen), or of
 * the host's rules (&vns_flow_table.rules); when conntrack lets the connection
 * die, or TCP is no longer established; when the route is no longer valid, or
 * the neighbour not reachable, or elsewhere.
 *
 * A change of the host's rules bumps their generation three times within two
 * seconds: a packet that the old rules accepted may make an entry yet.
 *
 * Who changes something bumps the generation behind the change. Who makes an
 * entry reads the generations, then checks, then inserts the entry, then looks
 * whether the generations are still the same. So nothing is kept that was
 * checked before a change. What goes away (a port, an uplink) bumps and then
 * flushes its entries: no entry points to it afterwards.
 *
 * &vns_flow_table.locks are innermost. Readers use RCU; an entry holds its
 * connection, route and neighbour until a grace period after its end.
 */

#define VNS_FLOW_TIME		(10 * HZ)

/* How many packets one direction has before it is worth an entry. */
#define VNS_FLOW_PACKETS_MIN	2

#define VNS_FLOW_MAX		BIT(18)
/* What each port may have even so: a few ports can not starve the others. */
#define VNS_FLOW_PORT_MIN	1024

#define VNS_FLOW_LOCKS		64
#define VNS_FLOW_KEYS		10

/**
 * struct vns_flow_dev - a device that packets come from, or leave by
 * @flows: the namespace's table
 * @dev: the device
 * @gen: bumped when the device changes
 * @hooked: @ops is registered
 * @ops: our hook at its ingress
 * @list: in &vns_flow_table.uplinks
 * @rcu: defers the freeing past the last packet
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
 * @a: first half of the source
 * @b: second half
 * @c: first half of the destination
 * @d: second half
 */
struct vns_flow_addrs6 {
	u64 a, b, c, d;
};

/**
 * struct vns_flow - one direction of a session
 * @node: in &vns_flow_table.buckets; hlist_unhashed() when it ended
 * @addrs: IPv4 addresses as they are in the header; IPv6: their folding
 * @ports: as they are in the header
 * @kind: vns_flow_kind()
 * @stat: what a packet counts as
 * @by_tos: the priority is what the type of service says
 * @from: where packets arrive: &struct vns_port or &struct vns_flow_dev
 * @mac: vns_fdb_key() of the VM that sends, 0 at an uplink
 * @gen: generation of @from and of the host's rules
 * @to_gen: generation of @to
 * @until: jiffies32 until which the entry is good; READ_ONCE()
 * @mtu: longest packet that goes this way
 * @ct: the connection
 * @acct: its counters of this direction, or NULL
 * @dst: the route
 * @neigh: the next hop
 * @to: the VM's port; NULL: @dst's device is an uplink
 * @new_addrs: IPv4 addresses to be written
 * @new_ports: ports to be written
 * @sum: what is added to a TCP or UDP checksum
 * @sum_addrs: the part that is due to the addresses
 * @sum_ip: what is added to an IPv4 header's checksum
 * @mark: of the packets, as the host's rules set it
 * @priority: likewise
 * @headroom: room that is needed in front of the packet
 * @keep_dst: the uplink looks at the route
 * @cookie: IPv6: tells whether @dst is valid
 * @ether: @header is used, else the neighbour's output function
 * @to_ha: first word of @neigh's address, which is in @header
 * @header: Ethernet header, from byte 2
 * @fwd: counters of the port forward that the packets belong to, or NULL
 * @addrs6: IPv6 addresses as they are in the header
 * @new_addrs6: IPv6 addresses to be written
 * @port: where the VM is whose session it is
 * @out: the uplink that packets leave by, or NULL
 * @out_gen: generation of @out
 * @direction: enum vnetshare_flow_direction
 * @dir: conntrack's name for this direction
 * @rcu: defers the freeing past the last packet
 *
 * Does not change, but for @gen, @to_gen and @until.
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

	/* not looked at for a packet */
	struct vns_port *port;
	struct vns_flow_dev *out;
	u32 out_gen;
	u8 direction;
	u8 dir;
	struct rcu_head rcu;
};

/**
 * struct vns_flow_table - the sessions of a namespace that go the fast path
 * @buckets: of &struct vns_flow; NULL before a network had a way out
 * @shift: 64 less the bits of their number
 * @on: entries may be made; written under rtnl, READ_ONCE()
 * @settle: how often @rules is to be bumped again: packets that were accepted by
 *	rules of before may still be under way
 * @cursor: the host's rules when @rules was bumped last
 * @rules: bumped when the host's rules change
 * @key: random numbers that make the hash
 * @net: the namespace
 * @count: number of entries
 * @uplinks: &struct vns_flow_dev; RCU for readers, rtnl for writers
 * @wanted: ifindex of a device that is not in @uplinks but should be; READ_ONCE()
 * @work: puts @wanted into @uplinks
 * @gc: removes entries that ended; armed while there are entries
 * @locks: each for some of the buckets
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

	/* written when an entry comes or goes */
	atomic_t count ____cacheline_aligned_in_smp;
	struct list_head uplinks;
	int wanted;
	struct work_struct work;
	struct delayed_work gc;
	spinlock_t locks[VNS_FLOW_LOCKS]; /* changes of the buckets */
};

/**
 * vns_flow_kind() - family and protocol in one word
 * @v6: IPv6
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 *
 * Return: what &vns_flow.kind holds.
 */
static inline u16 vns_flow_kind(bool v6, u8 proto)
{
	return v6 << 8 | proto;
}

/**
 * vns_flow_hash4() - where the entry of an IPv4 packet is
 * @flows: the table
 * @addrs: &vns_flow.addrs
 * @ports: &vns_flow.ports
 *
 * Pair-multiply-shift: two keys collide with a probability of one in the number
 * of buckets, whoever chose them, as long as the random numbers are secret.
 *
 * Return: number of the bucket.
 */
static __always_inline u32 vns_flow_hash4(const struct vns_flow_table *flows,
					  u64 addrs, u32 ports)
{
	const u64 *key = flows->key;

	return (((u32)addrs + key[0]) * ((addrs >> 32) + key[1]) +
		(ports + key[2]) * key[3]) >> flows->shift;
}

/**
 * vns_flow_hash6() - where the entry of an IPv6 packet is
 * @flows: the table
 * @addrs: source and destination
 * @ports: &vns_flow.ports
 *
 * Return: number of the bucket.
 */
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

/**
 * vns_flow_fold6() - &vns_flow.addrs of an IPv6 packet
 * @addrs: source and destination
 *
 * Return: what tells most entries of a bucket apart.
 */
static __always_inline u64 vns_flow_fold6(const struct vns_flow_addrs6 *addrs)
{
	return addrs->b ^ addrs->d;
}

/**
 * vns_flow_buckets() - how many buckets there are
 * @flows: the table
 *
 * Return: that.
 */
static inline u32 vns_flow_buckets(const struct vns_flow_table *flows)
{
	return 1U << (64 - flows->shift);
}

/* flow.c: entries and their life */
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

/* flow_add.c: from the slow path */
void vns_flow_add(struct sk_buff *skb, const struct nf_hook_state *state);

/* flow_xmit.c: what a packet meets */
bool vns_flow_from_vm(struct vns_port *port, struct sk_buff *skb);
unsigned int vns_flow_ingress(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

/* flow_dev.c: devices that packets come from and leave by */
struct vns_flow_dev *vns_flow_dev_find(struct vns_flow_table *flows,
				       const struct net_device *dev);
void vns_flow_dev_del_all(struct vns_flow_table *flows);
void vns_flow_dev_init_net(struct vns_flow_table *flows);
void vns_flow_dev_exit_net(struct vns_flow_table *flows);
void vns_flow_dev_notify(unsigned long event, struct net_device *dev);

/**
 * vns_flow_rules() - generation of the host's rules
 * @flows: the table
 *
 * Context: any.
 * Return: &vns_flow_table.rules, after having looked whether they changed.
 */
static inline u32 vns_flow_rules(struct vns_flow_table *flows)
{
	if (unlikely(vns_compat_rules_cursor(flows->net) !=
		     READ_ONCE(flows->cursor)))
		vns_flow_rules_changed(flows);
	return atomic_read(&flows->rules);
}

#endif /* _VNETSHARE_FLOW_H */
