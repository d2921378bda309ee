// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "vnetshare": requests and their errors.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "genl.h"

/*
 * The kernel's information about an attribute: " (attribute mtu: 68 to 65535)"
 */
static void vns_genl_blame(const struct vns_nl *nl, const struct nlmsghdr *nlh,
			   char *text, size_t size)
{
	const struct genlmsghdr *gnlh = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	const char *name = NULL;
	char range[64] = "";

	text[0] = '\0';
	if (nl->attr_offset &&
	    nl->attr_offset + sizeof(*attr) <= nlh->nlmsg_len) {
		attr = (const void *)((const char *)nlh + nl->attr_offset);
		name = vns_genl_attr_name(gnlh->cmd, mnl_attr_get_type(attr));
	}
	if (nl->attr_missing)
		name = vns_genl_attr_name(gnlh->cmd, nl->attr_missing);
	if (!name)
		return;
	if (nl->has_range)
		snprintf(range, sizeof(range), ": %llu to %llu",
			 (unsigned long long)nl->min,
			 (unsigned long long)nl->max);
	snprintf(text, size, " (attribute %s%s)", name,
		 nl->attr_missing ? " is missing" : range);
}

/**
 * vns_genl_report - print why the kernel refused a request
 * @what: the action, for the message ("delete the port")
 * @error: negative errno
 *
 * Return: VNS_FAIL
 */
int vns_genl_report(const struct vns_ctx *ctx, const struct nlmsghdr *nlh,
		    const char *what, int error)
{
	char blame[128];

	vns_genl_blame(&ctx->genl, nlh, blame, sizeof(blame));
	if (ctx->genl.message[0])
		vns_error("%s%s", ctx->genl.message, blame);
	else
		vns_error("cannot %s: %s%s", what, strerror(-error), blame);
	return VNS_FAIL;
}

/* The family has one multicast group. */
static uint32_t vns_genl_group(const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				return mnl_attr_get_u32(attr);
		}
	}
	return 0;
}

static int vns_genl_family_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;
	struct vns_ctx *ctx = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			ctx->family = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			ctx->group = vns_genl_group(attr);
			break;
		}
	}
	return MNL_CB_OK;
}

/* Open the socket and find the family; the kernel loads the module for it. */
int vns_genl_open(struct vns_ctx *ctx)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct genlmsghdr *gnlh;
	struct nlmsghdr *nlh;
	int ret;

	if (vns_nl_open(&ctx->genl, NETLINK_GENERIC))
		return VNS_FAIL;
	if (ctx->family)
		return VNS_OK;

	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = GENL_ID_CTRL;
	gnlh = mnl_nlmsg_put_extra_header(nlh, sizeof(*gnlh));
	gnlh->cmd = CTRL_CMD_GETFAMILY;
	gnlh->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, VNETSHARE_GENL_NAME);
	ret = vns_nl_talk(&ctx->genl, nlh, vns_genl_family_cb, ctx);
	if (!ret && ctx->family)
		return VNS_OK;
	if (!ret || ret == -ENOENT)
		goto no_module;
	vns_error("cannot look up the netlink family vnetshare: %s",
		  vns_nl_reason(&ctx->genl, ret));
	return VNS_FAIL;
no_module:
	vns_error("the kernel module vnetshare is not loaded");
	vns_hint("load it with \"modprobe vnetshare\"; README.md says how to install it");
	return VNS_FAIL;
}

/**
 * vns_genl_request - begin a request to the family
 * @ctx: the invocation; vns_genl_open() has been called
 * @buf: VNS_NL_REQUEST_SIZE bytes to build it in
 * @cmd: enum vnetshare_cmd
 *
 * Return: the message, to add attributes to
 */
struct nlmsghdr *vns_genl_request(struct vns_ctx *ctx, char *buf, uint8_t cmd)
{
	struct genlmsghdr *gnlh;
	struct nlmsghdr *nlh;

	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = ctx->family;
	gnlh = mnl_nlmsg_put_extra_header(nlh, sizeof(*gnlh));
	gnlh->cmd = cmd;
	gnlh->version = VNETSHARE_GENL_VERSION;
	return nlh;
}

/**
 * vns_genl_send - send a request that is answered with an acknowledgment only
 * @what: the action, for the message ("delete the port")
 */
int vns_genl_send(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what)
{
	return vns_genl_talk(ctx, nlh, what, NULL, NULL);
}

/**
 * vns_genl_talk - send a request and read its answer
 * @what: the action, for the message ("delete the port")
 * @cb: called for the answer
 */
int vns_genl_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what,
		  mnl_cb_t cb, void *data)
{
	int ret = vns_nl_talk(&ctx->genl, nlh, cb, data);

	return ret ? vns_genl_report(ctx, nlh, what, ret) : VNS_OK;
}

/**
 * vns_genl_list - list the objects of a kind
 * @cmd: VNETSHARE_CMD_*_GET
 * @attr: the command's attribute for the network
 * @network: ifindex of the network to list, 0: of all
 * @cb: called for each answer
 * @out: argument of @cb; its size is set
 */
int vns_genl_list(struct vns_ctx *ctx, uint8_t cmd, uint16_t attr,
		  uint32_t network, mnl_cb_t cb, struct vns_array *out)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;
	int ret;

	if (vns_genl_open(ctx))
		return VNS_FAIL;
	nlh = vns_genl_request(ctx, buf, cmd);
	if (network)
		mnl_attr_put_u32(nlh, attr, network);
	ret = vns_nl_dump(&ctx->genl, nlh, cb, out);
	if (!ret)
		return VNS_OK;
	snprintf(what, sizeof(what), "list the %s", vns_genl_list_name(cmd));
	return vns_genl_report(ctx, nlh, what, ret);
}
