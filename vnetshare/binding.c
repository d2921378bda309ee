// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings: the IP addresses that the VM on a locked port may use. These are
 * the configured addresses, the DHCP lease, and the IPv6 addresses that the VM
 * was the first to claim by duplicate address detection (RFC 6620). Leases and
 * claims are recorded for unlocked ports, too, which may be locked later.
 */
#include <linux/etherdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "addr.h"
#include "binding.h"
#include "bridge.h"
#include "fdb.h"
#include "mode.h"
#include "network.h"
#include "parse.h"
#include "port.h"

/* A claim that was unused for this time may be replaced. */
#define VNS_BINDING_CLAIM_TIME	(3600 * HZ)

static void vns_binding_replace(struct vns_port *port,
				struct vns_binding *binding)
{
	struct vns_binding *old;

	lockdep_assert_held(&port->binding_lock);
	old = rcu_replace_pointer(port->binding, binding,
				  lockdep_is_held(&port->binding_lock));
	vns_port_bump(port);
	if (old)
		kfree_rcu(old, rcu);
}

/* Copy a binding to change it; NULL if the port is removed, or no memory. */
static struct vns_binding *vns_binding_copy(const struct vns_port *port)
{
	const struct vns_binding *old;

	lockdep_assert_held(&port->binding_lock);
	old = rcu_dereference_protected(port->binding,
					lockdep_is_held(&port->binding_lock));
	return old ? kmemdup(old, sizeof(*old), GFP_ATOMIC | __GFP_NOWARN) :
		     NULL;
}

/* Is an address the port's lease, or claimed by it? */
static bool vns_binding_learned_is(const struct vns_port *port,
				   const struct in6_addr *addr)
{
	const struct vns_binding *binding;
	bool found = false;
	int i;

	rcu_read_lock();
	binding = rcu_dereference(port->binding);
	if (binding && ipv6_addr_v4mapped(addr))
		found = binding->lease == addr->s6_addr32[3];
	for (i = 0; binding && i < binding->n_claims; i++)
		found |= ipv6_addr_equal(&binding->claims[i].addr, addr);
	rcu_read_unlock();
	return found;
}

static void vns_binding_drop(struct vns_binding *binding,
			     const struct in6_addr *addr)
{
	int i;

	if (ipv6_addr_v4mapped(addr)) {
		if (binding->lease == addr->s6_addr32[3])
			binding->lease = 0;
		return;
	}
	for (i = 0; i < binding->n_claims; i++)
		if (ipv6_addr_equal(&binding->claims[i].addr, addr))
			binding->claims[i] =
				binding->claims[--binding->n_claims];
}

/* Remove an address from the leases and claims of all other ports. */
static void vns_binding_take(const struct vns_port *port,
			     const struct in6_addr *addr)
{
	struct vns_port *other;
	struct vns_binding *binding;

	lockdep_assert_held(&port->network->claims_lock);
	list_for_each_entry_rcu(other, &port->network->ports, list,
				lockdep_rtnl_is_held()) {
		if (other == port || !vns_binding_learned_is(other, addr))
			continue;
		spin_lock(&other->binding_lock);
		binding = vns_binding_copy(other);
		if (binding) {
			vns_binding_drop(binding, addr);
			vns_binding_replace(other, binding);
		}
		spin_unlock(&other->binding_lock);
	}
}

/*
 * Apply the addresses of port->set: other ports lose them, lease and claims of
 * the port stay. Context: rtnl. Returns 0, or -ENOMEM with nothing changed.
 */
int vns_binding_set(struct vns_port *port)
{
	const struct vns_port_settings *set = &port->set;
	const struct vns_binding *old;
	struct vns_binding *binding;
	int i;

	ASSERT_RTNL();
	binding = kzalloc(sizeof(*binding), GFP_KERNEL);
	if (!binding)
		return -ENOMEM;

	spin_lock_bh(&port->network->claims_lock);
	for (i = 0; i < set->n_addresses; i++)
		vns_binding_take(port, &set->addresses[i]);
	spin_lock(&port->binding_lock);
	old = rcu_dereference_protected(port->binding,
					lockdep_is_held(&port->binding_lock));
	if (old)
		memcpy(binding, old, offsetof(struct vns_binding, rcu));
	binding->n_addresses = set->n_addresses;
	memcpy(binding->addresses, set->addresses, sizeof(set->addresses));
	vns_binding_replace(port, binding);
	spin_unlock(&port->binding_lock);
	spin_unlock_bh(&port->network->claims_lock);
	return 0;
}

/*
 * Delete the claims of a port that receives no frame at the moment. Context:
 * rtnl.
 */
void vns_binding_forget(struct vns_port *port)
{
	struct vns_binding *binding;

	spin_lock_bh(&port->binding_lock);
	binding = vns_binding_copy(port);
	if (binding) {
		binding->n_claims = 0;
		vns_binding_replace(port, binding);
	}
	spin_unlock_bh(&port->binding_lock);
}

