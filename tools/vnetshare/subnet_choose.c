// SPDX-License-Identifier: GPL-2.0
/*
 * Choosing a private IPv4 subnet that the host does not use, and checking one
 * that the user gives.
 */
#include <arpa/inet.h>

#include "seed.h"
#include "subnet.h"

#define VNS_SUBNET_AUTO_PLEN		24

/**
 * struct vns_subnet_pool - private addresses to choose from
 * @base: first address, host byte order
 * @count: number of subnets of VNS_SUBNET_AUTO_PLEN, a power of two
 */
struct vns_subnet_pool {
	uint32_t base;
	uint32_t count;
};

static const struct vns_subnet_pool vns_subnet_pools[] = {
	{ .base = 0x0a000000, .count = 65536 },	/* 10.0.0.0/8 */
	{ .base = 0xac100000, .count = 4096 },	/* 172.16.0.0/12 */
	{ .base = 0xc0a80000, .count = 256 },	/* 192.168.0.0/16 */
};

/*
 * Where the search begins. It differs between machines, so that their networks
 * rarely overlap if they meet in a VPN, but not between runs on one machine.
 */
static uint32_t vns_subnet_seed(const char *name)
{
	uint64_t seed;

	vns_seed_machine(&seed);
	return vns_seed_add(seed, name);
}

/**
 * vns_subnet_choose - find a private IPv4 /24 that the host does not use
 * @name: the network's name; a name gets the same subnet each time, if it is free
 * @ifindex: the network's device, whose addresses are ignored; 0: none yet
 * @subnet: set; the gateway is the first address
 */
int vns_subnet_choose(struct vns_ctx *ctx, const char *name, uint32_t ifindex,
		      struct vns_subnet *subnet)
{
	const uint32_t size = 1U << (32 - VNS_SUBNET_AUTO_PLEN);
	uint32_t seed = vns_subnet_seed(name);
	const struct vns_subnet_pool *pool;
	struct vns_array taken = { };
	uint32_t i, gateway;
	int ret = VNS_FAIL;
	size_t p;

	if (vns_taken_collect(ctx, ifindex, &taken))
		goto out;
	subnet->plen = VNS_SUBNET_AUTO_PLEN;
	for (p = 0; p < VNS_ARRAY_SIZE(vns_subnet_pools); p++) {
		pool = &vns_subnet_pools[p];
		for (i = 0; i < pool->count; i++) {
			/* an odd step reaches every subnet once */
			gateway = (seed + i * 40503) % pool->count;
			gateway = htonl(pool->base + gateway * size + 1);
			vns_ip_read(&subnet->gateway, &gateway,
				    sizeof(gateway));
			if (vns_taken_find(&taken, subnet))
				continue;
			ret = VNS_OK;
			goto out;
		}
	}
	vns_error("no private subnet is free: the host's routes and addresses cover them all");
	vns_hint("choose one with \"subnet CIDR\"");
out:
	vns_array_free(&taken);
	return ret;
}

/**
 * vns_subnet_check - refuse a subnet that overlaps one in use on the host
 * @ifindex: the network's device, whose addresses are ignored; 0: none yet
 */
int vns_subnet_check(struct vns_ctx *ctx, const struct vns_subnet *subnet,
		     uint32_t ifindex)
{
	const struct vns_taken *conflict = NULL;
	struct vns_array taken = { };
	int ret;

	ret = vns_taken_collect(ctx, ifindex, &taken);
	if (!ret)
		conflict = vns_taken_find(&taken, subnet);
	if (conflict) {
		vns_taken_report(conflict, subnet);
		ret = VNS_FAIL;
	}
	vns_array_free(&taken);
	return ret;
}

/**
 * vns_subnet_is_taken - does the subnet overlap one in use on the host?
 * @ifindex: the network's device, whose addresses are ignored
 */
int vns_subnet_is_taken(struct vns_ctx *ctx, const struct vns_subnet *subnet,
			uint32_t ifindex, bool *taken)
{
	struct vns_array list = { };
	int ret;

	ret = vns_taken_collect(ctx, ifindex, &list);
	*taken = !ret && vns_taken_find(&list, subnet);
	vns_array_free(&list);
	return ret;
}
