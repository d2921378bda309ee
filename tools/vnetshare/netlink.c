// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and their answers, over libmnl. The kernel's extended acknowledgment
 * (message, attribute) is kept for the report of an error.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "vnetshare.h"

#define VNS_NL_DUMP_TRIES	10
#define VNS_NL_BUFFER_SIZE	32768

/**
 * vns_nl_open - open a netlink socket
 * @nl: the socket; it may be open already
 * @bus: NETLINK_GENERIC, NETLINK_ROUTE or NETLINK_NETFILTER
 */
int vns_nl_open(struct vns_nl *nl, int bus)
{
	int one = 1;

	if (nl->sock)
		return VNS_OK;
	nl->sock = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!nl->sock) {
		vns_error("cannot open a netlink socket: %s", strerror(errno));
		return VNS_FAIL;
	}
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		vns_error("cannot bind a netlink socket: %s", strerror(errno));
		vns_nl_close(nl);
		return VNS_FAIL;
	}
	/* optional: without these, the kernel only reports less */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_GET_STRICT_CHK, &one,
			      sizeof(one));
	return VNS_OK;
}

/* Close a netlink socket, if it is open. */
void vns_nl_close(struct vns_nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	nl->sock = NULL;
}

static void vns_nl_policy(struct vns_nl *nl, const struct nlattr *policy)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, policy) {
		switch (mnl_attr_get_type(attr)) {
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
			nl->min = mnl_attr_get_u64(attr);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
			nl->max = mnl_attr_get_u64(attr);
			nl->has_range = true;
			break;
		}
	}
}

static void vns_nl_extack(struct vns_nl *nl, const struct nlmsghdr *nlh,
			  size_t offset)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(nl->message, sizeof(nl->message), "%.*s",
				 mnl_attr_get_payload_len(attr),
				 mnl_attr_get_str(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			nl->attr_offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			nl->attr_missing = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_POLICY:
			vns_nl_policy(nl, attr);
			break;
		}
	}
}

/**
 * struct vns_nl_cb - argument of the callbacks of a request
 * @nl: the socket
 * @cb: the caller's callback for answers, or NULL
 * @data: argument of @cb
 */
struct vns_nl_cb {
	struct vns_nl *nl;
	mnl_cb_t cb;
	void *data;
};

static int vns_nl_cb_data(const struct nlmsghdr *nlh, void *arg)
{
	struct vns_nl_cb *state = arg;

	return state->cb ? state->cb(nlh, state->data) : MNL_CB_OK;
}

static int vns_nl_cb_error(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct vns_nl_cb *state = arg;
	size_t offset = sizeof(*err);

	if (nlh->nlmsg_len < mnl_nlmsg_size(sizeof(*err))) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += err->msg.nlmsg_len - MNL_NLMSG_HDRLEN;
	if (mnl_nlmsg_size(offset) <= nlh->nlmsg_len)
		vns_nl_extack(state->nl, nlh, offset);
	if (!err->error)
		return MNL_CB_STOP;
	errno = -err->error;
	return MNL_CB_ERROR;
}

/*
 * A dump that fails after its first message carries the error in its last
 * message.
 */
static int vns_nl_cb_done(const struct nlmsghdr *nlh, void *arg)
{
	struct vns_nl_cb *state = arg;
	int error;

	if (nlh->nlmsg_len < mnl_nlmsg_size(sizeof(error)))
		return MNL_CB_STOP;
	error = *(const int *)mnl_nlmsg_get_payload(nlh);
	vns_nl_extack(state->nl, nlh, sizeof(error));
	if (error >= 0)
		return MNL_CB_STOP;
	errno = -error;
	return MNL_CB_ERROR;
}

static int vns_nl_receive(struct vns_nl *nl, struct vns_nl_cb *state)
{
	static mnl_cb_t control[NLMSG_MIN_TYPE] = {
		[NLMSG_ERROR] = vns_nl_cb_error,
		[NLMSG_DONE] = vns_nl_cb_done,
	};
	char buf[VNS_NL_BUFFER_SIZE];
	ssize_t len;
	int ret;

	do {
		len = mnl_socket_recvfrom(nl->sock, buf, sizeof(buf));
		if (len < 0 && errno == EINTR) {
			ret = MNL_CB_OK;
			continue;
		}
		if (len < 0)
			return -errno;
		ret = mnl_cb_run2(buf, len, nl->seq,
				  mnl_socket_get_portid(nl->sock),
				  vns_nl_cb_data, state, control,
				  VNS_ARRAY_SIZE(control));
	} while (ret > MNL_CB_STOP);
	return ret == MNL_CB_STOP ? 0 : -errno;
}

