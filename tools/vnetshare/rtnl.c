// SPDX-License-Identifier: GPL-2.0
/*
 * Route netlink: devices, addresses, routes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "rtnl.h"

int vns_rtnl_open(struct vns_ctx *ctx)
{
	return vns_nl_open(&ctx->rtnl, NETLINK_ROUTE);
}

/**
 * vns_rtnl_dump - list the entries of a table
 * @what: the table, for the message ("the routes")
 * @cb: called for each entry
 * @out: argument of @cb; its size is set
 */
int vns_rtnl_dump(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what,
		  mnl_cb_t cb, struct vns_array *out)
{
	int ret = vns_nl_dump(&ctx->rtnl, nlh, cb, out);

	if (!ret)
		return VNS_OK;
	vns_error("cannot list %s: %s", what, vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
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

static void vns_rtnl_link_kind(struct vns_link *link,
			       const struct nlattr *linkinfo)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, linkinfo) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			vns_nl_string(link->kind, sizeof(link->kind), attr);
	}
}

static void vns_rtnl_link_read(const struct nlmsghdr *nlh,
			       struct vns_link *link)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	bool elsewhere = false;

	link->ifindex = ifi->ifi_index;
	link->type = ifi->ifi_type;
	link->flags = ifi->ifi_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			vns_nl_name(link->name, attr);
			break;
		case IFLA_IFALIAS:
			vns_nl_string(link->alias, sizeof(link->alias), attr);
			break;
		case IFLA_MASTER:
			link->master = mnl_attr_get_u32(attr);
			break;
		case IFLA_LINK:
			link->lower = mnl_attr_get_u32(attr);
			break;
		case IFLA_LINK_NETNSID:
			elsewhere = true;
			break;
		case IFLA_MTU:
			link->mtu = mnl_attr_get_u32(attr);
			break;
		case IFLA_ADDRESS:
			vns_nl_mac(link->mac, attr);
			break;
		case IFLA_LINKINFO:
			vns_rtnl_link_kind(link, attr);
			break;
		}
	}
	/* an ifindex in another namespace is of no use here */
	if (elsewhere)
		link->lower = 0;
}

static int vns_rtnl_link_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_rtnl_link_read(nlh, data);
	return MNL_CB_OK;
}

static int vns_rtnl_links_cb(const struct nlmsghdr *nlh, void *data)
{
	vns_rtnl_link_read(nlh, vns_array_add(data));
	return MNL_CB_OK;
}

/**
 * vns_rtnl_link_find - look up a device that may be absent
 * @ifindex: the device's, or 0 when @name is given
 * @name: the device's, or NULL
 * @link: set; ifindex 0 when there is no such device
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

/**
 * vns_rtnl_links - list all devices
 * @links: of struct vns_link; to be freed by the caller
 */
int vns_rtnl_links(struct vns_ctx *ctx, struct vns_array *links)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	links->size = sizeof(struct vns_link);
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_rtnl_link_request(buf, RTM_GETLINK, 0);
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return vns_rtnl_dump(ctx, nlh, "the devices", vns_rtnl_links_cb, links);
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

/* Set a device up. As below, @name is the device's name, for the message. */
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

int vns_rtnl_link_del(struct vns_ctx *ctx, uint32_t ifindex, const char *name)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_rtnl_link_request(buf, RTM_DELLINK, ifindex);
	return vns_rtnl_link_send(ctx, nlh, "delete", name);
}

static void vns_rtnl_addr_put(struct nlmsghdr *nlh, bool add,
			      const struct vns_ip *addr, uint8_t plen)
{
	struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	size_t size = vns_ip_size(addr);
	uint32_t broadcast;

	mnl_attr_put(nlh, IFA_LOCAL, size, addr->bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, size, addr->bytes);
	if (!add)
		return;
	if (addr->family == AF_INET6) {
		/*
		 * no other machine has this address: skip duplicate detection
		 */
		ifa->ifa_flags = IFA_F_NODAD;
		return;
	}
	memcpy(&broadcast, addr->bytes, sizeof(broadcast));
	broadcast |= htonl(UINT32_MAX >> plen);
	mnl_attr_put_u32(nlh, IFA_BROADCAST, broadcast);
}

/**
 * vns_rtnl_addr_change - add or delete an address of a device
 * @add: add the address if it is absent; else delete it if it is there
 * @name: the device's name, for the message
 * @plen: prefix length of the address
 */
int vns_rtnl_addr_change(struct vns_ctx *ctx, bool add, uint32_t ifindex,
			 const char *name, const struct vns_ip *addr,
			 uint8_t plen)
{
	char buf[VNS_NL_REQUEST_SIZE], text[VNS_IP_TEXT];
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;
	int ret;

	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
	if (add)
		nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = addr->family;
	ifa->ifa_prefixlen = plen;
	ifa->ifa_index = ifindex;
	vns_rtnl_addr_put(nlh, add, addr, plen);
	ret = vns_nl_talk(&ctx->rtnl, nlh, NULL, NULL);
	if (!ret || (!add && ret == -EADDRNOTAVAIL))
		return VNS_OK;
	vns_error("cannot %s address %s/%u %s %s: %s", add ? "add" : "delete",
		  vns_ip_format(addr, text), plen, add ? "to" : "from", name,
		  vns_nl_reason(&ctx->rtnl, ret));
	return VNS_FAIL;
}

