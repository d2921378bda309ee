// SPDX-License-Identifier: GPL-2.0
/*
 * Watching the host's default route. A bridged network with "uplink auto" stays
 * on the device that was chosen for it, so where another one would be chosen
 * now, that is news.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "monitor.h"
#include "uplink.h"

/**
 * vns_monitor_route_open - begin to watch
 * @monitor: the monitor
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_monitor_route_open(struct vns_monitor *monitor)
{
	/* IPv4 routes go with their device without a word */
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

/* Is a network on the device that "auto" means now? */
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
 * vns_monitor_route_read - find out where the default route is
 * @monitor: the monitor; its way is set
 * @tell: say what has changed
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

/**
 * vns_monitor_route_receive - routes or devices changed
 * @monitor: the monitor; marked, if default routes may be among them
 *
 * Return: VNS_OK or VNS_FAIL
 */
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
	/* too many came: what counts is read anew */
	monitor->rerouted = true;
	return VNS_OK;
}
