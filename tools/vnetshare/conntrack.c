// SPDX-License-Identifier: GPL-2.0
/*
 * The connection tracking table, over its netlink interface.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "session.h"

static int vns_conntrack_open(struct vns_ctx *ctx)
{
	return vns_nl_open(&ctx->conntrack, NETLINK_NETFILTER);
}

static struct nlmsghdr *vns_conntrack_request(char *buf, uint8_t type,
					      uint8_t family)
{
	struct nfgenmsg *nfg;
	struct nlmsghdr *nlh;

	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | type;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	return nlh;
}

/**
 * struct vns_conntrack_cb - the callback of a dump
 * @cb: called for each entry, which it then owns
 * @data: second argument of @cb
 */
struct vns_conntrack_cb {
	void (*cb)(struct nf_conntrack *ct, void *data);
	void *data;
};

static int vns_conntrack_entry_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct vns_conntrack_cb *state = data;
	struct nf_conntrack *ct = nfct_new();

	if (!ct)
		return MNL_CB_ERROR;
	if (nfct_nlmsg_parse(nlh, ct) < 0)
		nfct_destroy(ct);
	else
		state->cb(ct, state->data);
	return MNL_CB_OK;
}

/**
 * vns_conntrack_dump - read all entries, IPv4 and IPv6
 * @cb: called for each entry, which it has to free with nfct_destroy()
 * @data: second argument of @cb
 */
int vns_conntrack_dump(struct vns_ctx *ctx,
		       void (*cb)(struct nf_conntrack *ct, void *data),
		       void *data)
{
	struct vns_conntrack_cb state = { .cb = cb, .data = data };
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	int ret;

	if (vns_conntrack_open(ctx))
		return VNS_FAIL;
	nlh = vns_conntrack_request(buf, IPCTNL_MSG_CT_GET, AF_UNSPEC);
	nlh->nlmsg_flags = NLM_F_DUMP;
	ret = vns_nl_talk(&ctx->conntrack, nlh, vns_conntrack_entry_cb,
			  &state);
	if (!ret)
		return VNS_OK;
	vns_error("cannot list the sessions: %s",
		  vns_nl_reason(&ctx->conntrack, ret));
	if (ret == -EINVAL || ret == -EOPNOTSUPP)
		vns_hint("the kernel module nf_conntrack_netlink is needed");
	return VNS_FAIL;
}

/**
 * vns_conntrack_delete - delete an entry
 * @ctx: the invocation; vns_conntrack_dump() has been called
 * @gone: set to true when the entry had ended already
 */
int vns_conntrack_delete(struct vns_ctx *ctx, const struct nf_conntrack *ct,
			 bool *gone)
{
	struct nf_conntrack *key = nfct_new();
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;
	int ret = -ENOMEM;

	*gone = false;
	if (!key)
		goto out;
	/* the id tells the entry from a later one with the same addresses */
	nfct_copy(key, ct, NFCT_CP_ORIG);
	nfct_copy_attr(key, ct, ATTR_ID);
	if (nfct_attr_is_set(ct, ATTR_ZONE))
		nfct_copy_attr(key, ct, ATTR_ZONE);
	nlh = vns_conntrack_request(buf, IPCTNL_MSG_CT_DELETE,
				    nfct_get_attr_u8(ct, ATTR_L3PROTO));
	nfct_nlmsg_build(nlh, key);
	ret = vns_nl_talk(&ctx->conntrack, nlh, NULL, NULL);
	nfct_destroy(key);
out:
	*gone = ret == -ENOENT;
	if (!ret || *gone)
		return VNS_OK;
	vns_error("cannot end a session: %s",
		  vns_nl_reason(&ctx->conntrack, ret));
	return VNS_FAIL;
}

static void vns_conntrack_ip(const struct nf_conntrack *ct,
			     enum nf_conntrack_attr v4,
			     enum nf_conntrack_attr v6, struct vns_ip *ip)
{
	if (nfct_attr_is_set(ct, v4) > 0)
		vns_ip_read(ip, nfct_get_attr(ct, v4), 4);
	else if (nfct_attr_is_set(ct, v6) > 0)
		vns_ip_read(ip, nfct_get_attr(ct, v6), 16);
}

static uint16_t vns_conntrack_port(const struct nf_conntrack *ct,
				   enum nf_conntrack_attr attr)
{
	return nfct_attr_is_set(ct, attr) > 0 ?
	       ntohs(nfct_get_attr_u16(ct, attr)) : 0;
}

/**
 * vns_conntrack_ends - read the addresses before and after translation
 * @session: proto, from, to, as and at are set
 */
void vns_conntrack_ends(const struct nf_conntrack *ct,
			struct vns_session *session)
{
	session->proto = nfct_get_attr_u8(ct, ATTR_L4PROTO);
	vns_conntrack_ip(ct, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC,
			 &session->from.ip);
	vns_conntrack_ip(ct, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST,
			 &session->to.ip);
	vns_conntrack_ip(ct, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST,
			 &session->as.ip);
	vns_conntrack_ip(ct, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC,
			 &session->at.ip);
	session->from.port = vns_conntrack_port(ct, ATTR_ORIG_PORT_SRC);
	session->to.port = vns_conntrack_port(ct, ATTR_ORIG_PORT_DST);
	session->as.port = vns_conntrack_port(ct, ATTR_REPL_PORT_DST);
	session->at.port = vns_conntrack_port(ct, ATTR_REPL_PORT_SRC);
}
