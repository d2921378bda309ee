/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The base of the vnetshare command: the context of an invocation, exit status,
 * messages.
 */
#ifndef VNS_VNETSHARE_H
#define VNS_VNETSHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "netlink.h"

#define VNS_BIT(nr)		(1U << (nr))
#define VNS_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * enum vns_exit - exit status, also what most functions return
 * @VNS_OK: done
 * @VNS_FAIL: refused by the kernel, or failed; the reason has been printed
 * @VNS_USAGE: the command line is wrong; the reason has been printed
 */
enum vns_exit {
	VNS_OK = 0,
	VNS_FAIL = 1,
	VNS_USAGE = 2,
};

/**
 * struct vns_ctx - one invocation of the command
 * @json: print JSON instead of text
 * @pretty: indent the JSON
 * @netns: name of the current network namespace below /run/netns, NULL in the
 *	initial namespace and in one without a name
 * @netns_inode: inode of the namespace, 0 for the initial one
 * @genl: generic netlink socket, opened by vns_genl_open()
 * @rtnl: route netlink socket, opened by vns_rtnl_open()
 * @conntrack: netlink socket for sessions, opened by vns_conntrack_open()
 * @family: number of the generic netlink family "vnetshare"
 * @group: number of its multicast group
 */
struct vns_ctx {
	bool json;
	bool pretty;
	char *netns;
	unsigned long netns_inode;
	struct vns_nl genl;
	struct vns_nl rtnl;
	struct vns_nl conntrack;
	uint16_t family;
	uint32_t group;
};

#endif /* VNS_VNETSHARE_H */
