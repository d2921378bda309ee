/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Route netlink: devices, addresses, routes.
 */
#ifndef VNS_RTNL_H
#define VNS_RTNL_H

#include "vnetshare.h"

/**
 * struct vns_link - a network device
 * @type: ARPHRD_*
 * @master: ifindex of the device's master, 0: none
 * @lower: ifindex of the device below, 0: none in this namespace
 * @kind: rtnl kind, empty for hardware
 * @mtu: bytes
 * @flags: IFF_*
 */
struct vns_link {
	uint32_t ifindex;
	unsigned int type;
	uint32_t master;
	uint32_t lower;
	char name[IFNAMSIZ];
	char kind[32];
	char alias[256];
	uint8_t mac[6];
	uint32_t mtu;
	unsigned int flags;
};

/**
 * struct vns_addr - an address of a device
 * @ifindex: of the device
 * @local: the address
 * @peer: the address of the other end of a point-to-point link; else @local
 * @plen: prefix length
 * @secondary: another address of the same subnet is the primary one
 * @permanent: configured, not from a router advertisement
 */
struct vns_addr {
	uint32_t ifindex;
	struct vns_ip local;
	struct vns_ip peer;
	uint8_t plen;
	bool secondary;
	bool permanent;
};

/**
 * struct vns_route - a route
 * @dst: destination
 * @plen: prefix length of @dst
 * @type: RTN_*
 * @metric: a lower one is preferred
 * @oif: ifindex of the output device, 0: none
 */
struct vns_route {
	struct vns_ip dst;
	uint8_t plen;
	uint8_t type;
	uint32_t table;
	uint32_t metric;
	uint32_t oif;
};

int vns_rtnl_open(struct vns_ctx *ctx);
int vns_rtnl_dump(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what,
		  mnl_cb_t cb, struct vns_array *out);
int vns_rtnl_link_find(struct vns_ctx *ctx, uint32_t ifindex, const char *name,
		       struct vns_link *link);
int vns_rtnl_links(struct vns_ctx *ctx, struct vns_array *links);
int vns_rtnl_link_up(struct vns_ctx *ctx, uint32_t ifindex, const char *name);
int vns_rtnl_link_alias(struct vns_ctx *ctx, uint32_t ifindex,
			const char *name, const char *alias);
int vns_rtnl_link_del(struct vns_ctx *ctx, uint32_t ifindex, const char *name);
int vns_rtnl_addr_change(struct vns_ctx *ctx, bool add, uint32_t ifindex,
			 const char *name, const struct vns_ip *addr,
			 uint8_t plen);
int vns_rtnl_addrs(struct vns_ctx *ctx, struct vns_array *addrs);
int vns_rtnl_routes(struct vns_ctx *ctx, struct vns_array *routes);
uint32_t vns_rtnl_way_out(struct vns_ctx *ctx, uint8_t family, uint32_t oif);
int vns_rtnl_nsid(struct vns_ctx *ctx, int fd, int32_t *nsid);

#endif /* VNS_RTNL_H */