/**
 * vns_nl_begin - begin a request
 * @buf: VNS_NL_REQUEST_SIZE bytes to build it in
 *
 * Return: the message with an empty header; the buffer is zeroed, and so is the
 *	padding of attributes
 */
struct nlmsghdr *vns_nl_begin(char *buf)
{
	memset(buf, 0, VNS_NL_REQUEST_SIZE);
	return mnl_nlmsg_put_header(buf);
}

/**
 * vns_nl_talk - send a request and read its answers
 * @nlh: the request; the flags NLM_F_REQUEST and, unless it is a dump,
 *	NLM_F_ACK are added
 * @cb: called for each answer that is not an acknowledgment, or NULL
 * @data: argument of @cb
 *
 * Return: 0 or a negative errno; vns_nl_reason() has the text
 */
int vns_nl_talk(struct vns_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		void *data)
{
	struct vns_nl_cb state = { .nl = nl, .cb = cb, .data = data };

	nl->error = 0;
	nl->message[0] = '\0';
	nl->attr_offset = 0;
	nl->attr_missing = 0;
	nl->has_range = false;
	nl->min = 0;

	nlh->nlmsg_seq = ++nl->seq;
	nlh->nlmsg_flags |= NLM_F_REQUEST;
	if ((nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		nl->error = -errno;
	else
		nl->error = vns_nl_receive(nl, &state);
	return nl->error;
}

/* Answers of an interrupted dump may still be in the socket: open a new one. */
static int vns_nl_reopen(struct vns_nl *nl)
{
	socklen_t len = sizeof(int);
	int bus;

	if (getsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_PROTOCOL,
		       &bus, &len))
		return -errno;
	vns_nl_close(nl);
	return vns_nl_open(nl, bus) ? -EIO : 0;
}

/**
 * vns_nl_dump - read a table, again when it has changed meanwhile
 * @nlh: the request; NLM_F_DUMP is added
 * @cb: called for each entry
 * @out: argument of @cb, emptied before each try
 *
 * Return: 0 or a negative errno
 */
int vns_nl_dump(struct vns_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		struct vns_array *out)
{
	int tries, ret = -EINTR;

	nlh->nlmsg_flags |= NLM_F_DUMP;
	for (tries = 0; tries < VNS_NL_DUMP_TRIES && ret == -EINTR; tries++) {
		out->count = 0;
		ret = vns_nl_talk(nl, nlh, cb, out);
		if (ret == -EINTR && vns_nl_reopen(nl))
			return -EIO;
	}
	return ret;
}

/**
 * vns_nl_reason - the reason why the last request failed
 * @error: result of the request
 *
 * Return: the kernel's message, or the text of the error
 */
const char *vns_nl_reason(const struct vns_nl *nl, int error)
{
	return nl->message[0] ? nl->message : strerror(-error);
}

/**
 * vns_nl_string - copy a string from an attribute
 * @size: size of @to in bytes; a longer string is cut off
 */
void vns_nl_string(char *to, size_t size, const struct nlattr *attr)
{
	snprintf(to, size, "%.*s", mnl_attr_get_payload_len(attr),
		 mnl_attr_get_str(attr));
}

/**
 * vns_nl_name - copy the name of a device from an attribute
 * @to: IFNAMSIZ bytes
 */
void vns_nl_name(char *to, const struct nlattr *attr)
{
	vns_nl_string(to, IFNAMSIZ, attr);
}

/**
 * vns_nl_mac - copy a MAC address from an attribute
 * @to: 6 bytes; unchanged when the attribute has another length
 *
 * Return: the attribute holds a MAC address
 */
bool vns_nl_mac(uint8_t *to, const struct nlattr *attr)
{
	if (mnl_attr_get_payload_len(attr) != 6)
		return false;
	memcpy(to, mnl_attr_get_payload(attr), 6);
	return true;
}

/**
 * vns_nl_ip - copy an IP address of 4 or 16 bytes from an attribute
 *
 * Return: the attribute has one of these lengths
 */
bool vns_nl_ip(struct vns_ip *to, const struct nlattr *attr)
{
	return vns_ip_read(to, mnl_attr_get_payload(attr),
			   mnl_attr_get_payload_len(attr));
}
