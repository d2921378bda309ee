// SPDX-License-Identifier: GPL-2.0
/* Ranges of addresses in use on the host. */
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "netns.h"
#include "rtnl.h"
#include "subnet.h"

/*
 * Shorter prefixes are those of default routes, or of the two halves that VPNs
 * install instead: they do not count.
 */
#define VNS_TAKEN_MIN_PLEN	8
#define VNS_TAKEN_MIN_PLEN6	16

static void vns_taken_add(struct vns_array *taken, const struct vns_ip *ip,
			  uint8_t plen, enum vns_taken_user user,
			  uint32_t ifindex, uint32_t table)
{
	struct vns_taken *item = vns_array_add(taken);

	item->ip = *ip;
	item->plen = plen;
	item->user = user;
	item->ifindex = ifindex;
	item->table = table;
}

static int vns_taken_add_addrs(struct vns_ctx *ctx, uint32_t ifindex,
			       struct vns_array *taken)
{
	struct vns_array addrs = { };
	const struct vns_addr *addr;
	bool same;
	size_t i;
	int ret;

	ret = vns_rtnl_addrs(ctx, &addrs);
	addr = addrs.items;
	for (i = 0; !ret && i < addrs.count; i++, addr++) {
		if (addr->ifindex == ifindex)
			continue;
		same = vns_ip_equal(&addr->local, &addr->peer);
		if (!same)
			vns_taken_add(taken, &addr->local,
				      8 * vns_ip_size(&addr->local),
				      VNS_TAKEN_ADDRESS, addr->ifindex, 0);
		/* the subnet, or the other end of a point-to-point link */
		vns_taken_add(taken, &addr->peer, addr->plen,
			      VNS_TAKEN_ADDRESS, addr->ifindex, 0);
	}
	vns_array_free(&addrs);
	return ret;
}

static int vns_taken_add_routes(struct vns_ctx *ctx, uint32_t ifindex,
				struct vns_array *taken)
{
	struct vns_array routes = { };
	const struct vns_route *route;
	uint8_t min;
	size_t i;
	int ret;

	ret = vns_rtnl_routes(ctx, &routes);
	route = routes.items;
	for (i = 0; !ret && i < routes.count; i++, route++) {
		min = route->dst.family == AF_INET ? VNS_TAKEN_MIN_PLEN :
						     VNS_TAKEN_MIN_PLEN6;
		if (route->plen < min || (ifindex && route->oif == ifindex))
			continue;
		vns_taken_add(taken, &route->dst, route->plen,
			      VNS_TAKEN_ROUTE, route->oif, route->table);
	}
	vns_array_free(&routes);
	return ret;
}

static void vns_taken_add_nameservers(const struct vns_ctx *ctx,
				      struct vns_array *taken)
{
	char path[VNS_NETNS_PATH], line[256], word[64];
	struct vns_ip ip;
	FILE *file;

	vns_netns_resolv_conf(ctx, path);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " nameserver %63s", word) == 1 &&
		    vns_ip_parse(word, &ip))
			vns_taken_add(taken, &ip, 8 * vns_ip_size(&ip),
				      VNS_TAKEN_NAMESERVER, 0, 0);
	}
	fclose(file);
}

/**
 * vns_taken_collect - list the ranges in use
 * @ifindex: a network's device, whose addresses are ignored because they will
 *	change; 0: none
 * @taken: of struct vns_taken; to be freed by the caller, also after a failure
 */
int vns_taken_collect(struct vns_ctx *ctx, uint32_t ifindex,
		      struct vns_array *taken)
{
	taken->size = sizeof(struct vns_taken);
	if (vns_taken_add_addrs(ctx, ifindex, taken) ||
	    vns_taken_add_routes(ctx, ifindex, taken))
		return VNS_FAIL;
	vns_taken_add_nameservers(ctx, taken);
	return VNS_OK;
}

/**
 * vns_taken_find - find a range that overlaps a subnet
 * @taken: of struct vns_taken
 *
 * Return: the first one, or NULL when the subnet is free
 */
const struct vns_taken *vns_taken_find(const struct vns_array *taken,
				       const struct vns_subnet *subnet)
{
	const struct vns_taken *item = taken->items;
	uint8_t plen;
	size_t i;

	for (i = 0; i < taken->count; i++, item++) {
		plen = item->plen < subnet->plen ? item->plen : subnet->plen;
		if (vns_ip_in(&item->ip, &subnet->gateway, plen))
			return item;
	}
	return NULL;
}

/* Print why a subnet is refused; @taken overlaps it. */
void vns_taken_report(const struct vns_taken *taken,
		      const struct vns_subnet *subnet)
{
	char text[VNS_SUBNET_TEXT], ip[VNS_IP_TEXT], dev[IFNAMSIZ] = "";
	char table[32] = "";

	vns_subnet_format(subnet, text);
	vns_ip_format(&taken->ip, ip);
	if (taken->ifindex)
		if_indextoname(taken->ifindex, dev);
	if (taken->table && taken->table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " table %u", taken->table);
	switch (taken->user) {
	case VNS_TAKEN_ADDRESS:
		vns_error("subnet %s overlaps address %s/%u of device %s",
			  text, ip, taken->plen, dev);
		break;
	case VNS_TAKEN_ROUTE:
		vns_error("subnet %s overlaps route %s/%u%s%s%s", text, ip,
			  taken->plen, *dev ? " dev " : "", dev, table);
		break;
	case VNS_TAKEN_NAMESERVER:
		vns_error("subnet %s overlaps name server %s of resolv.conf",
			  text, ip);
		break;
	}
}
