/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 subnets of networks. The kernel module knows none: a network's subnet
 * is the one of the first address on its device.
 */
#ifndef VNS_SUBNET_H
#define VNS_SUBNET_H

#include "vnetshare.h"

/* "10.255.255.255/32" and its end */
#define VNS_SUBNET_TEXT		19

/**
 * enum vns_subnet_kind - what the user wants
 * @VNS_SUBNET_AUTO: choose a free one
 * @VNS_SUBNET_OFF: none
 * @VNS_SUBNET_CIDR: a given one
 */
enum vns_subnet_kind {
	VNS_SUBNET_AUTO,
	VNS_SUBNET_OFF,
	VNS_SUBNET_CIDR,
};

/**
 * struct vns_subnet - a subnet and the host's address in it
 * @gateway: that address
 * @plen: prefix length, 0: there is no subnet
 */
struct vns_subnet {
	struct in_addr gateway;
	uint8_t plen;
};

int vns_subnet_parse(const char *key, const char *word,
		     enum vns_subnet_kind *kind, struct vns_subnet *subnet);
int vns_subnet_choose(struct vns_ctx *ctx, const char *name, uint32_t ifindex,
		      struct vns_subnet *subnet);
int vns_subnet_check(struct vns_ctx *ctx, const struct vns_subnet *subnet,
		     uint32_t ifindex);
int vns_subnet_of(struct vns_ctx *ctx, uint32_t ifindex,
		  struct vns_subnet *subnet);
bool vns_subnet_equal(const struct vns_subnet *a, const struct vns_subnet *b);
bool vns_subnet_holds(const struct vns_subnet *subnet, struct in_addr addr);
void vns_subnet_format(const struct vns_subnet *subnet, char *text);

#endif /* VNS_SUBNET_H */
