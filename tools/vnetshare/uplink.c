// SPDX-License-Identifier: GPL-2.0
/*
 * Uplinks of bridged networks: finding one, what stands in the way of one, and
 * how a network is connected to it.
 */
#include <errno.h>
#include <net/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "uplink.h"

/**
 * vns_rtnl_uplink - the device through which a network reaches the outside now
 * @ctx: the invocation
 * @network: the network
 * @family: AF_INET or AF_INET6
 * @name: set to the device's name, IFNAMSIZ bytes; empty when there is none
 *
 * Return: is there one?
 */
bool vns_uplink_device(struct vns_ctx *ctx, const struct vns_network *network,
		       uint8_t family, char *name)
{
	uint32_t oif = network->uplink_ifindex;

	name[0] = '\0';
	/* one that is named gets IPv4 packets whatever the routing table says */
	if (!network->uplink[0] || (family == AF_INET6 && oif))
		oif = vns_rtnl_way_out(ctx, family, oif);
	if (oif && !if_indextoname(oif, name))
		name[0] = '\0';
	return name[0];
}

/* Devices of these kinds take all frames of the device that they are on. */
static const char *const vns_uplink_takers[] = {
	"macvlan", "macvtap", "ipvlan", "ipvtap", "macsec",
};

static bool vns_uplink_is_ours(const struct vns_link *link)
{
	return !strcmp(link->kind, VNETSHARE_LINK_KIND) ||
	       !strcmp(link->kind, VNETSHARE_PORT_LINK_KIND);
}

/* Would a network be bridged to it without being asked to? */
static bool vns_uplink_suits(struct vns_ctx *ctx, const struct vns_link *link)
{
	struct vns_link master = { };

	if (link->type != ARPHRD_ETHER || (link->flags & IFF_LOOPBACK) ||
	    vns_uplink_is_ours(link))
		return false;
	/* a port of ours: what is behind it is a VM */
	return !link->master ||
	       (!vns_rtnl_link_find(ctx, link->master, NULL, &master) &&
		!vns_uplink_is_ours(&master));
}

static bool vns_uplink_is_default(const struct vns_route *route,
				  uint8_t family)
{
	return !route->plen && route->oif && route->dst.family == family &&
	       route->type == RTN_UNICAST && route->table == RT_TABLE_MAIN;
}

/* The device of the best default route of a family */
static void vns_uplink_best(struct vns_ctx *ctx, const struct vns_array *routes,
			    uint8_t family, struct vns_link *best,
			    struct vns_link *unfit)
{
	const struct vns_route *route = routes->items;
	uint32_t metric = UINT32_MAX;
	struct vns_link link;
	size_t i;

	for (i = 0; i < routes->count; i++, route++) {
		if (!vns_uplink_is_default(route, family) ||
		    (best->ifindex && route->metric >= metric) ||
		    vns_rtnl_link_find(ctx, route->oif, NULL, &link) ||
		    !link.ifindex)
			continue;
		if (vns_uplink_suits(ctx, &link)) {
			*best = link;
			metric = route->metric;
		} else {
			*unfit = link;
		}
	}
}

/**
 * vns_uplink_default - the device that a network of mode bridged with "uplink
 *	auto" would be bridged to now: that of the host's default route, IPv4's
 *	before IPv6's
 * @ctx: the invocation
 * @best: set; ifindex 0: there is none
 * @unfit: set to the device of a default route that no network can be bridged
 *	to (a VPN, for one), ifindex 0: there is none
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_uplink_default(struct vns_ctx *ctx, struct vns_link *best,
		       struct vns_link *unfit)
{
	struct vns_array routes = { };
	int ret;

	memset(best, 0, sizeof(*best));
	memset(unfit, 0, sizeof(*unfit));
	ret = vns_rtnl_routes(ctx, &routes);
	if (!ret)
		vns_uplink_best(ctx, &routes, AF_INET, best, unfit);
	if (!ret && !best->ifindex)
		vns_uplink_best(ctx, &routes, AF_INET6, best, unfit);
	vns_array_free(&routes);
	return ret;
}

/**
 * vns_uplink_choose - find the uplink of a network of mode bridged
 * @ctx: the invocation
 * @network: name of the network, for the message
 * @name: set to the device's name, IFNAMSIZ bytes
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_uplink_choose(struct vns_ctx *ctx, const char *network, char *name)
{
	struct vns_link best, unfit;

	if (vns_uplink_default(ctx, &best, &unfit))
		return VNS_FAIL;
	if (best.ifindex) {
		strcpy(name, best.name);
		return VNS_OK;
	}
	if (unfit.ifindex)
		vns_error("no uplink for network %s: the default route is by %s, which has no LAN",
			  network, unfit.name);
	else
		vns_error("no uplink for network %s: the host has no default route",
			  network);
	vns_hint("name the device to bridge to: \"uplink DEV\"");
	return VNS_FAIL;
}

static bool vns_uplink_is_taker(const struct vns_link *link)
{
	size_t i;

	for (i = 0; i < VNS_ARRAY_SIZE(vns_uplink_takers); i++)
		if (!strcmp(link->kind, vns_uplink_takers[i]))
			return true;
	return false;
}

/* A device on top of the uplink that takes its frames */
static void vns_uplink_find_taker(struct vns_ctx *ctx, uint32_t uplink,
				  struct vns_link *holder)
{
	struct vns_array links = { };
	const struct vns_link *link;
	size_t i;

