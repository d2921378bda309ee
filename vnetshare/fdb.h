/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_FDB_H
#define _VNETSHARE_FDB_H

#include <linux/etherdevice.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/unaligned.h>
#include <linux/workqueue.h>

#include "stats.h"

struct vns_network;
struct vns_port;

/* Bounds on what frames can make the table grow to. */
#define VNS_FDB_PORT_MAX	1024
#define VNS_FDB_NETWORK_MAX	16384
/* What each port may learn even so: a few ports can not starve the others. */
#define VNS_FDB_PORT_MIN	16

/* An address that moves more often within a second is held for a while. */
#define VNS_FDB_MOVES_MAX	4
#define VNS_FDB_HOLD_TIME	(5 * HZ)

/* From the uplink to a port, or back, moves only what was silent for so long. */
#define VNS_FDB_CROSS_TIME	(2 * HZ)
/* Back from a port at once, within that time, and then not again. */
#define VNS_FDB_RECLAIM_TIME	(60 * HZ)

/* Where an address stays for so long is its home. */
#define VNS_FDB_HOME_TIME	(30 * HZ)

#define VNS_FDB_AGEING_DEFAULT	300
#define VNS_FDB_AGEING_MAX	86400

/**
 * struct vns_fdb_entry - where a MAC address lives
 * @node: in &vns_fdb.table; RCU for readers, &vns_fdb.lock for writers
 * @key: the address, see vns_fdb_key()
 * @port: the port; RCU for readers, changed under &vns_fdb.lock
 * @used: jiffies of the last frame from the address, kept to a second
 * @pinned: set by the port's configuration: neither ages nor moves
 * @moves: how often the address moved since @moving, guarded by &vns_fdb.lock
 * @home: number of the port where it last stayed for long, likewise
 * @moving: jiffies of the first move of a series, likewise
 * @since: jiffies when it came to @port, likewise
 * @crossed: jiffies when it came from the uplink to a port, 0 for never,
 *	likewise
 * @held: jiffies until which the address stays where it is, 0 for none,
 *	likewise
 * @id: higher than that of any older entry, so that &vns_port.fdb is in falling
 *	order and a dump finds its place again
 * @port_node: in &vns_port.fdb, guarded by &vns_fdb.lock
 * @rcu: defers the freeing past the last reader
 */
struct vns_fdb_entry {
	struct rhash_head node;
	u64 key;
	struct vns_port __rcu *port;
	unsigned long used;
	bool pinned;

	u8 moves;
	u32 home;
	unsigned long moving;
	unsigned long since;
	unsigned long crossed;
	unsigned long held;

	unsigned long id;
	struct hlist_node port_node;
	struct rcu_head rcu;
};

/**
 * struct vns_fdb - the forwarding database of a network
 * @table: &struct vns_fdb_entry by address
 * @lock: serialises every change, also of &vns_port.fdb and &vns_port.n_fdb
 * @count: entries in @table, guarded by @lock
 * @last_id: the newest entry's number, guarded by @lock
 * @ageing: seconds after which a learned entry that was not used goes
 * @gc: removes such entries; armed while there are entries
 */
struct vns_fdb {
	struct rhashtable table;
	spinlock_t lock; /* every change, see above */
	u32 count;
	unsigned long last_id;
	u32 ageing;
	struct delayed_work gc;
};

/**
 * vns_fdb_key() - a MAC address as one comparable word
 * @addr: 6 bytes, no alignment needed
 *
 * Return: the address in the low 48 bits, in an order of our own.
 */
static inline u64 vns_fdb_key(const u8 *addr)
{
	return get_unaligned((const u32 *)addr) |
	       (u64)get_unaligned((const u16 *)(addr + 4)) << 32;
}

/**
 * vns_fdb_key_to_mac() - the inverse of vns_fdb_key()
 * @key: what vns_fdb_key() made
 * @addr: where the 6 bytes go
 */
static inline void vns_fdb_key_to_mac(u64 key, u8 *addr)
{
	put_unaligned((u32)key, (u32 *)addr);
	put_unaligned((u16)(key >> 32), (u16 *)(addr + 4));
}

int vns_fdb_init(struct vns_fdb *fdb);
void vns_fdb_destroy(struct vns_fdb *fdb);
struct vns_port *vns_fdb_find_rcu(struct vns_fdb *fdb, const u8 *addr);
enum vns_stat vns_fdb_learn_rcu(struct vns_port *port, const u8 *addr);
u32 vns_fdb_collect(struct vns_network *network, u64 *keys, u32 max);
int vns_fdb_pin(struct vns_port *port, const u8 *addr,
		struct netlink_ext_ack *extack);
void vns_fdb_unpin(struct vns_port *port, const u8 *addr);
void vns_fdb_flush_port(struct vns_port *port, bool pinned_too);
void vns_fdb_set_ageing(struct vns_fdb *fdb, u32 seconds);

#endif /* _VNETSHARE_FDB_H */
