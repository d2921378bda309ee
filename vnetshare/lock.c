// SPDX-License-Identifier: GPL-2.0
/*
 * Locked ports: which IP addresses the VM may use. Those that the administrator
 * set, the one that the host's own DHCP server gave, and IPv6 addresses, which
 * VMs choose themselves and ask for, if no other port has them (first come,
 * first served: RFC 6620). Both are noted for ports that may be locked later, too.
 */
#include <linux/etherdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "addr.h"
#include "bridge.h"
#include "fdb.h"
#include "lock.h"
#include "mode.h"
#include "network.h"
#include "parse.h"
#include "port.h"

/* A claim that was not used for so long may go to another address. */
#define VNS_LOCK_CLAIM_TIME	(3600 * HZ)

static void vns_lock_replace(struct vns_port *port, struct vns_lock *lock)
{
	struct vns_lock *old;

	lockdep_assert_held(&port->lock_lock);
	old = rcu_replace_pointer(port->lock, lock,
				  lockdep_is_held(&port->lock_lock));
	vns_port_bump(port);
	if (old)
		kfree_rcu(old, rcu);
}

/* A copy, to be changed; NULL: the port is going, or no memory. */
static struct vns_lock *vns_lock_copy(const struct vns_port *port)
{
	const struct vns_lock *old;

	lockdep_assert_held(&port->lock_lock);
	old = rcu_dereference_protected(port->lock,
					lockdep_is_held(&port->lock_lock));
	return old ? kmemdup(old, sizeof(*old), GFP_ATOMIC | __GFP_NOWARN) :
		     NULL;
}

/* Did the port learn an address? */
static bool vns_lock_learned_is(const struct vns_port *port,
				const struct in6_addr *addr)
{
	const struct vns_lock *lock;
	bool found = false;
	int i;

	rcu_read_lock();
	lock = rcu_dereference(port->lock);
	if (lock && ipv6_addr_v4mapped(addr))
		found = lock->lease == addr->s6_addr32[3];
	for (i = 0; lock && i < lock->n_claims; i++)
		found |= ipv6_addr_equal(&lock->claims[i].addr, addr);
	rcu_read_unlock();
	return found;
}

static void vns_lock_drop(struct vns_lock *lock, const struct in6_addr *addr)
{
	int i;

	if (ipv6_addr_v4mapped(addr)) {
		if (lock->lease == addr->s6_addr32[3])
			lock->lease = 0;
		return;
	}
	for (i = 0; i < lock->n_claims; i++)
		if (ipv6_addr_equal(&lock->claims[i].addr, addr))
			lock->claims[i] = lock->claims[--lock->n_claims];
}

/* An address has one holder: no other port learned it. */
static void vns_lock_take(const struct vns_port *port,
			  const struct in6_addr *addr)
{
	struct vns_port *other;
	struct vns_lock *lock;

	lockdep_assert_held(&port->network->claims_lock);
	list_for_each_entry_rcu(other, &port->network->ports, list,
				lockdep_rtnl_is_held()) {
		if (other == port || !vns_lock_learned_is(other, addr))
			continue;
		spin_lock(&other->lock_lock);
		lock = vns_lock_copy(other);
		if (lock) {
			vns_lock_drop(lock, addr);
			vns_lock_replace(other, lock);
		}
		spin_unlock(&other->lock_lock);
	}
}

/**
 * vns_lock_set() - have a port's addresses as its settings say
 * @port: the port, with the settings
 *
 * What was learned stays. No other port has the configured addresses any more.
 *
 * Context: rtnl.
 * Return: 0 or -ENOMEM, nothing having changed.
 */