/* Frames may still be in flight. Context: rtnl. */
void vns_binding_free(struct vns_port *port)
{
	spin_lock_bh(&port->binding_lock);
	vns_binding_replace(port, NULL);
	spin_unlock_bh(&port->binding_lock);
}

static bool vns_binding_has(const struct vns_binding *binding,
			    const struct in6_addr *addr)
{
	int i;

	for (i = 0; i < binding->n_addresses; i++)
		if (ipv6_addr_equal(&binding->addresses[i], addr))
			return true;
	return false;
}

/* @addr may be 0 (none). Context: softirq, RCU read side. */
bool vns_binding_allows4(const struct vns_port *port, __be32 addr)
{
	u64 key = READ_ONCE(port->bound_key);
	const struct vns_binding *binding;
	struct in6_addr mapped;

	if (likely(!key) || !addr)
		return true;

	binding = rcu_dereference(port->binding);
	if (!binding)
		return false;
	if (addr == binding->lease && key == binding->lease_key)
		return true;

	ipv6_addr_set_v4mapped(addr, &mapped);
	return vns_binding_has(binding, &mapped);
}

static struct vns_binding_claim *
vns_binding_find_claim(struct vns_binding *binding, const struct in6_addr *addr)
{
	int i;

	for (i = 0; i < binding->n_claims; i++)
		if (ipv6_addr_equal(&binding->claims[i].addr, addr))
			return &binding->claims[i];
	return NULL;
}

/* Does another port have the address? RCU read side. */
static bool vns_binding_is_taken(const struct vns_port *port,
				 const struct in6_addr *addr)
{
	const struct vns_port *other;
	struct vns_binding *binding;

	list_for_each_entry_rcu(other, &port->network->ports, list) {
		if (other == port)
			continue;
		binding = rcu_dereference(other->binding);
		if (binding && (vns_binding_has(binding, addr) ||
				vns_binding_find_claim(binding, addr)))
			return true;
	}
	return false;
}

/* A network that the host is not on has no subnet to check. */
static bool vns_binding_may_claim(const struct vns_network *network,
				  const struct in6_addr *addr)
{
	if (!READ_ONCE(network->mode)->host)
		return !ipv6_addr_is_multicast(addr);
	return vns_addr_source_ok6(network, addr);
}

/*
 * Slot for a new claim: a free one, or one that was unused for long (temporary
 * addresses change each day). NULL if there is none.
 */
static struct vns_binding_claim *
vns_binding_claim_slot(struct vns_binding *binding)
{
	int i;

	if (binding->n_claims < VNS_BINDING_CLAIMS_MAX)
		return &binding->claims[binding->n_claims];

	for (i = 0; i < VNS_BINDING_CLAIMS_MAX; i++)
		if (time_after(jiffies, READ_ONCE(binding->claims[i].used) +
					VNS_BINDING_CLAIM_TIME))
			return &binding->claims[i];
	return NULL;
}

static bool vns_binding_add_claim(struct vns_port *port,
				  const struct in6_addr *addr)
{
	struct vns_binding_claim *claim = NULL;
	struct vns_binding *binding;

	spin_lock_bh(&port->binding_lock);
	binding = vns_binding_copy(port);
	if (binding)
		claim = vns_binding_claim_slot(binding);
	if (claim) {
		if (claim == &binding->claims[binding->n_claims])
			binding->n_claims++;
		claim->addr = *addr;
		claim->used = jiffies;
		vns_binding_replace(port, binding);
	} else {
		kfree(binding);
	}
	spin_unlock_bh(&port->binding_lock);
	return claim;
}

/* @addr may be :: (none). Context: softirq, RCU read side. */
bool vns_binding_allows6(const struct vns_port *port,
			 const struct in6_addr *addr)
{
	struct vns_binding_claim *claim;
	struct vns_binding *binding;

	if (likely(!READ_ONCE(port->bound_key)) || ipv6_addr_any(addr))
		return true;

	binding = rcu_dereference(port->binding);
	if (!binding)
		return false;
	if (vns_binding_has(binding, addr))
		return true;

	claim = vns_binding_find_claim(binding, addr);
	if (claim && time_after(jiffies, READ_ONCE(claim->used) + HZ))
		WRITE_ONCE(claim->used, jiffies);
	return claim;
}

/*
 * The port's VM asks whether an IPv6 address is free: bind it to the port, if
 * no other port has it. Returns true if the VM may use the address, or the port
 * is not locked. Context: softirq, RCU read side.
 */
bool vns_binding_claim6(struct vns_port *port, const struct in6_addr *addr)
{
	struct vns_binding *binding = rcu_dereference(port->binding);
	bool claimed;

	if (binding && (vns_binding_has(binding, addr) ||
			vns_binding_find_claim(binding, addr)))
		return true;

	spin_lock_bh(&port->network->claims_lock);
	/* another CPU may have added the claim */
	binding = rcu_dereference(port->binding);
	claimed = binding && (vns_binding_find_claim(binding, addr) ||
			   (vns_binding_claim_slot(binding) &&
			    vns_binding_may_claim(port->network, addr) &&
			    !vns_binding_is_taken(port, addr) &&
			    vns_binding_add_claim(port, addr)));
	spin_unlock_bh(&port->network->claims_lock);
	return claimed || !READ_ONCE(port->bound_key);
}

