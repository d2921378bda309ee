// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare monitor: report changes of networks, ports, port forwards and
 * leases.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "forward.h"
#include "genl.h"
#include "monitor.h"
#include "network.h"
#include "parse.h"
#include "port.h"
#include "uplink.h"

/* dnsmasq writes its whole lease file within this time */
#define VNS_MONITOR_QUIET_MS	100

/* room for a line with names, an address and some words */
#define VNS_MONITOR_LINE	160

/*
 * multicast group of the family nlctrl, which announces families; its number is
 * fixed in the kernel
 */
#define VNS_MONITOR_CONTROL	GENL_ID_CTRL

/* room for a burst of changes while the monitor prints */
#define VNS_MONITOR_BUFFER	(4 << 20)

/* In text, one phrase replaces mode and uplink. */
static void vns_monitor_describe_uplink(const struct vns_ctx *ctx,
					const struct vns_network *network,
					struct json_object *object)
{
	bool bridged = network->mode == VNETSHARE_MODE_BRIDGED;
	char way[VNS_UPLINK_TEXT];

	if (ctx->json || bridged)
		vns_network_describe_bridged(network, object);
	if (!ctx->json && bridged) {
		vns_uplink_describe(network, way);
		vns_output_string(object, "mode", way);
		return;
	}
	vns_output_string(object, "mode", vns_genl_mode_name(network->mode));
	vns_network_describe_uplink(network, object);
}

static struct json_object *
vns_monitor_describe(const struct vns_ctx *ctx,
		     const struct vns_network *network)
{
	struct json_object *object = json_object_new_object();

	vns_output_string(object, "name", network->name);
	vns_output_string(object, "network", network->name);
	vns_output_number(object, "ifindex", network->ifindex);
	vns_monitor_describe_uplink(ctx, network, object);
	vns_output_bool(object, "isolate", network->isolate);
	vns_output_bool(object, "fastpath", network->fastpath);
	vns_output_bool(object, "share", network->share);
	vns_output_string(object, "firewall",
			  vns_genl_firewall_name(network->firewall));
	vns_output_mac(object, "mac", network->mac);
	vns_output_number(object, "mtu", network->mtu);
	vns_output_number(object, "ageing", network->ageing);
	return object;
}

/* Keep the list of networks, which maps ifindexes to names, up to date. */
static void vns_monitor_remember(struct vns_monitor *monitor,
				 const struct vns_network *network, bool gone)
{
	struct vns_network *item = monitor->networks.items;
	size_t i;

	monitor->stale = true;
	for (i = 0; i < monitor->networks.count; i++)
		if (item[i].ifindex == network->ifindex)
			break;
	if (gone && i < monitor->networks.count)
		item[i] = item[--monitor->networks.count];
	else if (!gone && i < monitor->networks.count)
		item[i] = *network;
	else if (!gone)
		*(struct vns_network *)vns_array_add(&monitor->networks) =
			*network;
}

static void vns_monitor_network(struct vns_monitor *monitor, const char *event,
				const struct nlmsghdr *nlh)
{
	struct vns_network network;

	vns_genl_network_read(nlh, &network);
	vns_monitor_remember(monitor, &network, !strcmp(event, "del"));
	if (vns_monitor_wants(monitor, network.name))
		vns_monitor_tell(monitor, event, "network",
				 vns_monitor_describe(monitor->ctx, &network));
}

static void vns_monitor_port(struct vns_monitor *monitor, const char *event,
			     const struct nlmsghdr *nlh)
{
	struct vns_port port;
	const char *name;

	vns_genl_port_read(nlh, &port);
	name = vns_genl_network_name(&monitor->networks, port.network);
	if (vns_monitor_wants(monitor, name))
		vns_monitor_tell(monitor, event, "port",
				 vns_port_describe(monitor->ctx, &port, name));
}

static void vns_monitor_forward(struct vns_monitor *monitor, const char *event,
				const struct nlmsghdr *nlh)
{
	struct vns_forward forward;
	const char *name;

	vns_genl_forward_read(nlh, &forward);
	name = vns_genl_network_name(&monitor->networks, forward.network);
	if (vns_monitor_wants(monitor, name))
		vns_monitor_tell(monitor, event, "forward",
				 vns_forward_describe(monitor->ctx, &forward,
						      name));
}