	if (!vns_rtnl_links(ctx, &links)) {
		link = links.items;
		for (i = 0; i < links.count; i++, link++)
			if (link->lower == uplink && vns_uplink_is_taker(link))
				*holder = *link;
	}
	vns_array_free(&links);
}

/* Another network that is bridged to it */
static void vns_uplink_find_network(struct vns_ctx *ctx, uint32_t uplink,
				    uint32_t self, struct vns_link *holder)
{
	struct vns_array networks = { };
	const struct vns_network *network;
	size_t i;

	if (!vns_genl_networks(ctx, &networks)) {
		network = networks.items;
		for (i = 0; i < networks.count; i++, network++)
			if (network->mode == VNETSHARE_MODE_BRIDGED &&
			    network->uplink_ifindex == uplink &&
			    network->ifindex != self && !network->bridge[0])
				vns_rtnl_link_find(ctx, network->ifindex, NULL,
						   holder);
	}
	vns_array_free(&networks);
}

/* Who has the uplink's frames; ifindex 0: nobody that can be seen from here */
static void vns_uplink_find_holder(struct vns_ctx *ctx,
				   const struct vns_link *uplink,
				   uint32_t self, struct vns_link *holder)
{
	memset(holder, 0, sizeof(*holder));
	if (uplink->master)
		vns_rtnl_link_find(ctx, uplink->master, NULL, holder);
	/* a Linux bridge is no obstacle: the network becomes a port of it */
	if (!strcmp(uplink->kind, "bridge") || !strcmp(holder->kind, "bridge"))
		memset(holder, 0, sizeof(*holder));
	else if (!holder->ifindex)
		vns_uplink_find_taker(ctx, uplink->ifindex, holder);
	if (!holder->ifindex)
		vns_uplink_find_network(ctx, uplink->ifindex, self, holder);
}

static void vns_uplink_hint(const struct vns_link *uplink,
			    const struct vns_link *holder)
{
	if (!strcmp(holder->kind, "bond") || !strcmp(holder->kind, "team"))
		vns_hint("bridge to that one: \"uplink %s\"", holder->name);
	else if (uplink->master && vns_uplink_is_ours(holder))
		vns_hint("%s is a port of network %s: \"vnetshare port del %s\" unplugs it",
			 uplink->name, holder->name, uplink->name);
	else if (vns_uplink_is_ours(holder))
		vns_hint("plug the VMs into %s, or give one of the two another uplink",
			 holder->name);
	else if (uplink->master)
		vns_hint("take %s out of it (\"ip link set %s nomaster\"), or name another uplink",
			 uplink->name, uplink->name);
	else
		vns_hint("delete %s (\"ip link del %s\"), or name another uplink",
			 holder->name, holder->name);
}

/**
 * vns_uplink_is_taken - say who has the frames of a device, if somebody has
 * @ctx: the invocation
 * @what: what cannot be done then ("make network lan")
 * @name: of the device
 * @self: ifindex of the network that is to be bridged to it, 0: none yet
 *
 * The kernel would refuse it too, but does not know the name, and by then a
 * network has stopped to be what it was.
 *
 * Return: has somebody?
 */
bool vns_uplink_is_taken(struct vns_ctx *ctx, const char *what,
			 const char *name, uint32_t self)
{
	struct vns_link uplink, holder;

	/* there is none: that the kernel says */
	if (vns_rtnl_link_find(ctx, 0, name, &uplink) || !uplink.ifindex)
		return false;
	vns_uplink_find_holder(ctx, &uplink, self, &holder);
	if (!holder.ifindex)
		return false;
	vns_error("cannot %s: the frames of uplink %s are taken by %s (%s)",
		  what, name, holder.name, holder.kind[0] ? holder.kind :
		  "device");
	vns_uplink_hint(&uplink, &holder);
	return true;
}

/**
 * vns_uplink_explain - a request was refused: if the uplink is taken, although
 *	vns_uplink_is_taken() has found nobody, say where to look
 * @ctx: the invocation
 * @mode: that the network was to have
 * @name: of the uplink
 */
void vns_uplink_explain(const struct vns_ctx *ctx, uint32_t mode,
			const char *name)
{
	if (mode == VNETSHARE_MODE_BRIDGED && ctx->genl.error == -EBUSY)
		vns_hint("a macvlan or ipvlan device on %s may be in another network namespace",
			 name);
}

/**
 * vns_uplink_state - how a network of mode bridged is connected
 * @network: the network
 *
 * Return: "up", "no-carrier" or "not-connected"
 */
const char *vns_uplink_state(const struct vns_network *network)
{
	if (!network->uplink_ifindex)
		return "not-connected";
	return network->uplink_running ? "up" : "no-carrier";
}

/**
 * vns_uplink_describe - the same in words, with the uplink's name
 * @network: the network
 * @text: set, VNS_UPLINK_TEXT bytes: "bridged to eth0 (auto), no carrier"
 */
void vns_uplink_describe(const struct vns_network *network, char *text)
{
	const char *state = "";

	if (!network->uplink_ifindex)
		state = ", not connected";
	else if (!network->uplink_running)
		state = ", no carrier";
	snprintf(text, VNS_UPLINK_TEXT, "bridged to %s%s%s%s%s%s",
		 network->uplink, network->uplink_auto ? " (auto)" : "", state,
		 network->bridge[0] ? ", port of bridge " : "",
		 network->bridge,
		 network->macnat_active ? ", MAC translation" : "");
}
