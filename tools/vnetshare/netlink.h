/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink sockets and requests, with the kernel's own error messages. */
#ifndef VNS_NETLINK_H
#define VNS_NETLINK_H

#include <libmnl/libmnl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "array.h"
#include "ip.h"

/* enough for every request */
#define VNS_NL_REQUEST_SIZE	1024

/**
 * struct vns_nl - a netlink socket and the outcome of its last request
 * @sock: the socket, NULL while it is not open
 * @seq: sequence number of the last request
 * @error: result of the last request: 0 or a negative errno
 * @message: the kernel's message (extack), or empty
 * @attr_offset: offset of the wrong attribute in the request, 0: not named
 * @attr_missing: number of the missing attribute, 0: not named
 * @has_range: the kernel named the attribute's range
 * @min: lowest value of the range
 * @max: highest value of the range
 */
struct vns_nl {
	struct mnl_socket *sock;
	unsigned int seq;
	int error;
	char message[256];
	uint32_t attr_offset;
	uint32_t attr_missing;
	bool has_range;
	uint64_t min;
	uint64_t max;
};

int vns_nl_open(struct vns_nl *nl, int bus);
void vns_nl_close(struct vns_nl *nl);
struct nlmsghdr *vns_nl_begin(char *buf);
int vns_nl_talk(struct vns_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		void *data);
int vns_nl_dump(struct vns_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		struct vns_array *out);
const char *vns_nl_reason(const struct vns_nl *nl, int error);
void vns_nl_string(char *to, size_t size, const struct nlattr *attr);
void vns_nl_name(char *to, const struct nlattr *attr);
bool vns_nl_mac(uint8_t *to, const struct nlattr *attr);
bool vns_nl_ip(struct vns_ip *to, const struct nlattr *attr);

#endif /* VNS_NETLINK_H */
