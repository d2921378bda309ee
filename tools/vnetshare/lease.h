/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses and names of the VMs of a network: from leases of dnsmasq, and from
 * the host's neighbour tables or, in mode bridged, from the kernel module.
 */
#ifndef VNS_LEASE_H
#define VNS_LEASE_H

#include "genl.h"
#include "output.h"

/**
 * struct vns_lease - a line of dnsmasq's lease file
 * @expires: when the lease ends, in seconds since 1970; 0: never
 * @mac: of the VM, as text
 * @address: of the VM
 * @name: of the VM; empty: none
 */
struct vns_lease {
	long long expires;
	char mac[64];
	struct vns_ip address;
	char name[256];
};

/**
 * struct vns_neighbour - an entry of the host's neighbour tables, or an address
 *	that the kernel module has seen
 * @ip: the address
 * @mac: of the machine with @ip
 * @port_id: number of the port where @ip was seen, 0: not known
 * @age: seconds since @ip was seen there
 */
struct vns_neighbour {
	struct vns_ip ip;
	uint8_t mac[6];
	uint32_t port_id;
	uint32_t age;
};

/**
 * struct vns_known - addresses and names of the VMs of a network
 * @network: ifindex of the network
 * @leases: of struct vns_lease
 * @neighbours: of struct vns_neighbour
 */
struct vns_known {
	uint32_t network;
	struct vns_array leases;
	struct vns_array neighbours;
};

/* lease.c */
void vns_lease_read(const struct vns_ctx *ctx, const char *network,
		    struct vns_array *leases);
const struct vns_lease *vns_lease_of_mac(const struct vns_array *leases,
					 const uint8_t mac[6]);
const struct vns_lease *vns_lease_of_name(const struct vns_array *leases,
					  const char *name);
struct json_object *vns_lease_describe(const struct vns_lease *lease,
				       const char *network);

/* known.c */
int vns_known_read(struct vns_ctx *ctx, const struct vns_network *network,
		   struct vns_known *known);
void vns_known_free(struct vns_known *known);
const char *vns_known_name(const struct vns_known *known,
			   const struct vns_ip *ip);
void vns_known_ips(const struct vns_known *known, const uint8_t mac[6],
		   struct vns_ips *ips);

#endif /* VNS_LEASE_H */
