// SPDX-License-Identifier: GPL-2.0
/*
 * Watching leases. dnsmasq rewrites its whole lease file at each change:
 * changes are found by comparison.
 */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lease.h"
#include "monitor.h"
#include "state.h"

/**
 * struct vns_monitor_lease - a lease that has been reported
 * @network: name of its network
 * @lease: the lease
 */
struct vns_monitor_lease {
	char network[IFNAMSIZ];
	struct vns_lease lease;
};

int vns_monitor_lease_open(struct vns_monitor *monitor)
{
	monitor->files = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (monitor->files >= 0)
		return VNS_OK;
	vns_error("cannot watch files: %s", strerror(errno));
	return VNS_FAIL;
}

/*
 * Directories appear and disappear, the root directory too. Adding a watch
 * twice is harmless. A directory that does not exist cannot be watched, but its
 * parent can.
 */
static void vns_monitor_lease_watch(struct vns_monitor *monitor)
{
	const struct vns_network *network = monitor->networks.items;
	const uint32_t come_and_go = IN_CREATE | IN_DELETE | IN_MOVED_TO;
	char dir[VNS_STATE_PATH];
	size_t i;

	inotify_add_watch(monitor->files, "/run", IN_CREATE);
	inotify_add_watch(monitor->files, VNS_STATE_ROOT, come_and_go);
	for (i = 0; i < monitor->networks.count; i++) {
		vns_state_dir(monitor->ctx, network[i].name, dir);
		inotify_add_watch(monitor->files, dir,
				  come_and_go | IN_MODIFY);
	}
}

/* Files have changed: the leases are to be read again. */
void vns_monitor_lease_drain(struct vns_monitor *monitor)
{
	char buf[4096];

	while (read(monitor->files, buf, sizeof(buf)) > 0)
		monitor->stale = true;
}

static void vns_monitor_lease_tell(struct vns_monitor *monitor,
				   const char *event,
				   const struct vns_monitor_lease *item)
{
	vns_monitor_tell(monitor, event, "lease",
			 vns_lease_describe(&item->lease, item->network));
}

/* The same lease in another list, or NULL */
static const struct vns_monitor_lease *
vns_monitor_lease_find(const struct vns_array *leases,
		       const struct vns_monitor_lease *wanted)
{
	const struct vns_monitor_lease *item = leases->items;
	size_t i;

	for (i = 0; i < leases->count; i++, item++)
		if (!strcmp(item->network, wanted->network) &&
		    !strcmp(item->lease.mac, wanted->lease.mac) &&
		    vns_ip_equal(&item->lease.address, &wanted->lease.address))
			return item;
	return NULL;
}

static void vns_monitor_lease_compare(struct vns_monitor *monitor,
				      const struct vns_array *now)
{
	const struct vns_monitor_lease *item = monitor->leases.items, *other;
	size_t i;

	for (i = 0; i < monitor->leases.count; i++)
		if (!vns_monitor_lease_find(now, &item[i]))
			vns_monitor_lease_tell(monitor, "del", &item[i]);
	item = now->items;
	for (i = 0; i < now->count; i++) {
		other = vns_monitor_lease_find(&monitor->leases, &item[i]);
		if (!other)
			vns_monitor_lease_tell(monitor, "add", &item[i]);
		else if (strcmp(other->lease.name, item[i].lease.name))
			vns_monitor_lease_tell(monitor, "change", &item[i]);
	}
}

/**
 * vns_monitor_lease_read - read all leases into the monitor
 * @tell: report changes
 */
void vns_monitor_lease_read(struct vns_monitor *monitor, bool tell)
{
	struct vns_array now = { .size = sizeof(struct vns_monitor_lease) };
	const struct vns_network *network = monitor->networks.items;
	struct vns_monitor_lease *item;
	struct vns_array leases = { };
	size_t i, j;

	monitor->stale = false;
	vns_monitor_lease_watch(monitor);
	for (i = 0; i < monitor->networks.count; i++) {
		if (!vns_monitor_wants(monitor, network[i].name))
			continue;
		vns_lease_read(monitor->ctx, network[i].name, &leases);
		for (j = 0; j < leases.count; j++) {
			item = vns_array_add(&now);
			strcpy(item->network, network[i].name);
			item->lease = ((struct vns_lease *)leases.items)[j];
		}
		vns_array_free(&leases);
	}
	if (tell)
		vns_monitor_lease_compare(monitor, &now);
	vns_array_free(&monitor->leases);
	monitor->leases = now;
}
