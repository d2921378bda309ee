// SPDX-License-Identifier: GPL-2.0
/*
 * Choosing a subnet that nothing on the host uses, and refusing one that
 * something does.
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netns.h"
#include "subnet.h"

/*
 * Routes that cover more than this are ways to everywhere (a default route,
 * the halves of it that VPNs install), not somebody's network.
 */
#define VNS_SUBNET_MIN_ROUTE_PLEN	8

#define VNS_SUBNET_MIN_PLEN		8
#define VNS_SUBNET_MAX_PLEN		30
#define VNS_SUBNET_AUTO_PLEN		24

/**
 * enum vns_subnet_user - what uses a range of addresses
 * @VNS_SUBNET_ADDRESS: an address of a device
 * @VNS_SUBNET_ROUTE: a route
 * @VNS_SUBNET_NAMESERVER: the host asks a name server there
 */
enum vns_subnet_user {
	VNS_SUBNET_ADDRESS,
	VNS_SUBNET_ROUTE,
	VNS_SUBNET_NAMESERVER,
};

/**
 * struct vns_subnet_taken - a range of addresses that is in use
 * @first: first address, host byte order
 * @last: last address, host byte order
 * @addr: how the user knows it
 * @plen: prefix length
 * @user: what uses it
 * @ifindex: the device concerned, 0: none
 * @table: routing table of a route
 */
struct vns_subnet_taken {
	uint32_t first;
	uint32_t last;
	struct in_addr addr;
	uint8_t plen;
	enum vns_subnet_user user;
	uint32_t ifindex;
	uint32_t table;
};

/**
 * struct vns_subnet_pool - private addresses to choose from
 * @base: first address, host byte order
 * @count: how many subnets of VNS_SUBNET_AUTO_PLEN, a power of two
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

static uint32_t vns_subnet_mask(uint8_t plen)
{
	return plen ? UINT32_MAX << (32 - plen) : 0;
}

/**
 * vns_subnet_format - write a subnet as text
 * @subnet: the subnet
 * @text: VNS_SUBNET_TEXT bytes, set to "network/length"
 */
void vns_subnet_format(const struct vns_subnet *subnet, char *text)
{
	struct in_addr base;

	base.s_addr = subnet->gateway.s_addr &
		      htonl(vns_subnet_mask(subnet->plen));
	snprintf(text, VNS_SUBNET_TEXT, "%s/%u", inet_ntoa(base),
		 subnet->plen);
}

/**
 * vns_subnet_equal - are two subnets, and the gateways in them, the same?
 * @a: one
 * @b: the other
 */
bool vns_subnet_equal(const struct vns_subnet *a, const struct vns_subnet *b)
{
	return a->plen == b->plen && a->gateway.s_addr == b->gateway.s_addr;
}

/**
 * vns_subnet_holds - is an address in a subnet?
 * @subnet: the subnet
 * @addr: the address
 */
bool vns_subnet_holds(const struct vns_subnet *subnet, struct in_addr addr)
{
	return !((subnet->gateway.s_addr ^ addr.s_addr) &
		 htonl(vns_subnet_mask(subnet->plen)));
}

/**
 * vns_subnet_parse - read "auto", "off" or an IPv4 prefix
 * @key: the keyword, for the message
 * @word: what the user wrote
 * @kind: set
 * @subnet: set when an IPv4 prefix was given: the gateway is the address that
 *	was written, or the first of the subnet when the subnet's own was
 *
 * Return: VNS_OK or VNS_USAGE
 */
int vns_subnet_parse(const char *key, const char *word,
		     enum vns_subnet_kind *kind, struct vns_subnet *subnet)
{
	char text[INET_ADDRSTRLEN];
	uint32_t addr, host_bits;
	const char *slash;
	uint32_t plen;

	if (!strcmp(word, "auto") || !strcmp(word, "off")) {
		*kind = *word == 'a' ? VNS_SUBNET_AUTO : VNS_SUBNET_OFF;
		return VNS_OK;
	}
	slash = strchr(word, '/');
	if (!slash || slash - word >= (int)sizeof(text))
		goto bad;
	snprintf(text, sizeof(text), "%.*s", (int)(slash - word), word);
	if (inet_pton(AF_INET, text, &subnet->gateway) != 1)
		goto bad;
	if (vns_parse_u32("prefix length", slash + 1, &plen))
		return VNS_USAGE;
	if (plen < VNS_SUBNET_MIN_PLEN || plen > VNS_SUBNET_MAX_PLEN)
		return vns_usage_error("%s %s: the prefix length is %u to %u",
				       key, word, VNS_SUBNET_MIN_PLEN,
				       VNS_SUBNET_MAX_PLEN);

