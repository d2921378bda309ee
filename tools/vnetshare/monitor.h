/* SPDX-License-Identifier: GPL-2.0 */
/* Watching for changes. */
#ifndef VNS_MONITOR_H
#define VNS_MONITOR_H

#include "output.h"

/**
 * struct vns_monitor - the state of a monitor
 * @ctx: the invocation
 * @only: name of the network to watch, NULL: all
 * @events: netlink socket in the module's multicast group
 * @routes: route netlink socket for changes of default routes
 * @files: inotify descriptor
 * @stale: files have changed since the leases were read
 * @rerouted: default routes may have changed since they were read
 * @quiet_at: when to read them, unless more changes come; monotonic, ms
 * @failed: the output is closed, or no more events will come
 * @way: name of the device of the default route, empty: none
 * @networks: of struct vns_network
 * @leases: of struct vns_monitor_lease
 */
struct vns_monitor {
	struct vns_ctx *ctx;
	const char *only;
	struct vns_nl events;
	struct vns_nl routes;
	int files;
	bool stale;
	bool rerouted;
	long quiet_at;
	bool failed;
	char way[IFNAMSIZ];
	struct vns_array networks;
	struct vns_array leases;
};

/* monitor_print.c */
void vns_monitor_tell(struct vns_monitor *monitor, const char *event,
		      const char *what, struct json_object *object);
void vns_monitor_say(struct vns_monitor *monitor, const char *event,
		     const char *what, struct json_object *object,
		     const char *text);
bool vns_monitor_wants(const struct vns_monitor *monitor, const char *network);

/* monitor_lease.c */
int vns_monitor_lease_open(struct vns_monitor *monitor);
void vns_monitor_lease_read(struct vns_monitor *monitor, bool tell);
void vns_monitor_lease_drain(struct vns_monitor *monitor);

/* monitor_route.c */
int vns_monitor_route_open(struct vns_monitor *monitor);
void vns_monitor_route_read(struct vns_monitor *monitor, bool tell);
int vns_monitor_route_receive(struct vns_monitor *monitor);

#endif /* VNS_MONITOR_H */