/**
 * vns_binding_learned() - list the lease and the claims of a locked port
 * @port: the port to list
 * @addresses: room for VNS_BINDING_LEARNED_MAX
 *
 * Context: rtnl.
 * Return: number of addresses; 0 if the port is not locked.
 */
int vns_binding_learned(const struct vns_port *port, struct in6_addr *addresses)
{
	const struct vns_binding *binding;
	int i, n = 0;

	if (!port->set.lock)
		return 0;

	rcu_read_lock();
	binding = rcu_dereference(port->binding);
	if (binding) {
		if (binding->lease && binding->lease_key == port->bound_key)
			ipv6_addr_set_v4mapped(binding->lease, &addresses[n++]);
		for (i = 0; i < binding->n_claims; i++)
			addresses[n++] = binding->claims[i].addr;
	}
	rcu_read_unlock();
	return n;
}

static void vns_binding_learn_lease(struct vns_port *port, const u8 *mac,
				    __be32 addr)
{
	struct in6_addr mapped;
	struct vns_binding *binding;

	ipv6_addr_set_v4mapped(addr, &mapped);
	spin_lock_bh(&port->network->claims_lock);
	vns_binding_take(port, &mapped);
	spin_lock(&port->binding_lock);
	binding = vns_binding_copy(port);
	if (binding) {
		binding->lease = addr;
		binding->lease_key = vns_fdb_key(mac);
		vns_binding_replace(port, binding);
	}
	spin_unlock(&port->binding_lock);
	spin_unlock_bh(&port->network->claims_lock);
}

/*
 * The port's VM sent a DHCP request: accept one answer to it. Context: softirq
 * or BH disabled.
 */
void vns_binding_note_request(struct vns_port *port, __be32 xid)
{
	WRITE_ONCE(port->dhcp_xid, xid);
	WRITE_ONCE(port->dhcp_asked, true);
}

/* Is it the first answer to the VM's last request? */
static bool vns_binding_take_answer(struct vns_port *port, __be32 xid)
{
	return READ_ONCE(port->dhcp_xid) == xid &&
	       xchg(&port->dhcp_asked, false);
}

/*
 * A machine outside a bridged network has an IPv6 address: remove it from the
 * claims of all ports. Context: softirq or BH disabled, RCU read side.
 */
void vns_binding_lose(struct vns_network *network, const struct in6_addr *addr)
{
	const struct vns_bridge *bridge = rcu_dereference(network->bridge);
	const struct vns_port *port;

	if (!bridge)
		return;

	list_for_each_entry_rcu(port, &network->ports, list) {
		if (!vns_binding_learned_is(port, addr))
			continue;
		spin_lock_bh(&network->claims_lock);
		vns_binding_take(&bridge->port, addr);
		spin_unlock_bh(&network->claims_lock);
		return;
	}
}

/**
 * vns_binding_snoop() - learn a VM's lease from a DHCPACK
 * @network: the VMs' network
 * @skb: a frame from the DHCP server's side, skb->data behind the MAC header
 * @parse: its parsed headers
 *
 * Context: BH disabled, RCU read side.
 */
void vns_binding_snoop(struct vns_network *network, const struct sk_buff *skb,
		       const struct vns_parse *parse)
{
	const struct vns_parse_dhcp *dhcp;
	struct vns_parse_dhcp buffer;
	struct vns_port *port;

	/* tagged frames are ignored */
	if (parse->kind != VNS_PARSE_DHCP_TO_CLIENT || parse->network)
		return;
	if (vns_parse_dhcp_type(skb, parse) != VNS_PARSE_DHCP_ACK)
		return;
	dhcp = vns_parse_find_dhcp(skb, parse, &buffer);
	if (!dhcp || !dhcp->yiaddr)
		return;

	port = vns_fdb_find_rcu(&network->fdb, dhcp->chaddr);
	if (port && !vns_port_is_uplink(port) &&
	    vns_binding_take_answer(port, dhcp->xid))
		vns_binding_learn_lease(port, dhcp->chaddr, dhcp->yiaddr);
}

/*
 * Learn a VM's lease from a frame that the host sends, skb->data behind the MAC
 * header. Context: BH disabled, RCU read side.
 */
void vns_binding_snoop_host(struct vns_network *network,
			    const struct sk_buff *skb)
{
	struct vns_parse parse;

	/* skb_iif is set on routed packets: not from the host's DHCP server */
	if (skb->skb_iif || skb->protocol != htons(ETH_P_IP))
		return;

	vns_parse(skb, &parse);
	vns_binding_snoop(network, skb, &parse);
}
