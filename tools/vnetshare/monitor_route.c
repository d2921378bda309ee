// SPDX-License-Identifier: GPL-2.0
/*
 * Watching the host's default route. A bridged network with "uplink auto" keeps
 * the uplink that was chosen for it. The monitor reports when another device
 * would be chosen.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "monitor.h"
#include "uplink.h"

int vns_monitor_route_open(struct vns_monitor *monitor)
{
	/* the kernel removes IPv4 routes silently together with their device */
	static const int groups[] = {
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK,
	};
	size_t i;

	if (vns_nl_open(&monitor->routes, NETLINK_ROUTE))
		return VNS_FAIL;
	for (i = 0; i < VNS_ARRAY_SIZE(groups); i++) {
		if (!mnl_socket_setsockopt(monitor->routes.sock,
					   NETLINK_ADD_MEMBERSHIP,
					   (void *)&groups[i],
					   sizeof(groups[i])))
			continue;
		vns_error("cannot wait for routes: %s", strerror(errno));
		return VNS_FAIL;
	}
	return VNS_OK;
}

/* Is the network's uplink the device that "auto" means now? */
static bool vns_monitor_route_agrees(const struct vns_monitor *monitor,
				     const struct vns_network *network)
{
	return !strcmp(monitor->way, network->uplink) ||
	       (network->bridge[0] && !strcmp(monitor->way, network->bridge));
}

static void vns_monitor_route_tell(struct vns_monitor *monitor,
				   const struct vns_network *network)
{
	bool agrees = vns_monitor_route_agrees(monitor, network);
	struct json_object *object = json_object_new_object();
	const char *way = monitor->way;
	char text[VNS_UPLINK_TEXT];

	vns_output_string(object, "network", network->name);
	vns_output_string(object, "device", way[0] ? way : NULL);
	vns_output_string(object, "uplink", network->uplink);
	if (!way[0])
		snprintf(text, sizeof(text),
			 "there is no default route now; network %s stays on %s",
			 network->name, network->uplink);
	else
		snprintf(text, sizeof(text),
			 "default route is now by %s%s network %s %s %s", way,
			 agrees ? ", and" : ";", network->name,
			 agrees ? "is on" : "stays on", network->uplink);
	vns_monitor_say(monitor, "default-route", "network", object, text);
}

/**
 * vns_monitor_route_read - read the device of the default route into the monitor
 * @tell: report a change
 */
void vns_monitor_route_read(struct vns_monitor *monitor, bool tell)
{
	const struct vns_network *network = monitor->networks.items;
	struct vns_link best, unfit;
	size_t i;

	monitor->rerouted = false;
	if (vns_uplink_default(monitor->ctx, &best, &unfit) ||
	    !strcmp(monitor->way, best.name))
		return;
	strcpy(monitor->way, best.name);
	for (i = 0; tell && i < monitor->networks.count; i++, network++)
		if (network->mode == VNETSHARE_MODE_BRIDGED &&
		    network->uplink_auto &&
		    vns_monitor_wants(monitor, network->name))
			vns_monitor_route_tell(monitor, network);
}

static int vns_monitor_route_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct vns_monitor *monitor = data;

	switch (nlh->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		monitor->rerouted |= !rtm->rtm_dst_len;
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		monitor->rerouted = true;
		break;
	}
	return MNL_CB_OK;
}

/* Routes or devices have changed: note whether default routes may have. */
int vns_monitor_route_receive(struct vns_monitor *monitor)
{
	char buf[32768];
	ssize_t len;

	len = mnl_socket_recvfrom(monitor->routes.sock, buf, sizeof(buf));
	if (len >= 0) {
		mnl_cb_run(buf, len, 0, 0, vns_monitor_route_cb, monitor);
		return VNS_OK;
	}
	if (errno == EINTR)
		return VNS_OK;
	if (errno != ENOBUFS) {
		vns_error("cannot read routes: %s", strerror(errno));
		return VNS_FAIL;
	}
	/* the socket's buffer has overflowed: read the default route again */
	monitor->rerouted = true;
	return VNS_OK;
}
