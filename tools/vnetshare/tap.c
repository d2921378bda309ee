// SPDX-License-Identifier: GPL-2.0
/*
 * Taps that "attach" makes. The kernel deletes a tap with its descriptor until
 * vns_tap_keep(): a command that fails or is killed leaves none. An alias marks
 * these taps.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rtnl.h"
#include "tap.h"

#define VNS_TAP_DEVICE		"/dev/net/tun"
#define VNS_TAP_NAME		"vn%d"
#define VNS_TAP_ALIAS		"made by vnetshare attach"

/*
 * Make a tap that lasts as long as the returned descriptor; -1 after a failure.
 */
int vns_tap_open(uid_t user, char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd;

	fd = open(VNS_TAP_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		vns_error("cannot open %s: %s", VNS_TAP_DEVICE,
			  strerror(errno));
		return -1;
	}
	strcpy(ifr.ifr_name, VNS_TAP_NAME);
	if (ioctl(fd, TUNSETIFF, &ifr) ||
	    ioctl(fd, TUNSETOWNER, (unsigned long)user)) {
		vns_error("cannot make a tap: %s", strerror(errno));
		close(fd);
		return -1;
	}
	snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, ifr.ifr_name);
	return fd;
}

int vns_tap_mark(struct vns_ctx *ctx, uint32_t ifindex, const char *name)
{
	return vns_rtnl_link_alias(ctx, ifindex, name, VNS_TAP_ALIAS);
}

int vns_tap_keep(int fd, const char *name)
{
	if (!ioctl(fd, TUNSETPERSIST, 1))
		return VNS_OK;
	vns_error("cannot keep tap %s: %s", name, strerror(errno));
	return VNS_FAIL;
}

/* Is the port a tap that "attach" has made? */
bool vns_tap_is_ours(struct vns_ctx *ctx, const struct vns_port *port)
{
	struct vns_link link;

	if (port->type != VNETSHARE_PORT_TYPE_ATTACHED || port->has_netnsid ||
	    vns_rtnl_link_find(ctx, port->ifindex, NULL, &link))
		return false;
	return !strcmp(link.kind, "tun") &&
	       !strcmp(link.alias, VNS_TAP_ALIAS);
}
