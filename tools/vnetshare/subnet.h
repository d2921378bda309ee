/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Subnets of networks, IPv4 and IPv6. The kernel module has no subnets: the
 * subnet of a network is that of the first address on its device.
 */
#ifndef VNS_SUBNET_H
#define VNS_SUBNET_H

#include "vnetshare.h"

/* files that survive a reboot */
#define VNS_LIB_DIR		"/var/lib/vnetshare"

/* an address, "/128" and the end */
#define VNS_SUBNET_TEXT		(VNS_IP_TEXT + 4)

/* the prefix length of IPv6 subnets, which SLAAC requires */
#define VNS_SUBNET6_PLEN	64

/* the smallest MTU for IPv6 (RFC 8200) */
#define VNS_SUBNET6_MIN_MTU	1280

/**
 * enum vns_subnet_kind - the wish for a subnet
 * @VNS_SUBNET_AUTO: choose a free subnet
 * @VNS_SUBNET_OFF: no subnet
 * @VNS_SUBNET_CIDR: a given subnet
 * @VNS_SUBNET_KEEP: the current subnet
 */
enum vns_subnet_kind {
	VNS_SUBNET_AUTO,
	VNS_SUBNET_OFF,
	VNS_SUBNET_CIDR,
	VNS_SUBNET_KEEP,
};

/**
 * struct vns_subnet - a subnet and the host's address in it
 * @gateway: the host's address
 * @plen: prefix length, 0: there is no subnet
 */
struct vns_subnet {
	struct vns_ip gateway;
	uint8_t plen;
};

/* subnet.c */
int vns_subnet_parse(const char *key, const char *word, uint8_t family,
		     enum vns_subnet_kind *kind, struct vns_subnet *subnet);
int vns_subnet_of(struct vns_ctx *ctx, uint32_t ifindex, uint8_t family,
		  struct vns_subnet *subnet);
bool vns_subnet_equal(const struct vns_subnet *a, const struct vns_subnet *b);
bool vns_subnet_holds(const struct vns_subnet *subnet,
		      const struct vns_ip *ip);
void vns_subnet_format(const struct vns_subnet *subnet, char *text);

/**
 * enum vns_taken_user - the user of a range of addresses
 * @VNS_TAKEN_ADDRESS: an address of a device
 * @VNS_TAKEN_ROUTE: a route
 * @VNS_TAKEN_NAMESERVER: a name server of the host
 */
enum vns_taken_user {
	VNS_TAKEN_ADDRESS,
	VNS_TAKEN_ROUTE,
	VNS_TAKEN_NAMESERVER,
};

/**
 * struct vns_taken - a range of addresses that is in use
 * @ip: an address of the range
 * @plen: prefix length of the range
 * @user: the user of the range
 * @ifindex: of the device concerned, 0: none
 * @table: routing table of a route
 */
struct vns_taken {
	struct vns_ip ip;
	uint8_t plen;
	enum vns_taken_user user;
	uint32_t ifindex;
	uint32_t table;
};

/* taken.c */
int vns_taken_collect(struct vns_ctx *ctx, uint32_t ifindex,
		      struct vns_array *taken);
const struct vns_taken *vns_taken_find(const struct vns_array *taken,
				       const struct vns_subnet *subnet);
void vns_taken_report(const struct vns_taken *taken,
		      const struct vns_subnet *subnet);

/* subnet_choose.c */
int vns_subnet_choose(struct vns_ctx *ctx, const char *name, uint32_t ifindex,
		      struct vns_subnet *subnet);
int vns_subnet_check(struct vns_ctx *ctx, const struct vns_subnet *subnet,
		     uint32_t ifindex);
int vns_subnet_is_taken(struct vns_ctx *ctx, const struct vns_subnet *subnet,
			uint32_t ifindex, bool *taken);

/* ula.c */
const char *vns_ula_obstacle(const char *name, uint32_t mtu);
int vns_ula_choose(struct vns_ctx *ctx, const char *name, uint32_t ifindex,
		   struct vns_subnet *subnet);

#endif /* VNS_SUBNET_H */