int vns_lock_set(struct vns_port *port)
{
	const struct vns_port_settings *set = &port->set;
	const struct vns_lock *old;
	struct vns_lock *lock;
	int i;

	ASSERT_RTNL();
	lock = kzalloc(sizeof(*lock), GFP_KERNEL);
	if (!lock)
		return -ENOMEM;

	spin_lock_bh(&port->network->claims_lock);
	for (i = 0; i < set->n_addresses; i++)
		vns_lock_take(port, &set->addresses[i]);
	spin_lock(&port->lock_lock);
	old = rcu_dereference_protected(port->lock,
					lockdep_is_held(&port->lock_lock));
	if (old)
		memcpy(lock, old, offsetof(struct vns_lock, rcu));
	lock->n_addresses = set->n_addresses;
	memcpy(lock->addresses, set->addresses, sizeof(set->addresses));
	vns_lock_replace(port, lock);
	spin_unlock(&port->lock_lock);
	spin_unlock_bh(&port->network->claims_lock);
	return 0;
}

/**
 * vns_lock_forget() - let others have the IPv6 addresses that a port claimed
 * @port: the port, from which no frame comes at the moment
 *
 * Context: rtnl.
 */
void vns_lock_forget(struct vns_port *port)
{
	struct vns_lock *lock;

	spin_lock_bh(&port->lock_lock);
	lock = vns_lock_copy(port);
	if (lock) {
		lock->n_claims = 0;
		vns_lock_replace(port, lock);
	}
	spin_unlock_bh(&port->lock_lock);
}

/**
 * vns_lock_free() - the end of what a port may use
 * @port: the port; a frame in flight is still fine
 *
 * Context: rtnl.
 */
void vns_lock_free(struct vns_port *port)
{
	spin_lock_bh(&port->lock_lock);
	vns_lock_replace(port, NULL);
	spin_unlock_bh(&port->lock_lock);
}

static bool vns_lock_has(const struct vns_lock *lock,
			 const struct in6_addr *addr)
{
	int i;

	for (i = 0; i < lock->n_addresses; i++)
		if (ipv6_addr_equal(&lock->addresses[i], addr))
			return true;
	return false;
}

/**
 * vns_lock_allows4() - may a port's VM use an IPv4 address
 * @port: the port
 * @addr: the address; 0 for none, which is fine
 *
 * Context: softirq, RCU read side.
 * Return: true if so.
 */
bool vns_lock_allows4(const struct vns_port *port, __be32 addr)
{
	u64 key = READ_ONCE(port->lock_key);
	const struct vns_lock *lock;
	struct in6_addr mapped;

	if (likely(!key) || !addr)
		return true;

	lock = rcu_dereference(port->lock);
	if (!lock)
		return false;
	if (addr == lock->lease && key == lock->lease_key)
		return true;

	ipv6_addr_set_v4mapped(addr, &mapped);
	return vns_lock_has(lock, &mapped);
}

static struct vns_lock_claim *vns_lock_find_claim(struct vns_lock *lock,
						  const struct in6_addr *addr)
{
	int i;

	for (i = 0; i < lock->n_claims; i++)
		if (ipv6_addr_equal(&lock->claims[i].addr, addr))
			return &lock->claims[i];
	return NULL;
}

/* Has another port the address? RCU read side. */
static bool vns_lock_is_taken(const struct vns_port *port,
			      const struct in6_addr *addr)
{
	const struct vns_port *other;
	struct vns_lock *lock;

	list_for_each_entry_rcu(other, &port->network->ports, list) {
		if (other == port)
			continue;
		lock = rcu_dereference(other->lock);
		if (lock && (vns_lock_has(lock, addr) ||
			     vns_lock_find_claim(lock, addr)))
			return true;
	}
	return false;
}

/* Without the host there is no subnet. */
static bool vns_lock_may_claim(const struct vns_network *network,
			       const struct in6_addr *addr)
{
	if (!READ_ONCE(network->mode)->host)
		return !ipv6_addr_is_multicast(addr);
	return vns_addr_source_ok6(network, addr);
}

/*
 * Where a new claim goes: behind the others, or over one that was not used for
 * long (temporary addresses change each day). NULL: there is no room.
 */
