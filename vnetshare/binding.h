/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_BINDING_H
#define _VNETSHARE_BINDING_H

#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct sk_buff;
struct vns_network;
struct vns_parse;
struct vns_port;

/* IP addresses of a locked port: configured ones, and claimed IPv6 ones. */
#define VNS_BINDING_ADDRESSES_MAX	16
#define VNS_BINDING_CLAIMS_MAX	16
#define VNS_BINDING_LEARNED_MAX	(1 + VNS_BINDING_CLAIMS_MAX)

/**
 * struct vns_binding_claim - IPv6 address that the port was first to claim
 * @addr: the address
 * @used: jiffies of its last use by a locked port, kept to a second
 */
struct vns_binding_claim {
	struct in6_addr addr;
	unsigned long used;
};

/**
 * struct vns_binding - the IP addresses that a port may use while it is locked
 * @n_addresses: length of @addresses
 * @n_claims: length of @claims
 * @lease: last IPv4 address that a DHCP server gave to a VM behind the port, 0
 *	for none
 * @lease_key: vns_fdb_key() of that VM
 * @addresses: configured ones, IPv4 as ::ffff:a.b.c.d
 * @claims: IPv6 addresses that no other port has
 * @rcu: defers the freeing past the last reader
 *
 * Replaced by a changed copy, except for &vns_binding_claim.used. Lease and
 * claims are recorded for unlocked ports, too.
 */
struct vns_binding {
	u8 n_addresses;
	u8 n_claims;
	__be32 lease;
	u64 lease_key;
	struct in6_addr addresses[VNS_BINDING_ADDRESSES_MAX];
	struct vns_binding_claim claims[VNS_BINDING_CLAIMS_MAX];
	struct rcu_head rcu;
};

int vns_binding_set(struct vns_port *port);
void vns_binding_forget(struct vns_port *port);
void vns_binding_free(struct vns_port *port);
bool vns_binding_allows4(const struct vns_port *port, __be32 addr);
bool vns_binding_allows6(const struct vns_port *port,
			 const struct in6_addr *addr);
bool vns_binding_claim6(struct vns_port *port, const struct in6_addr *addr);
int vns_binding_learned(const struct vns_port *port,
			struct in6_addr *addresses);
void vns_binding_note_request(struct vns_port *port, __be32 xid);
void vns_binding_lose(struct vns_network *network, const struct in6_addr *addr);
void vns_binding_snoop(struct vns_network *network, const struct sk_buff *skb,
		       const struct vns_parse *parse);
void vns_binding_snoop_host(struct vns_network *network,
			    const struct sk_buff *skb);

#endif /* _VNETSHARE_BINDING_H */