static int vns_rtnl_addr_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct vns_addr *addr;

	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return MNL_CB_OK;
	addr = vns_array_add(data);
	addr->ifindex = ifa->ifa_index;
	addr->plen = ifa->ifa_prefixlen;
	addr->secondary = ifa->ifa_flags & IFA_F_SECONDARY;
	addr->permanent = ifa->ifa_flags & IFA_F_PERMANENT;
	mnl_attr_for_each(attr, nlh, sizeof(*ifa)) {
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			vns_nl_ip(&addr->local, attr);
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			vns_nl_ip(&addr->peer, attr);
	}
	if (!addr->local.family)
		addr->local = addr->peer;
	if (!addr->peer.family)
		addr->peer = addr->local;
	return MNL_CB_OK;
}

/**
 * vns_rtnl_addrs - list the addresses of all devices, IPv4 and IPv6
 * @addrs: of struct vns_addr; to be freed by the caller
 */
int vns_rtnl_addrs(struct vns_ctx *ctx, struct vns_array *addrs)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;

	addrs->size = sizeof(struct vns_addr);
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETADDR;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = AF_UNSPEC;
	return vns_rtnl_dump(ctx, nlh, "the addresses", vns_rtnl_addr_cb, addrs);
}

static uint32_t vns_rtnl_first_hop(const struct nlattr *multipath)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);

	if (mnl_attr_get_payload_len(multipath) < sizeof(*hop))
		return 0;
	return hop->rtnh_ifindex;
}

static void vns_rtnl_route_read(const struct nlmsghdr *nlh,
				struct vns_route *route, struct vns_ip *source)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	route->plen = rtm->rtm_dst_len;
	route->type = rtm->rtm_type;
	route->table = rtm->rtm_table;
	mnl_attr_for_each(attr, nlh, sizeof(*rtm)) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_DST:
			vns_nl_ip(&route->dst, attr);
			break;
		case RTA_OIF:
			route->oif = mnl_attr_get_u32(attr);
			break;
		case RTA_MULTIPATH:
			route->oif = vns_rtnl_first_hop(attr);
			break;
		case RTA_TABLE:
			route->table = mnl_attr_get_u32(attr);
			break;
		case RTA_PRIORITY:
			route->metric = mnl_attr_get_u32(attr);
			break;
		case RTA_PREFSRC:
			vns_nl_ip(source, attr);
			break;
		}
	}
	/* a default route has no RTA_DST */
	route->dst.family = rtm->rtm_family;
}

static int vns_rtnl_route_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct vns_ip source;

	if ((rtm->rtm_family == AF_INET || rtm->rtm_family == AF_INET6) &&
	    !(rtm->rtm_flags & RTM_F_CLONED))
		vns_rtnl_route_read(nlh, vns_array_add(data), &source);
	return MNL_CB_OK;
}

/**
 * vns_rtnl_routes - list the routes of all tables, IPv4 and IPv6
 * @routes: of struct vns_route; to be freed by the caller
 */
int vns_rtnl_routes(struct vns_ctx *ctx, struct vns_array *routes)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;

	routes->size = sizeof(struct vns_route);
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETROUTE;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = AF_UNSPEC;
	return vns_rtnl_dump(ctx, nlh, "the routes", vns_rtnl_route_cb, routes);
}

/**
 * struct vns_rtnl_way - the answer to a route lookup
 * @route: the route
 * @source: source address of packets from the host
 */
struct vns_rtnl_way {
	struct vns_route route;
	struct vns_ip source;
};

static int vns_rtnl_way_cb(const struct nlmsghdr *nlh, void *data)
{
	struct vns_rtnl_way *way = data;

	vns_rtnl_route_read(nlh, &way->route, &way->source);
	return MNL_CB_OK;
}

/*
 * The device by which packets to the Internet leave; @oif limits the lookup to
 * one device unless it is 0. The lookup is for an address that stands for the
 * Internet; no packet is sent. An IPv6 route on which the host has only a
 * link-local address does not count.
 */
uint32_t vns_rtnl_way_out(struct vns_ctx *ctx, uint8_t family, uint32_t oif)
{
	const char *internet = family == AF_INET ? "8.0.0.1" : "2000::1";
	struct vns_rtnl_way way = { };
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	struct vns_ip ip;

	if (vns_rtnl_open(ctx))
		return 0;
	vns_ip_parse(internet, &ip);
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETROUTE;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = family;
	rtm->rtm_dst_len = 8 * vns_ip_size(&ip);
	mnl_attr_put(nlh, RTA_DST, vns_ip_size(&ip), ip.bytes);
	if (oif)
		mnl_attr_put_u32(nlh, RTA_OIF, oif);
	if (vns_nl_talk(&ctx->rtnl, nlh, vns_rtnl_way_cb, &way) ||
	    (family == AF_INET6 && vns_ip_is_link_local(&way.source)))
		return 0;
	return way.route.oif;
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
 * vns_rtnl_nsid - the id of a network namespace in the current one; prints no error
 * @fd: open file of the namespace
 * @nsid: set; -1: the namespace has no id
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
