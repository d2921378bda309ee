// SPDX-License-Identifier: GPL-2.0
/*
 * Route netlink: devices, addresses, routes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "vnetshare.h"

/**
 * vns_rtnl_open - open the route netlink socket
 * @ctx: the invocation
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_open(struct vns_ctx *ctx)
{
	return vns_nl_open(&ctx->rtnl, NETLINK_ROUTE);
}

static struct nlmsghdr *vns_rtnl_link_request(char *buf, uint16_t type,
					      uint32_t ifindex)
{
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = type;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	return nlh;
}

static void vns_rtnl_copy_string(char *to, size_t size,
				 const struct nlattr *attr)
{
	snprintf(to, size, "%.*s", mnl_attr_get_payload_len(attr),
		 mnl_attr_get_str(attr));
}

static void vns_rtnl_link_kind(struct vns_link *link,
			       const struct nlattr *linkinfo)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, linkinfo) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			vns_rtnl_copy_string(link->kind, sizeof(link->kind),
					     attr);
	}
}

static int vns_rtnl_link_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct vns_link *link = data;
	const struct nlattr *attr;

	link->ifindex = ifi->ifi_index;
	link->flags = ifi->ifi_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			vns_rtnl_copy_string(link->name, sizeof(link->name),
					     attr);
			break;
		case IFLA_IFALIAS:
			vns_rtnl_copy_string(link->alias, sizeof(link->alias),
					     attr);
			break;
		case IFLA_MASTER:
			link->master = mnl_attr_get_u32(attr);
			break;
		case IFLA_MTU:
			link->mtu = mnl_attr_get_u32(attr);
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(attr) == 6)
				memcpy(link->mac, mnl_attr_get_payload(attr),
				       6);
			break;
		case IFLA_LINKINFO:
			vns_rtnl_link_kind(link, attr);
			break;
		}
	}
	return MNL_CB_OK;
}

/**
 * vns_rtnl_link_find - look a device up
 * @ctx: the invocation
 * @ifindex: its number, or 0 when @name is given
 * @name: its name, or NULL
 * @link: the device; ifindex 0 when there is none
 *
 * Return: VNS_OK, also when there is none, or VNS_FAIL
 */
int vns_rtnl_link_find(struct vns_ctx *ctx, uint32_t ifindex, const char *name,
		       struct vns_link *link)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	int ret;

	memset(link, 0, sizeof(*link));
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_rtnl_link_request(buf, RTM_GETLINK, ifindex);
	if (name)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	ret = vns_nl_talk(&ctx->rtnl, nlh, vns_rtnl_link_cb, link);
	if (!ret || ret == -ENODEV)
		return VNS_OK;
	vns_error("cannot read device %s: %s", name ? name : "",
		  vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
}

