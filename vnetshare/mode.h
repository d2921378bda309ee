/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_MODE_H
#define _VNETSHARE_MODE_H

#include <linux/types.h>
#include <uapi/linux/vnetshare.h>

/**
 * struct vns_mode - how far the frames of a network may go
 * @id: the mode's number on netlink
 * @shared: host-only, given the outside at run time ("share on")
 * @host: VMs and the host talk to each other
 * @outside: VMs reach the outside, behind the host's address
 * @bridged: VMs are on the uplink's link, as the host is
 */
struct vns_mode {
	enum vnetshare_mode id;
	bool shared;
	bool host;
	bool outside;
	bool bridged;
};

const struct vns_mode *vns_mode_find(u32 id, bool shared);

#endif /* _VNETSHARE_MODE_H */