	addr = ntohl(subnet->gateway.s_addr);
	if (addr >> 24 == 0 || addr >> 24 == 127 || addr >> 24 >= 224)
		return vns_usage_error("%s %s: these addresses are reserved",
				       key, word);
	host_bits = ~vns_subnet_mask(plen);
	if ((addr & host_bits) == host_bits)
		return vns_usage_error("%s %s: that is the broadcast address",
				       key, word);
	if (!(addr & host_bits))
		subnet->gateway.s_addr = htonl(addr + 1);
	subnet->plen = plen;
	*kind = VNS_SUBNET_CIDR;
	return VNS_OK;
bad:
	return vns_usage_error("%s is auto, off or a subnet like 10.20.30.0/24, not \"%s\"",
			       key, word);
}

static void vns_subnet_take(struct vns_array *taken, struct in_addr addr,
			    uint8_t plen, enum vns_subnet_user user,
			    uint32_t ifindex, uint32_t table)
{
	struct vns_subnet_taken *item = vns_array_add(taken);

	item->first = ntohl(addr.s_addr) & vns_subnet_mask(plen);
	item->last = item->first | ~vns_subnet_mask(plen);
	item->addr = addr;
	item->plen = plen;
	item->user = user;
	item->ifindex = ifindex;
	item->table = table;
}

static int vns_subnet_take_addrs(struct vns_ctx *ctx, uint32_t ifindex,
				 struct vns_array *taken)
{
	struct vns_array addrs = { };
	const struct vns_addr *addr;
	size_t i;
	int ret;

	ret = vns_rtnl_addrs(ctx, &addrs);
	addr = addrs.items;
	for (i = 0; !ret && i < addrs.count; i++, addr++) {
		if (addr->family != AF_INET || addr->ifindex == ifindex)
			continue;
		vns_subnet_take(taken, addr->local.v4,
				addr->local.v4.s_addr == addr->peer.v4.s_addr ?
				addr->plen : 32,
				VNS_SUBNET_ADDRESS, addr->ifindex, 0);
		/* the other end of a point-to-point link */
		vns_subnet_take(taken, addr->peer.v4, addr->plen,
				VNS_SUBNET_ADDRESS, addr->ifindex, 0);
	}
	vns_array_free(&addrs);
	return ret;
}

static int vns_subnet_take_routes(struct vns_ctx *ctx, uint32_t ifindex,
				  struct vns_array *taken)
{
	struct vns_array routes = { };
	const struct vns_route *route;
	size_t i;
	int ret;

	ret = vns_rtnl_routes(ctx, &routes);
	route = routes.items;
	for (i = 0; !ret && i < routes.count; i++, route++) {
		if (route->plen < VNS_SUBNET_MIN_ROUTE_PLEN ||
		    (ifindex && route->oif == ifindex))
			continue;
		vns_subnet_take(taken, route->dst, route->plen,
				VNS_SUBNET_ROUTE, route->oif, route->table);
	}
	vns_array_free(&routes);
	return ret;
}

static void vns_subnet_take_nameservers(const struct vns_ctx *ctx,
					struct vns_array *taken)
{
	char path[VNS_NETNS_PATH], line[256], word[64];
	struct in_addr addr;
	FILE *file;

	vns_netns_resolv_conf(ctx, path);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " nameserver %63s", word) == 1 &&
		    inet_pton(AF_INET, word, &addr) == 1)
			vns_subnet_take(taken, addr, 32,
					VNS_SUBNET_NAMESERVER, 0, 0);
	}
	fclose(file);
}

/*
 * Everything that the host uses, but not what belongs to the device @ifindex
 * itself, which is about to get other addresses.
 */
static int vns_subnet_collect(struct vns_ctx *ctx, uint32_t ifindex,
			      struct vns_array *taken)
{
	taken->size = sizeof(struct vns_subnet_taken);
	if (vns_subnet_take_addrs(ctx, ifindex, taken) ||
	    vns_subnet_take_routes(ctx, ifindex, taken))
		return VNS_FAIL;
	vns_subnet_take_nameservers(ctx, taken);
	return VNS_OK;
}

static const struct vns_subnet_taken *
vns_subnet_conflict(const struct vns_array *taken, uint32_t first,
		    uint32_t last)
{
	const struct vns_subnet_taken *item = taken->items;
	size_t i;

	for (i = 0; i < taken->count; i++, item++)
		if (item->first <= last && item->last >= first)
			return item;
	return NULL;
}

/* FNV-1a */
static uint32_t vns_subnet_hash(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}

/*
 * Where to begin: differs between machines, so that machines which one day
 * meet in a VPN rarely clash, yet is the same each time on one machine.
 */