static int vns_rtnl_link_send(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			      const char *what, const char *name)
{
	int ret;

	ret = vns_nl_talk(&ctx->rtnl, nlh, NULL, NULL);
	if (!ret)
		return VNS_OK;
	vns_error("cannot %s %s: %s", what, name,
		  vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
}

/**
 * vns_rtnl_link_up - set a device up
 * @ctx: the invocation
 * @ifindex: its number
 * @name: its name, for the message
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_link_up(struct vns_ctx *ctx, uint32_t ifindex, const char *name)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_rtnl_link_request(buf, RTM_NEWLINK, ifindex);
	ifi = mnl_nlmsg_get_payload(nlh);
	ifi->ifi_flags = IFF_UP;
	ifi->ifi_change = IFF_UP;
	return vns_rtnl_link_send(ctx, nlh, "set up", name);
}

/**
 * vns_rtnl_link_alias - set the alias of a device
 * @ctx: the invocation
 * @ifindex: its number
 * @name: its name, for the message
 * @alias: the alias
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_link_alias(struct vns_ctx *ctx, uint32_t ifindex,
			const char *name, const char *alias)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_rtnl_link_request(buf, RTM_NEWLINK, ifindex);
	mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
	return vns_rtnl_link_send(ctx, nlh, "set the alias of", name);
}

/**
 * vns_rtnl_link_del - delete a device
 * @ctx: the invocation
 * @ifindex: its number
 * @name: its name, for the message
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_link_del(struct vns_ctx *ctx, uint32_t ifindex, const char *name)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_rtnl_link_request(buf, RTM_DELLINK, ifindex);
	return vns_rtnl_link_send(ctx, nlh, "delete", name);
}

/**
 * vns_rtnl_addr_change - give a device an IPv4 address, or take one away
 * @ctx: the invocation
 * @add: give it
 * @ifindex: the device
 * @name: its name, for the message
 * @addr: the address
 * @plen: its prefix length, 1 to 31
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_addr_change(struct vns_ctx *ctx, bool add, uint32_t ifindex,
			 const char *name, struct in_addr addr, uint8_t plen)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct in_addr broadcast;
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;
	int ret;

	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
	if (add)
		nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = plen;
	ifa->ifa_index = ifindex;
	mnl_attr_put_u32(nlh, IFA_LOCAL, addr.s_addr);
	mnl_attr_put_u32(nlh, IFA_ADDRESS, addr.s_addr);
	broadcast.s_addr = addr.s_addr | htonl(UINT32_MAX >> plen);
	if (add)
		mnl_attr_put_u32(nlh, IFA_BROADCAST, broadcast.s_addr);
	ret = vns_nl_talk(&ctx->rtnl, nlh, NULL, NULL);
	if (!ret)
		return VNS_OK;
	vns_error("cannot %s address %s/%u %s %s: %s", add ? "add" : "delete",
		  inet_ntoa(addr), plen, add ? "to" : "from", name,
		  vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
}

static int vns_rtnl_addr_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	bool has_local = false, has_peer = false;
	const struct nlattr *attr;
	struct vns_addr *addr;
	size_t len;

	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return MNL_CB_OK;
	len = ifa->ifa_family == AF_INET ? 4 : 16;
	addr = vns_array_add(data);
	addr->ifindex = ifa->ifa_index;
	addr->family = ifa->ifa_family;
	addr->plen = ifa->ifa_prefixlen;
	addr->secondary = ifa->ifa_flags & IFA_F_SECONDARY;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa)) {
		if (mnl_attr_get_payload_len(attr) != len)
			continue;
		if (mnl_attr_get_type(attr) == IFA_LOCAL) {
			memcpy(&addr->local, mnl_attr_get_payload(attr), len);
			has_local = true;
		} else if (mnl_attr_get_type(attr) == IFA_ADDRESS) {
			memcpy(&addr->peer, mnl_attr_get_payload(attr), len);
			has_peer = true;
		}
	}
	if (!has_local)
		addr->local = addr->peer;
	if (!has_peer)
		addr->peer = addr->local;
	return MNL_CB_OK;
}

/**
 * vns_rtnl_addrs - list the addresses of all devices, IPv4 and IPv6
 * @ctx: the invocation
 * @addrs: gets struct vns_addr; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_addrs(struct vns_ctx *ctx, struct vns_array *addrs)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;
	int ret;

	addrs->size = sizeof(struct vns_addr);
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETADDR;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = AF_UNSPEC;
	ret = vns_nl_dump(&ctx->rtnl, nlh, vns_rtnl_addr_cb, addrs);
	if (!ret)
		return VNS_OK;
	vns_error("cannot list the addresses: %s",
		  vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
}

static uint32_t vns_rtnl_first_hop(const struct nlattr *multipath)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);

	if (mnl_attr_get_payload_len(multipath) < sizeof(*hop))
		return 0;
	return hop->rtnh_ifindex;
}

static int vns_rtnl_route_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct vns_route *route;

	if (rtm->rtm_family != AF_INET || (rtm->rtm_flags & RTM_F_CLONED))
		return MNL_CB_OK;
	route = vns_array_add(data);
	route->plen = rtm->rtm_dst_len;
	route->type = rtm->rtm_type;
	route->table = rtm->rtm_table;
	mnl_attr_for_each(attr, nlh, sizeof(*rtm)) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_DST:
			route->dst.s_addr = mnl_attr_get_u32(attr);
			break;
		case RTA_OIF:
			route->oif = mnl_attr_get_u32(attr);
			break;
		case RTA_MULTIPATH:
			route->oif = vns_rtnl_first_hop(attr);
			break;
		case RTA_PRIORITY:
			route->priority = mnl_attr_get_u32(attr);
			break;
		case RTA_TABLE:
			route->table = mnl_attr_get_u32(attr);
			break;
		}
	}
	return MNL_CB_OK;
}

/**
 * vns_rtnl_routes - list the IPv4 routes of all tables
 * @ctx: the invocation
 * @routes: gets struct vns_route; to be freed by the caller
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_rtnl_routes(struct vns_ctx *ctx, struct vns_array *routes)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	int ret;

	routes->size = sizeof(struct vns_route);
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETROUTE;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	ret = vns_nl_dump(&ctx->rtnl, nlh, vns_rtnl_route_cb, routes);
	if (!ret)
		return VNS_OK;
	vns_error("cannot list the routes: %s",
		  vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
}

/**
 * vns_rtnl_uplink - what "uplink auto" means now: the default route's device
 * @ctx: the invocation
 * @name: set to the device's name, IFNAMSIZ bytes; empty when there is none
 *
 * Return: is there one?
 */
bool vns_rtnl_uplink(struct vns_ctx *ctx, char *name)
{
	const struct vns_route *best = NULL, *route;
	struct vns_array routes = { };
	size_t i;

	name[0] = '\0';
	if (vns_rtnl_routes(ctx, &routes))
		return false;
	route = routes.items;
	for (i = 0; i < routes.count; i++, route++) {
		if (route->plen || route->type != RTN_UNICAST ||
		    route->table != RT_TABLE_MAIN || !route->oif)
			continue;
		if (!best || route->priority < best->priority)
			best = route;
	}
	if (best && !if_indextoname(best->oif, name))
		name[0] = '\0';
	vns_array_free(&routes);
	return name[0];
}

static int vns_rtnl_nsid_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;
	int32_t *nsid = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct rtgenmsg)) {
		if (mnl_attr_get_type(attr) == NETNSA_NSID)
			*nsid = (int32_t)mnl_attr_get_u32(attr);
	}
	return MNL_CB_OK;
}

/**
 * vns_rtnl_nsid - the number that a network namespace has in ours
 * @ctx: the invocation
 * @fd: open file of the namespace
 * @nsid: set; -1: it has none
 *
 * Return: VNS_OK or VNS_FAIL; nothing is printed
 */
int vns_rtnl_nsid(struct vns_ctx *ctx, int fd, int32_t *nsid)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	struct rtgenmsg *rtg;

	*nsid = -1;
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETNSID;
	rtg = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtg));
	rtg->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(nlh, NETNSA_FD, fd);
	if (vns_nl_talk(&ctx->rtnl, nlh, vns_rtnl_nsid_cb, nsid))
		return VNS_FAIL;
	return VNS_OK;
}