static void vns_monitor_conflict(struct vns_monitor *monitor,
				 const struct nlmsghdr *nlh)
{
	char address[VNS_IP_TEXT], text[VNS_MONITOR_LINE];
	struct json_object *object;
	struct vns_neigh neigh;
	const char *name;

	vns_genl_neigh_read(nlh, &neigh);
	name = vns_genl_network_name(&monitor->networks, neigh.network);
	if (!vns_monitor_wants(monitor, name))
		return;
	object = json_object_new_object();
	vns_output_string(object, "network", name);
	vns_output_string(object, "port", neigh.port_name);
	vns_output_number(object, "port_id", neigh.port_id);
	vns_output_ip(object, "address", &neigh.ip);
	vns_output_mac(object, "mac", neigh.mac);
	vns_output_mac(object, "holder", neigh.holder);
	snprintf(text, sizeof(text),
		 "conflict: network %s port %s address %s is also at %s",
		 name ? name : "?", neigh.port_name,
		 vns_ip_format(&neigh.ip, address),
		 vns_format_mac(neigh.holder));
	vns_monitor_say(monitor, "conflict", "address", object, text);
}

/*
 * When the module is loaded again, its family has another number: the monitor
 * cannot go on and ends.
 */
static void vns_monitor_control(struct vns_monitor *monitor,
				const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *gnlh = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (gnlh->cmd != CTRL_CMD_DELFAMILY)
		return;
	mnl_attr_for_each(attr, nlh, sizeof(*gnlh))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_get_u16(attr) == monitor->ctx->family)
			monitor->failed = true;
	if (monitor->failed)
		vns_error("the kernel module vnetshare has been removed");
}

static int vns_monitor_event_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *gnlh = mnl_nlmsg_get_payload(nlh);
	struct vns_monitor *monitor = data;

	if (nlh->nlmsg_type == GENL_ID_CTRL)
		vns_monitor_control(monitor, nlh);
	if (nlh->nlmsg_type != monitor->ctx->family)
		return MNL_CB_OK;
	switch (gnlh->cmd) {
	case VNETSHARE_CMD_NETWORK_ADD_NTF:
		vns_monitor_network(monitor, "add", nlh);
		break;
	case VNETSHARE_CMD_NETWORK_CHANGE_NTF:
		vns_monitor_network(monitor, "change", nlh);
		break;
	case VNETSHARE_CMD_NETWORK_DEL_NTF:
		vns_monitor_network(monitor, "del", nlh);
		break;
	case VNETSHARE_CMD_PORT_ADD_NTF:
		vns_monitor_port(monitor, "add", nlh);
		break;
	case VNETSHARE_CMD_PORT_CHANGE_NTF:
		vns_monitor_port(monitor, "change", nlh);
		break;
	case VNETSHARE_CMD_PORT_DEL_NTF:
		vns_monitor_port(monitor, "del", nlh);
		break;
	case VNETSHARE_CMD_FORWARD_ADD_NTF:
		vns_monitor_forward(monitor, "add", nlh);
		break;
	case VNETSHARE_CMD_FORWARD_DEL_NTF:
		vns_monitor_forward(monitor, "del", nlh);
		break;
	case VNETSHARE_CMD_NEIGH_CONFLICT_NTF:
		vns_monitor_conflict(monitor, nlh);
		break;
	}
	return MNL_CB_OK;
}

static int vns_monitor_receive(struct vns_monitor *monitor)
{
	char buf[32768];
	ssize_t len;

	len = mnl_socket_recvfrom(monitor->events.sock, buf, sizeof(buf));
	if (len >= 0) {
		mnl_cb_run(buf, len, 0, 0, vns_monitor_event_cb, monitor);
		return VNS_OK;
	}
	if (errno == EINTR)
		return VNS_OK;
	if (errno != ENOBUFS) {
		vns_error("cannot read events: %s", strerror(errno));
		return VNS_FAIL;
	}
	/* the socket's buffer has overflowed */
	vns_monitor_tell(monitor, "lost", NULL, NULL);
	vns_note("events were lost");
	monitor->stale = true;
	return vns_genl_networks(monitor->ctx, &monitor->networks);
}

