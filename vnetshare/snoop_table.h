/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_SNOOP_TABLE_H
#define _VNETSHARE_SNOOP_TABLE_H

#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct vns_network;
struct vns_port;

/* Bounds on what frames can make the table grow to. */
#define VNS_SNOOP_PORT_MAX	256
#define VNS_SNOOP_NETWORK_MAX	16384
/* Each port may have that many all the same: a few ports cannot starve others. */
#define VNS_SNOOP_PORT_MIN	16

/* An address is kept for so many times the ageing time of MAC addresses. */
#define VNS_SNOOP_AGEING_FACTOR	4

/**
 * struct vns_snoop_entry - an IP address that a VM of a bridged network has
 * @node: in &vns_snoop_table.table; RCU for readers, &vns_snoop_table.lock for
 *	writers
 * @addr: the address, IPv4 as ::ffff:a.b.c.d
 * @mac: vns_fdb_key() of the VM's Ethernet address; changed under
 *	&vns_snoop_table.lock, read with READ_ONCE()
 * @port: the VM's port; RCU for readers, changed under &vns_snoop_table.lock
 * @used: jiffies of the last frame from the address, kept to a second
 * @checked: jiffies of when it was last found not to be the host's
 * @warned: jiffies of the last conflict that was announced, 0 for none
 * @id: higher than that of any older entry, so that &vns_port.snoop is in
 *	falling order and a dump finds its place again
 * @port_node: in &vns_port.snoop, guarded by &vns_snoop_table.lock
 * @rcu: defers the freeing past the last reader
 */
struct vns_snoop_entry {
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
 * struct vns_snoop_table - the IP addresses of a bridged network's VMs
 * @table: &struct vns_snoop_entry by address
 * @lock: serialises every change, also of &vns_port.snoop, &vns_port.n_snoop
 *	and &vns_port.snoop_dead
 * @count: entries in @table, guarded by @lock
 * @last_id: the newest entry's number, guarded by @lock
 * @gc: removes entries not used for long; armed while there are entries
 */
struct vns_snoop_table {
	struct rhashtable table;
	spinlock_t lock; /* every change, see above */
	u32 count;
	unsigned long last_id;
	struct delayed_work gc;
};

int vns_snoop_table_init(struct vns_snoop_table *table);
void vns_snoop_table_destroy(struct vns_snoop_table *table);
struct vns_snoop_entry *vns_snoop_table_find_rcu(struct vns_snoop_table *table,
						 const struct in6_addr *addr);
struct vns_snoop_entry *vns_snoop_table_find4_rcu(struct vns_snoop_table *table,
						  __be32 addr);
bool vns_snoop_table_is_vm_rcu(const struct vns_network *network,
			       struct vns_snoop_entry *entry);
void vns_snoop_table_learn_rcu(struct vns_port *port,
			       const struct in6_addr *addr, u64 mac,
			       bool claimed);
void vns_snoop_table_flush_port(struct vns_port *port, bool last);
void vns_snoop_table_flush(struct vns_network *network);

#endif /* _VNETSHARE_SNOOP_TABLE_H */