static uint32_t vns_subnet_seed(const char *name)
{
	char id[64] = "";
	FILE *file;

	file = fopen("/etc/machine-id", "re");
	if (file) {
		if (!fgets(id, sizeof(id), file))
			id[0] = '\0';
		fclose(file);
	}
	return vns_subnet_hash(vns_subnet_hash(2166136261U, id), name);
}

/**
 * vns_subnet_choose - find a private /24 that nothing on the host overlaps
 * @ctx: the invocation
 * @name: the network's name; the same name gets the same subnet when it is free
 * @ifindex: the network's device, whose own addresses do not count; 0: none yet
 * @subnet: the subnet; its gateway is the first address
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_subnet_choose(struct vns_ctx *ctx, const char *name, uint32_t ifindex,
		      struct vns_subnet *subnet)
{
	uint32_t size = ~vns_subnet_mask(VNS_SUBNET_AUTO_PLEN) + 1;
	uint32_t seed = vns_subnet_seed(name);
	const struct vns_subnet_pool *pool;
	struct vns_array taken = { };
	uint32_t i, first;
	int ret = VNS_FAIL;
	size_t p;

	if (vns_subnet_collect(ctx, ifindex, &taken))
		goto out;
	for (p = 0; p < VNS_ARRAY_SIZE(vns_subnet_pools); p++) {
		pool = &vns_subnet_pools[p];
		for (i = 0; i < pool->count; i++) {
			/* an odd step visits each subnet once */
			first = seed + i * 40503;
			first = pool->base + first % pool->count * size;
			if (vns_subnet_conflict(&taken, first,
						first + size - 1))
				continue;
			subnet->gateway.s_addr = htonl(first + 1);
			subnet->plen = VNS_SUBNET_AUTO_PLEN;
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

static void vns_subnet_report(const struct vns_subnet *subnet,
			      const struct vns_subnet_taken *taken)
{
	char text[VNS_SUBNET_TEXT], dev[IFNAMSIZ] = "";
	char table[32] = "";

	vns_subnet_format(subnet, text);
	if (taken->ifindex)
		if_indextoname(taken->ifindex, dev);
	if (taken->table && taken->table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " table %u", taken->table);
	switch (taken->user) {
	case VNS_SUBNET_ADDRESS:
		vns_error("subnet %s overlaps address %s/%u of device %s",
			  text, inet_ntoa(taken->addr), taken->plen, dev);
		break;
	case VNS_SUBNET_ROUTE:
		vns_error("subnet %s overlaps route %s/%u%s%s%s", text,
			  inet_ntoa(taken->addr), taken->plen, *dev ? " dev " : "",
			  dev, table);
		break;
	case VNS_SUBNET_NAMESERVER:
		vns_error("subnet %s overlaps name server %s of resolv.conf",
			  text, inet_ntoa(taken->addr));
		break;
	}
}

/**
 * vns_subnet_check - refuse a subnet that something on the host overlaps
 * @ctx: the invocation
 * @subnet: the subnet
 * @ifindex: the network's device, whose own addresses do not count; 0: none yet
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_subnet_check(struct vns_ctx *ctx, const struct vns_subnet *subnet,
		     uint32_t ifindex)
{
	uint32_t mask = vns_subnet_mask(subnet->plen);
	const struct vns_subnet_taken *conflict;
	struct vns_array taken = { };
	int ret = VNS_FAIL;
	uint32_t first;

	if (vns_subnet_collect(ctx, ifindex, &taken))
		goto out;
	first = ntohl(subnet->gateway.s_addr) & mask;
	conflict = vns_subnet_conflict(&taken, first, first | ~mask);
	if (conflict)
		vns_subnet_report(subnet, conflict);
	else
		ret = VNS_OK;
out:
	vns_array_free(&taken);
	return ret;
}

/**
 * vns_subnet_of - the subnet that a network has now
 * @ctx: the invocation
 * @ifindex: the network's device
 * @subnet: the subnet of its first IPv4 address; plen 0 when it has none
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_subnet_of(struct vns_ctx *ctx, uint32_t ifindex,
		  struct vns_subnet *subnet)
{
	struct vns_array addrs = { };
	const struct vns_addr *addr;
	size_t i;

	memset(subnet, 0, sizeof(*subnet));
	if (vns_rtnl_addrs(ctx, &addrs)) {
		vns_array_free(&addrs);
		return VNS_FAIL;
	}
	addr = addrs.items;
	for (i = 0; i < addrs.count; i++, addr++) {
		if (addr->family != AF_INET || addr->ifindex != ifindex ||
		    addr->secondary)
			continue;
		subnet->gateway = addr->local.v4;
		subnet->plen = addr->plen;
		break;
	}
	vns_array_free(&addrs);
	return VNS_OK;
}