/* Subscribe before listing, so that no change is missed in between. */
static int vns_monitor_open(struct vns_monitor *monitor)
{
	const int size = VNS_MONITOR_BUFFER;
	int control = VNS_MONITOR_CONTROL;
	struct vns_ctx *ctx = monitor->ctx;

	if (vns_genl_open(ctx) ||
	    vns_nl_open(&monitor->events, NETLINK_GENERIC))
		return VNS_FAIL;
	/* without CAP_NET_ADMIN, the default size remains */
	setsockopt(mnl_socket_get_fd(monitor->events.sock), SOL_SOCKET,
		   SO_RCVBUFFORCE, &size, sizeof(size));
	if (mnl_socket_setsockopt(monitor->events.sock, NETLINK_ADD_MEMBERSHIP,
				  &ctx->group, sizeof(ctx->group)) ||
	    mnl_socket_setsockopt(monitor->events.sock, NETLINK_ADD_MEMBERSHIP,
				  &control, sizeof(control))) {
		vns_error("cannot wait for events: %s", strerror(errno));
		return VNS_FAIL;
	}
	if (vns_monitor_lease_open(monitor) ||
	    vns_monitor_route_open(monitor) ||
	    vns_genl_networks(ctx, &monitor->networks))
		return VNS_FAIL;
	vns_monitor_lease_read(monitor, false);
	vns_monitor_route_read(monitor, false);
	vns_monitor_tell(monitor, "start", NULL, NULL);
	return VNS_OK;
}

/*
 * Milliseconds until changed files or routes are read; -1 when nothing has
 * changed
 */
static int vns_monitor_timeout(const struct vns_monitor *monitor)
{
	long left;

	if (!monitor->stale && !monitor->rerouted)
		return -1;
	left = monitor->quiet_at - vns_clock_ms();
	return left > 0 ? left : 0;
}

static void vns_monitor_do_due(struct vns_monitor *monitor)
{
	if (vns_monitor_timeout(monitor))
		return;
	if (monitor->stale)
		vns_monitor_lease_read(monitor, true);
	if (monitor->rerouted)
		vns_monitor_route_read(monitor, true);
}

static int vns_monitor_read(struct vns_monitor *monitor,
			    const struct pollfd *fds)
{
	bool idle = !monitor->stale && !monitor->rerouted;

	if (fds[1].revents && vns_monitor_receive(monitor))
		return VNS_FAIL;
	if (fds[2].revents)
		vns_monitor_lease_drain(monitor);
	if (fds[3].revents && vns_monitor_route_receive(monitor))
		return VNS_FAIL;
	/*
	 * route changes alone must not postpone the reading: they may never
	 * stop
	 */
	if (idle || fds[1].revents || fds[2].revents)
		monitor->quiet_at = vns_clock_ms() + VNS_MONITOR_QUIET_MS;
	return VNS_OK;
}

static int vns_monitor_loop(struct vns_monitor *monitor, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = mnl_socket_get_fd(monitor->events.sock),
		  .events = POLLIN },
		{ .fd = monitor->files, .events = POLLIN },
		{ .fd = mnl_socket_get_fd(monitor->routes.sock),
		  .events = POLLIN },
	};
	int count;

	while (!monitor->failed) {
		count = poll(fds, VNS_ARRAY_SIZE(fds),
			     vns_monitor_timeout(monitor));
		if (count < 0 && errno != EINTR) {
			vns_error("cannot wait: %s", strerror(errno));
			return VNS_FAIL;
		}
		if (count < 0)
			continue;
		if (fds[0].revents)
			return VNS_OK;
		if (vns_monitor_read(monitor, fds))
			return VNS_FAIL;
		vns_monitor_do_due(monitor);
	}
	return VNS_FAIL;
}

int vns_cmd_monitor(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_monitor monitor = { .ctx = ctx, .files = -1 };
	int signals, ret;
	sigset_t set;

	ret = vns_args_only(args, NULL, &monitor.only);
	if (ret)
		return ret;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0) {
		vns_error("cannot wait for signals: %s", strerror(errno));
		return VNS_FAIL;
	}
	ret = vns_monitor_open(&monitor);
	if (!ret)
		ret = vns_monitor_loop(&monitor, signals);
	close(signals);
	if (monitor.files >= 0)
		close(monitor.files);
	vns_nl_close(&monitor.events);
	vns_nl_close(&monitor.routes);
	vns_array_free(&monitor.networks);
	vns_array_free(&monitor.leases);
	return ret;
}