static struct vns_lock_claim *vns_lock_claim_slot(struct vns_lock *lock)
{
	int i;

	if (lock->n_claims < VNS_LOCK_CLAIMS_MAX)
		return &lock->claims[lock->n_claims];

	for (i = 0; i < VNS_LOCK_CLAIMS_MAX; i++)
		if (time_after(jiffies, READ_ONCE(lock->claims[i].used) +
					VNS_LOCK_CLAIM_TIME))
			return &lock->claims[i];
	return NULL;
}

static bool vns_lock_add_claim(struct vns_port *port,
			       const struct in6_addr *addr)
{
	struct vns_lock_claim *claim = NULL;
	struct vns_lock *lock;

	spin_lock_bh(&port->lock_lock);
	lock = vns_lock_copy(port);
	if (lock)
		claim = vns_lock_claim_slot(lock);
	if (claim) {
		if (claim == &lock->claims[lock->n_claims])
			lock->n_claims++;
		claim->addr = *addr;
		claim->used = jiffies;
		vns_lock_replace(port, lock);
	} else {
		kfree(lock);
	}
	spin_unlock_bh(&port->lock_lock);
	return claim;
}

/**
 * vns_lock_allows6() - may a port's VM use an IPv6 address
 * @port: the port
 * @addr: the address; all zero for none, which is fine
 *
 * Context: softirq, RCU read side.
 * Return: true if so.
 */
bool vns_lock_allows6(const struct vns_port *port, const struct in6_addr *addr)
{
	struct vns_lock_claim *claim;
	struct vns_lock *lock;

	if (likely(!READ_ONCE(port->lock_key)) || ipv6_addr_any(addr))
		return true;

	lock = rcu_dereference(port->lock);
	if (!lock)
		return false;
	if (vns_lock_has(lock, addr))
		return true;

	claim = vns_lock_find_claim(lock, addr);
	if (claim && time_after(jiffies, READ_ONCE(claim->used) + HZ))
		WRITE_ONCE(claim->used, jiffies);
	return claim;
}

/**
 * vns_lock_claim6() - a port's VM asks whether an IPv6 address is free
 * @port: the port
 * @addr: the address
 *
 * If no other port has it, it becomes this one's.
 *
 * Context: softirq, RCU read side.
 * Return: true if it is this port's, or the port is not locked.
 */
bool vns_lock_claim6(struct vns_port *port, const struct in6_addr *addr)
{
	struct vns_lock *lock = rcu_dereference(port->lock);
	bool claimed;

	if (lock && (vns_lock_has(lock, addr) ||
		     vns_lock_find_claim(lock, addr)))
		return true;

	spin_lock_bh(&port->network->claims_lock);
	/* another CPU may have been faster */
	lock = rcu_dereference(port->lock);
	claimed = lock && (vns_lock_find_claim(lock, addr) ||
			   (vns_lock_claim_slot(lock) &&
			    vns_lock_may_claim(port->network, addr) &&
			    !vns_lock_is_taken(port, addr) &&
			    vns_lock_add_claim(port, addr)));
	spin_unlock_bh(&port->network->claims_lock);
	return claimed || !READ_ONCE(port->lock_key);
}

/**
 * vns_lock_learned() - what a locked port learned
 * @port: the port
 * @addresses: set to the addresses, at most VNS_LOCK_LEARNED_MAX
 *
 * Context: rtnl.
 * Return: how many, none for a port that is not locked.
 */
int vns_lock_learned(const struct vns_port *port, struct in6_addr *addresses)
{
	const struct vns_lock *lock;
	int i, n = 0;

	if (!port->set.lock)
		return 0;

	rcu_read_lock();
	lock = rcu_dereference(port->lock);
	if (lock) {
		if (lock->lease && lock->lease_key == port->lock_key)
			ipv6_addr_set_v4mapped(lock->lease, &addresses[n++]);
		for (i = 0; i < lock->n_claims; i++)
			addresses[n++] = lock->claims[i].addr;
	}
	rcu_read_unlock();
	return n;
}

