/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watching what changes.
 */
#ifndef VNS_MONITOR_H
#define VNS_MONITOR_H

#include "output.h"

/**
 * struct vns_monitor - what a monitor knows
 * @ctx: the invocation
 * @only: name of the network to tell of, NULL: all
 * @events: netlink socket in the multicast group
 * @files: inotify descriptor
 * @stale: files changed since the leases were read
 * @failed: nobody reads what we print
 * @networks: of struct vns_network
 * @leases: of struct vns_monitor_lease
 */
struct vns_monitor {
	struct vns_ctx *ctx;
	const char *only;
	struct vns_nl events;
	int files;
	bool stale;
	bool failed;
	struct vns_array networks;
	struct vns_array leases;
};

/* monitor.c */
void vns_monitor_tell(struct vns_monitor *monitor, const char *event,
		      const char *what, struct json_object *object);
bool vns_monitor_wants(const struct vns_monitor *monitor, const char *network);

/* monitor_lease.c */
int vns_monitor_lease_open(struct vns_monitor *monitor);
void vns_monitor_lease_read(struct vns_monitor *monitor, bool tell);
void vns_monitor_lease_drain(struct vns_monitor *monitor);

#endif /* VNS_MONITOR_H */
