// SPDX-License-Identifier: GPL-2.0
/*
 * Uplinks: the current one of a network; finding one for a bridged network, and
 * naming what prevents its use.
 */
#include <errno.h>
#include <net/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "uplink.h"

/**
 * vns_uplink_device - the device by which a network reaches the outside now
 * @family: AF_INET or AF_INET6
 * @name: IFNAMSIZ bytes, set to the device's name; empty when there is none
 *
 * Return: there is such a device
 */
bool vns_uplink_device(struct vns_ctx *ctx, const struct vns_network *network,
		       uint8_t family, char *name)
{
	uint32_t oif = network->uplink_ifindex;

	name[0] = '\0';
	/* a named uplink gets IPv4 packets regardless of the routing table */
	if (!network->uplink[0] || (family == AF_INET6 && oif))
		oif = vns_rtnl_way_out(ctx, family, oif);
	if (oif && !if_indextoname(oif, name))
		name[0] = '\0';
	return name[0];
}

/* Devices of these kinds take all frames of the device below. */
static const char *const vns_uplink_takers[] = {
	"macvlan", "macvtap", "ipvlan", "ipvtap", "macsec",
};

static bool vns_uplink_is_ours(const struct vns_link *link)
{
	return !strcmp(link->kind, VNETSHARE_LINK_KIND) ||
	       !strcmp(link->kind, VNETSHARE_PORT_LINK_KIND);
}

/* Can "uplink auto" choose the device? */
static bool vns_uplink_suits(struct vns_ctx *ctx, const struct vns_link *link)
{
	struct vns_link master = { };

	if (link->type != ARPHRD_ETHER || (link->flags & IFF_LOOPBACK) ||
	    vns_uplink_is_ours(link))
		return false;
	/* not a port of a network: a VM is behind that */
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
 * vns_uplink_default - the device that "uplink auto" means now for a bridged
 *	network: that of the host's default route, IPv4 before IPv6
 * @best: set; ifindex 0: there is none
 * @unfit: set to the device of a default route that no network can be bridged
 *	to (a VPN, for example); ifindex 0: there is none
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
 * vns_uplink_choose - choose the uplink of a bridged network
 * @network: name of the network, for the message
 * @name: IFNAMSIZ bytes, set to the device's name
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
		vns_error("no uplink for network %s: the default route uses %s, which has no LAN",
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

/* Find a device on top of the uplink that takes its frames. */
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

/* Find another network that is bridged to the uplink. */
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

/*
 * Find the device that takes the uplink's frames. ifindex 0: there is none in
 * this namespace.
 */
static void vns_uplink_find_holder(struct vns_ctx *ctx,
				   const struct vns_link *uplink,
				   uint32_t self, struct vns_link *holder)
{
	memset(holder, 0, sizeof(*holder));
	if (uplink->master)
		vns_rtnl_link_find(ctx, uplink->master, NULL, holder);
	/* a Linux bridge is no obstacle: the network becomes its port */
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
		vns_hint("bridge to %s instead: \"uplink %s\"",
			 holder->name, holder->name);
	else if (uplink->master && vns_uplink_is_ours(holder))
		vns_hint("%s is a port of network %s: \"vnetshare port del %s\" unplugs it",
			 uplink->name, holder->name, uplink->name);
	else if (vns_uplink_is_ours(holder))
		vns_hint("plug the VMs into %s, or give one of the two another uplink",
			 holder->name);
	else if (uplink->master)
		vns_hint("\"ip link set %s nomaster\" removes it from %s; or name another uplink",
			 uplink->name, holder->name);
	else
		vns_hint("delete %s (\"ip link del %s\"), or name another uplink",
			 holder->name, holder->name);
}

/**
 * vns_uplink_is_taken - does another device take the frames of the uplink?
 * @what: the action that is then refused ("make network lan"), for the message
 * @name: of the uplink
 * @self: ifindex of the network that is to be bridged, 0: there is none yet
 *
 * The kernel would refuse, too, but without the name of that device, and only
 * after the network has lost its old settings.
 *
 * Return: the frames are taken; the error has been printed
 */
bool vns_uplink_is_taken(struct vns_ctx *ctx, const char *what,
			 const char *name, uint32_t self)
{
	struct vns_link uplink, holder;

	/* the kernel reports an uplink that does not exist */
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
 * vns_uplink_explain - explain why the kernel refused an uplink, although
 *	vns_uplink_is_taken() has found no other device
 * @mode: the wanted mode of the network
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
 * vns_uplink_state - the state of a bridged network's uplink
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
 * vns_uplink_describe - the connection of a bridged network, in words
 * @text: VNS_UPLINK_TEXT bytes, set to "bridged to eth0 (auto), no carrier"
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