static void vns_lock_learn_lease(struct vns_port *port, const u8 *mac,
				 __be32 addr)
{
	struct in6_addr mapped;
	struct vns_lock *lock;

	ipv6_addr_set_v4mapped(addr, &mapped);
	spin_lock_bh(&port->network->claims_lock);
	vns_lock_take(port, &mapped);
	spin_lock(&port->lock_lock);
	lock = vns_lock_copy(port);
	if (lock) {
		lock->lease = addr;
		lock->lease_key = vns_fdb_key(mac);
		vns_lock_replace(port, lock);
	}
	spin_unlock(&port->lock_lock);
	spin_unlock_bh(&port->network->claims_lock);
}

/**
 * vns_lock_note_request() - a VM asks a DHCP server
 * @port: the port
 * @xid: of the request; one answer to that is believed
 *
 * Context: softirq or BH disabled.
 */
void vns_lock_note_request(struct vns_port *port, __be32 xid)
{
	WRITE_ONCE(port->dhcp_xid, xid);
	WRITE_ONCE(port->dhcp_asked, true);
}

/* Is it the answer that a VM waits for? Only one is. */
static bool vns_lock_take_answer(struct vns_port *port, __be32 xid)
{
	return READ_ONCE(port->dhcp_xid) == xid &&
	       xchg(&port->dhcp_asked, false);
}

/**
 * vns_lock_lose() - somebody outside has an IPv6 address
 * @network: a bridged network
 * @addr: the address, which no VM may have claimed
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_lock_lose(struct vns_network *network, const struct in6_addr *addr)
{
	const struct vns_bridge *bridge = rcu_dereference(network->bridge);
	const struct vns_port *port;

	if (!bridge)
		return;

	list_for_each_entry_rcu(port, &network->ports, list) {
		if (!vns_lock_learned_is(port, addr))
			continue;
		spin_lock_bh(&network->claims_lock);
		vns_lock_take(&bridge->port, addr);
		spin_unlock_bh(&network->claims_lock);
		return;
	}
}

/**
 * vns_lock_snoop() - look whether a VM is given an address by DHCP
 * @network: the network
 * @skb: a frame of the link that a DHCP server is on, skb->data behind the MAC
 *	header
 * @parse: what is in it
 *
 * Context: BH disabled, RCU read side.
 */
void vns_lock_snoop(struct vns_network *network, const struct sk_buff *skb,
		    const struct vns_parse *parse)
{
	const struct vns_parse_dhcp *dhcp;
	struct vns_parse_dhcp buffer;
	struct vns_port *port;

	/* no tag is looked behind */
	if (parse->kind != VNS_PARSE_DHCP_TO_CLIENT || parse->network)
		return;
	if (vns_parse_dhcp_type(skb, parse) != VNS_PARSE_DHCP_ACK)
		return;
	dhcp = vns_parse_find_dhcp(skb, parse, &buffer);
	if (!dhcp || !dhcp->yiaddr)
		return;

	port = vns_fdb_find_rcu(&network->fdb, dhcp->chaddr);
	if (port && port->id && vns_lock_take_answer(port, dhcp->xid))
		vns_lock_learn_lease(port, dhcp->chaddr, dhcp->yiaddr);
}

/**
 * vns_lock_snoop_host() - look whether the host's DHCP server gives an address
 * @network: the network
 * @skb: a frame that the host sends, skb->data behind the MAC header
 *
 * Context: BH disabled, RCU read side.
 */
void vns_lock_snoop_host(struct vns_network *network,
			 const struct sk_buff *skb)
{
	struct vns_parse parse;

	/* a routed frame has come in by a device: only the host's server counts */
	if (skb->skb_iif || skb->protocol != htons(ETH_P_IP))
		return;

	vns_parse(skb, &parse);
	vns_lock_snoop(network, skb, &parse);
}
