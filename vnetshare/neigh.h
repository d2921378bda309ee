/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_NEIGH_H
#define _VNETSHARE_NEIGH_H

#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct sk_buff;
struct vns_network;
struct vns_parse;
struct vns_port;

/* Bounds on what frames can make the table grow to. */
#define VNS_NEIGH_PORT_MAX	256
#define VNS_NEIGH_NETWORK_MAX	16384
/* What each port may have even so: a few ports can not starve the others. */
#define VNS_NEIGH_PORT_MIN	16

/* An address is kept for so many times the ageing time of MAC addresses. */
#define VNS_NEIGH_AGEING_FACTOR	4

/**
 * struct vns_neigh_entry - an IP address that a VM of a bridged network has
 * @node: in &vns_neigh.table; RCU for readers, &vns_neigh.lock for writers
 * @addr: the address, IPv4 as ::ffff:a.b.c.d
 * @mac: vns_fdb_key() of the VM's Ethernet address; changed under
 *	&vns_neigh.lock, read with READ_ONCE()
 * @port: the VM's port; RCU for readers, changed under &vns_neigh.lock
 * @used: jiffies of the last frame from the address, kept to a second
 * @checked: jiffies of when it was last found not to be the host's
 * @warned: jiffies of the last conflict that was announced, 0 for none
 * @id: higher than that of any older entry, so that &vns_port.neigh is in
 *	falling order and a dump finds its place again
 * @port_node: in &vns_port.neigh, guarded by &vns_neigh.lock
 * @rcu: defers the freeing past the last reader
 */
struct vns_neigh_entry {
	struct rhash_head node;
	struct in6_addr addr;
	u64 mac;
	struct vns_port __rcu *port;
	unsigned long used;
	unsigned long checked;
	unsigned long warned;

	unsigned long id;
	struct hlist_node port_node;
	struct rcu_head rcu;
};

/**
 * struct vns_neigh - the IP addresses that the VMs of a bridged network have
 * @table: &struct vns_neigh_entry by address
 * @lock: serialises every change, also of &vns_port.neigh, &vns_port.n_neigh
 *	and &vns_port.neigh_dead
 * @count: entries in @table, guarded by @lock
 * @last_id: the newest entry's number, guarded by @lock
 * @gc: removes entries not used for long; armed while there are entries
 */
struct vns_neigh {
	struct rhashtable table;
	spinlock_t lock; /* every change, see above */
	u32 count;
	unsigned long last_id;
	struct delayed_work gc;
};

/* neigh.c */
int vns_neigh_init(struct vns_neigh *neigh);
void vns_neigh_destroy(struct vns_neigh *neigh);
struct vns_neigh_entry *vns_neigh_find_rcu(struct vns_neigh *neigh,
					   const struct in6_addr *addr);
struct vns_neigh_entry *vns_neigh_find4_rcu(struct vns_neigh *neigh,
					    __be32 addr);
bool vns_neigh_is_vm_rcu(const struct vns_network *network,
			 struct vns_neigh_entry *entry);
void vns_neigh_learn_rcu(struct vns_port *port, const struct in6_addr *addr,
			 u64 mac, bool claimed);
void vns_neigh_flush_port(struct vns_port *port, bool last);
void vns_neigh_flush(struct vns_network *network);

/* neigh_watch.c */
void vns_neigh_watch_vm(struct vns_port *port, const struct sk_buff *skb,
			const struct vns_parse *parse, bool packets);
void vns_neigh_watch_outside(struct vns_network *network,
			     const struct sk_buff *skb,
			     const struct vns_parse *parse,
			     const u8 *uplink_mac);
void vns_neigh_warn_host(struct vns_port *port, const struct sk_buff *skb,
			 const struct in6_addr *addr);

#endif /* _VNETSHARE_NEIGH_H */
