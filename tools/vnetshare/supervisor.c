// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor of a network: a process that starts dnsmasq, and again when it
 * dies. It follows changes of the network's name, mode, MTU and addresses and
 * of the host's IPv6 routes. When the network is gone, it ends dnsmasq and
 * removes its files.
 *
 * SIGTERM ends the supervisor; SIGINT ends it but keeps leases and
 * configuration; SIGHUP restarts dnsmasq.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "daemon.h"
#include "dhcp.h"
#include "genl.h"
#include "netns.h"
#include "parse.h"
#include "rtnl.h"
#include "state.h"
#include "uplink.h"

/* time for dnsmasq to end before it is killed */
#define VNS_SUPERVISOR_GRACE_MS		3000

/* pause before a restart: it doubles until dnsmasq has lived long enough */
#define VNS_SUPERVISOR_BACKOFF_MS	250
#define VNS_SUPERVISOR_MAX_BACKOFF_MS	30000
#define VNS_SUPERVISOR_STABLE_MS	60000

/* routes and addresses of the host change in bursts */
#define VNS_SUPERVISOR_CALM_MS		1000

#define VNS_SUPERVISOR_READY		"started, version "

/**
 * struct vns_supervisor - the supervisor of one network
 * @ctx: the invocation of the command that forked the supervisor
 * @ifindex: the network's device
 * @dir: its directory
 * @conf: input of dnsmasq's current configuration
 * @report: pipe to the command that waits for the start, -1: none waits
 * @events: route netlink socket for changes of devices, addresses and routes
 * @changes: generic netlink socket for changes of networks
 * @signals: signalfd
 * @names: from vns_netns_watch(), -1: the namespace has no name
 * @child: process id of dnsmasq, 0: it does not run
 * @output: pipe with the output of the child, -1: closed
 * @line: the beginning of an incomplete line of output
 * @line_len: bytes in @line
 * @last: the last complete line
 * @ready: the child answers queries
 * @end: end when the child has ended
 * @keep: leave the files at the end
 * @backoff_ms: the next pause before a restart
 * @started_at: when the child was started; all times are monotonic, ms
 * @start_at: when to start the next child, 0: after the next change
 * @kill_at: when to kill the child, 0: never
 * @refresh_at: when to read changed settings, 0: nothing has changed
 */
struct vns_supervisor {
	struct vns_ctx *ctx;
	uint32_t ifindex;
	char dir[VNS_STATE_PATH];
	struct vns_dhcp_conf conf;
	int report;
	struct mnl_socket *events;
	struct mnl_socket *changes;
	int signals;
	int names;
	pid_t child;
	int output;
	char line[512];
	size_t line_len;
	char last[512];
	bool ready;
	bool end;
	bool keep;
	long backoff_ms;
	long started_at;
	long start_at;
	long kill_at;
	long refresh_at;
};

static void vns_supervisor_title(const char *name)
{
	char title[64];

	snprintf(title, sizeof(title), "vnetshare: DHCP and DNS of %s", name);
	vns_daemon_title(title);
}

/* Report to the command that waits for the start, once. */
static void vns_supervisor_report(struct vns_supervisor *sup, const char *text)
{
	if (sup->report < 0)
		return;
	if (write(sup->report, text, strlen(text)) < 0)
		vns_error("cannot report: %s", strerror(errno));
	close(sup->report);
	sup->report = -1;
}

/* End after a failure. The command decides about the files. */
static void vns_supervisor_fail(struct vns_supervisor *sup, const char *what,
				int error)
{
	char text[256];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(error));
	vns_error("%s: %s", sup->conf.name, text);
	vns_supervisor_report(sup, text);
	sup->end = true;
	sup->keep = true;
}

static void vns_supervisor_write_pid(struct vns_supervisor *sup)
{
	char path[VNS_STATE_PATH];
	FILE *file;

	vns_state_path(sup->dir, VNS_STATE_PID, path);
	if (!sup->ready) {
		unlink(path);
		return;
	}
	file = fopen(path, "we");
	if (!file)
		return;
	fprintf(file, "%d\n", sup->child);
	fchmod(fileno(file), 0644);
	fclose(file);
}

static void vns_supervisor_stop_child(struct vns_supervisor *sup)
{
	if (!sup->child || sup->kill_at)
		return;
	kill(sup->child, SIGTERM);
	sup->kill_at = vns_clock_ms() + VNS_SUPERVISOR_GRACE_MS;
}

/* While the command waits, this is its failure. Later, the reason may pass. */
static void vns_supervisor_not_started(struct vns_supervisor *sup,
				       const char *what, int error)
{
	if (sup->report >= 0) {
		vns_supervisor_fail(sup, what, error);
		return;
	}
	vns_error("%s: %s: %s", sup->conf.name, what, strerror(error));
	sup->start_at = vns_clock_ms() + VNS_SUPERVISOR_MAX_BACKOFF_MS;
}

static void vns_supervisor_start_child(struct vns_supervisor *sup)
{
	int ret;

	sup->start_at = 0;
	ret = vns_dnsmasq_configure(sup->ctx, sup->dir, &sup->conf);
	if (ret) {
		vns_supervisor_not_started(sup, "cannot configure dnsmasq",
					   -ret);
		return;
	}
	ret = vns_dnsmasq_spawn(sup->dir, &sup->output);
	if (ret < 0) {
		vns_supervisor_not_started(sup, "cannot start dnsmasq", -ret);
		return;
	}
	sup->child = ret;
	sup->ready = false;
	sup->line_len = 0;
	sup->last[0] = '\0';
	sup->kill_at = 0;
	sup->started_at = vns_clock_ms();
}

/* "Nov 22 11:53:01 dnsmasq[123]: text" or "dnsmasq: text" */
static const char *vns_supervisor_strip(const char *line)
{
	const char *colon, *name = strstr(line, "dnsmasq");

	if (!name)
		return line;
	colon = strstr(name, ": ");
	return colon ? colon + 2 : line;
}

static void vns_supervisor_take_line(struct vns_supervisor *sup)
{
	const char *text = vns_supervisor_strip(sup->line);

	if (!*text || !strcmp(text, "FAILED to start up"))
		return;
	syslog(LOG_INFO, "%s: dnsmasq: %s", sup->conf.name, text);
	snprintf(sup->last, sizeof(sup->last), "%s", text);
	if (sup->ready || strncmp(text, VNS_SUPERVISOR_READY,
				  strlen(VNS_SUPERVISOR_READY)))
		return;
	sup->ready = true;
	vns_supervisor_write_pid(sup);
	vns_supervisor_report(sup, "ok");
}

static void vns_supervisor_read_output(struct vns_supervisor *sup)
{
	char buf[512];
	ssize_t i, got;

	got = read(sup->output, buf, sizeof(buf));
	if (!got) {
		/*
		 * end of file, though the child may live: poll() must not spin
		 */
		close(sup->output);
		sup->output = -1;
	}
	for (i = 0; i < got; i++) {
		if (buf[i] != '\n') {
			if (sup->line_len < sizeof(sup->line) - 1)
				sup->line[sup->line_len++] = buf[i];
			continue;
		}
		sup->line[sup->line_len] = '\0';
		sup->line_len = 0;
		vns_supervisor_take_line(sup);
	}
}

/* Read all output of a child that has ended. */
static void vns_supervisor_drain_output(struct vns_supervisor *sup)
{
	struct pollfd pfd = { .fd = sup->output, .events = POLLIN };

	while (sup->output >= 0 && poll(&pfd, 1, 0) > 0)
		vns_supervisor_read_output(sup);
	if (sup->output >= 0)
		close(sup->output);
	sup->output = -1;
}

static void vns_supervisor_plan_restart(struct vns_supervisor *sup, long now)
{
	if (sup->kill_at) {
		/* the supervisor ended it, for a new configuration */
		sup->start_at = now;
		return;
	}
	if (now - sup->started_at >= VNS_SUPERVISOR_STABLE_MS)
		sup->backoff_ms = VNS_SUPERVISOR_BACKOFF_MS;
	vns_error("%s: dnsmasq died, starting it again in %ld ms: %s",
		  sup->conf.name, sup->backoff_ms, sup->last);
	sup->start_at = now + sup->backoff_ms;
	sup->backoff_ms *= 2;
	if (sup->backoff_ms > VNS_SUPERVISOR_MAX_BACKOFF_MS)
		sup->backoff_ms = VNS_SUPERVISOR_MAX_BACKOFF_MS;
}

static void vns_supervisor_reap(struct vns_supervisor *sup)
{
	siginfo_t info = { };
	bool was_ready;

	if (!sup->child ||
	    waitid(P_PID, sup->child, &info, WEXITED | WNOHANG | WNOWAIT) ||
	    !info.si_pid)
		return;
	vns_supervisor_drain_output(sup);
	/*
	 * kill its children for TCP; the process group exists until waitpid()
	 */
	kill(-sup->child, SIGKILL);
	waitpid(sup->child, NULL, 0);
	sup->child = 0;
	was_ready = sup->ready;
	sup->ready = false;
	vns_supervisor_write_pid(sup);

	if (!was_ready && !sup->kill_at && sup->report >= 0) {
		vns_supervisor_report(sup, *sup->last ? sup->last :
				      "dnsmasq said nothing");
		sup->end = true;
		sup->keep = true;
	}
	if (!sup->end)
		vns_supervisor_plan_restart(sup, vns_clock_ms());
	sup->kill_at = 0;
}

static bool vns_supervisor_can_serve(const struct vns_dhcp_conf *conf)
{
	return conf->subnet.plen || conf->subnet6.plen;
}

/* Does the network have a way to the outside? */
static void vns_supervisor_read_outside(struct vns_supervisor *sup,
					const struct vns_network *network,
					struct vns_dhcp_conf *conf)
{
	char uplink[IFNAMSIZ];

	conf->outside = vns_genl_has_outside(network);
	conf->outside6 = conf->outside && conf->subnet6.plen &&
			 vns_uplink_device(sup->ctx, network, AF_INET6, uplink);
}

/*
 * Read the current settings. Returns false when the device is gone. Subnets are
 * left out while nothing can be served: in a mode without a gateway, or with a
 * name that cannot be a domain.
 */
static bool vns_supervisor_read_device(struct vns_supervisor *sup,
				       struct vns_dhcp_conf *conf)
{
	struct vns_ctx *ctx = sup->ctx;
	struct vns_network network;
	struct vns_link link;

	memset(conf, 0, sizeof(*conf));
	if (vns_rtnl_link_find(ctx, sup->ifindex, NULL, &link) ||
	    vns_subnet_of(ctx, sup->ifindex, AF_INET, &conf->subnet) ||
	    vns_subnet_of(ctx, sup->ifindex, AF_INET6, &conf->subnet6) ||
	    (link.ifindex && vns_genl_network_find(ctx, link.name, &network))) {
		*conf = sup->conf;
		return true;
	}
	if (!link.ifindex)
		return false;
	snprintf(conf->name, sizeof(conf->name), "%s", link.name);
	conf->mtu = link.mtu;
	conf->waits = !vns_genl_has_gateway(network.mode);
	if (conf->waits || vns_parse_network_name(link.name)) {
		conf->subnet.plen = 0;
		conf->subnet6.plen = 0;
	}
	vns_supervisor_read_outside(sup, &network, conf);
	return true;
}

static bool vns_supervisor_same(const struct vns_dhcp_conf *a,
				const struct vns_dhcp_conf *b)
{
	return !strcmp(a->name, b->name) && a->mtu == b->mtu &&
	       a->waits == b->waits &&
	       vns_subnet_equal(&a->subnet, &b->subnet) &&
	       vns_subnet_equal(&a->subnet6, &b->subnet6) &&
	       a->outside == b->outside && a->outside6 == b->outside6;
}

/* Rename the files of a network that has a new name. */
static void vns_supervisor_rename(struct vns_supervisor *sup, const char *name)
{
	char dir[VNS_STATE_PATH];

	vns_state_dir(sup->ctx, name, dir);
	if (!vns_state_holder(dir, NULL))
		vns_state_remove(dir);
	if (rename(sup->dir, dir)) {
		vns_error("cannot rename %s to %s: %s", sup->dir, dir,
			  strerror(errno));
		return;
	}
	strcpy(sup->dir, dir);
	vns_supervisor_title(name);
}

/* Something has changed: restart dnsmasq if its configuration depends on it. */
static void vns_supervisor_refresh(struct vns_supervisor *sup)
{
	struct vns_dhcp_conf conf;

	sup->refresh_at = 0;
	if (!vns_supervisor_read_device(sup, &conf)) {
		sup->end = true;
		return;
	}
	if (vns_supervisor_same(&conf, &sup->conf))
		return;
	if (strcmp(conf.name, sup->conf.name))
		vns_supervisor_rename(sup, conf.name);
	sup->conf = conf;
	vns_supervisor_stop_child(sup);
	if (!sup->child)
		sup->start_at = vns_clock_ms();
}

static void vns_supervisor_plan_refresh(struct vns_supervisor *sup, long delay)
{
	long at = vns_clock_ms() + delay;

	if (!sup->refresh_at || at < sup->refresh_at)
		sup->refresh_at = at;
}

/*
 * Is the message about the network's device? Routes may concern several devices
 * and do not count.
 */
static bool vns_supervisor_concerns(const struct vns_supervisor *sup,
				    const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return (uint32_t)ifi->ifi_index == sup->ifindex;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return ifa->ifa_index == sup->ifindex;
	}
	return false;
}

static int vns_supervisor_event_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct vns_supervisor *sup = data;
	bool ours = vns_supervisor_concerns(sup, nlh);

	if (ours && nlh->nlmsg_type == RTM_DELLINK &&
	    ifi->ifi_family == AF_UNSPEC)
		sup->end = true;
	vns_supervisor_plan_refresh(sup, ours ? 0 : VNS_SUPERVISOR_CALM_MS);
	return MNL_CB_OK;
}

static int vns_supervisor_change_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *gnlh = mnl_nlmsg_get_payload(nlh);
	struct vns_network network;
	struct vns_supervisor *sup = data;

	if (gnlh->cmd != VNETSHARE_CMD_NETWORK_CHANGE_NTF)
		return MNL_CB_OK;
	vns_genl_network_read(nlh, &network);
	if (network.ifindex == sup->ifindex)
		vns_supervisor_plan_refresh(sup, 0);
	return MNL_CB_OK;
}

static void vns_supervisor_hear(struct vns_supervisor *sup,
				struct mnl_socket *sock, mnl_cb_t cb)
{
	char buf[16384];
	ssize_t len;

	do {
		len = recv(mnl_socket_get_fd(sock), buf, sizeof(buf),
			   MSG_DONTWAIT);
		if (len > 0)
			mnl_cb_run(buf, len, 0, 0, cb, sup);
		else if (len < 0 && errno == ENOBUFS)
			/*
			 * the socket's buffer has overflowed: read everything
			 * again
			 */
			vns_supervisor_plan_refresh(sup, 0);
	} while (len > 0 || (len < 0 && errno == ENOBUFS));
}

static void vns_supervisor_read_signals(struct vns_supervisor *sup)
{
	struct signalfd_siginfo info;

	while (read(sup->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGINT:
			sup->keep = true;
			sup->end = true;
			break;
		case SIGTERM:
			sup->end = true;
			break;
		case SIGHUP:
			vns_supervisor_stop_child(sup);
			break;
		}
	}
	vns_supervisor_reap(sup);
}

static void vns_supervisor_read_names(struct vns_supervisor *sup)
{
	vns_netns_drain(sup->names);
	if (vns_netns_gone(sup->ctx))
		sup->end = true;
}

/* Milliseconds until something is due, or -1 */
static int vns_supervisor_timeout(const struct vns_supervisor *sup)
{
	long due = sup->child ? sup->kill_at : sup->start_at;
	long left;

	if (sup->refresh_at && (!due || sup->refresh_at < due))
		due = sup->refresh_at;
	if (!due)
		return -1;
	left = due - vns_clock_ms();
	return left > 0 ? left : 0;
}

static void vns_supervisor_do_due(struct vns_supervisor *sup)
{
	long now = vns_clock_ms();

	if (!sup->end && sup->refresh_at && now >= sup->refresh_at)
		vns_supervisor_refresh(sup);
	if (sup->end)
		vns_supervisor_stop_child(sup);
	if (sup->child && sup->kill_at && now >= sup->kill_at)
		kill(sup->child, SIGKILL);
	if (!vns_supervisor_can_serve(&sup->conf))
		sup->start_at = 0;
	if (!sup->child && !sup->end && sup->start_at && now >= sup->start_at)
		vns_supervisor_start_child(sup);
}

static void vns_supervisor_loop(struct vns_supervisor *sup)
{
	struct pollfd pfd[5];

	while (vns_supervisor_do_due(sup), sup->child || !sup->end) {
		pfd[0] = (struct pollfd){ sup->signals, POLLIN, 0 };
		pfd[1] = (struct pollfd){
			mnl_socket_get_fd(sup->events), POLLIN, 0
		};
		pfd[2] = (struct pollfd){ sup->output, POLLIN, 0 };
		pfd[3] = (struct pollfd){ sup->names, POLLIN, 0 };
		pfd[4] = (struct pollfd){
			mnl_socket_get_fd(sup->changes), POLLIN, 0
		};
		if (poll(pfd, VNS_ARRAY_SIZE(pfd),
			 vns_supervisor_timeout(sup)) < 0)
			continue;
		if (pfd[2].revents)
			vns_supervisor_read_output(sup);
		if (pfd[1].revents)
			vns_supervisor_hear(sup, sup->events,
					    vns_supervisor_event_cb);
		if (pfd[4].revents)
			vns_supervisor_hear(sup, sup->changes,
					    vns_supervisor_change_cb);
		if (pfd[3].revents)
			vns_supervisor_read_names(sup);
		if (pfd[0].revents)
			vns_supervisor_read_signals(sup);
	}
}

static int vns_supervisor_open_events(struct vns_supervisor *sup)
{
	sup->events = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!sup->events)
		return -errno;
	if (mnl_socket_bind(sup->events, RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
			    RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE,
			    MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

/* The multicast group is known: the command has looked up the family. */
static int vns_supervisor_open_changes(struct vns_supervisor *sup)
{
	sup->changes = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!sup->changes)
		return -errno;
	if (mnl_socket_bind(sup->changes, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(sup->changes, NETLINK_ADD_MEMBERSHIP,
				  &sup->ctx->group,
				  sizeof(sup->ctx->group)) < 0)
		return -errno;
	return 0;
}

static int vns_supervisor_open_signals(struct vns_supervisor *sup)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sup->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return sup->signals < 0 ? -errno : 0;
}

static int vns_supervisor_open(struct vns_supervisor *sup)
{
	int ret, lock;

	if (vns_state_make(sup->dir))
		return -EACCES;
	lock = vns_state_hold(sup->dir);
	if (lock < 0)
		return lock;
	ret = vns_supervisor_open_signals(sup);
	if (!ret)
		ret = vns_supervisor_open_events(sup);
	if (!ret)
		ret = vns_supervisor_open_changes(sup);
	sup->names = vns_netns_watch(sup->ctx);
	if (vns_netns_gone(sup->ctx))
		sup->end = true;
	return ret;
}

/**
 * vns_supervisor_run - run as the supervisor of a network
 * @ifindex: the network's device
 * @report: pipe for "ok" when dnsmasq answers queries, or for an error
 */
noreturn void vns_supervisor_run(struct vns_ctx *ctx, const char *name,
				 uint32_t ifindex, int report)
{
	struct vns_supervisor sup = {
		.ctx = ctx,
		.ifindex = ifindex,
		.report = report,
		.signals = -1,
		.names = -1,
		.output = -1,
		.backoff_ms = VNS_SUPERVISOR_BACKOFF_MS,
	};
	int ret;

	vns_daemon_detach(ctx, report);
	vns_supervisor_title(name);
	snprintf(sup.conf.name, sizeof(sup.conf.name), "%s", name);
	vns_state_dir(ctx, name, sup.dir);
	ret = vns_supervisor_open(&sup);
	if (ret) {
		vns_supervisor_fail(&sup, "cannot start the supervisor", -ret);
		_exit(VNS_FAIL);
	}
	if (!vns_supervisor_read_device(&sup, &sup.conf))
		vns_supervisor_fail(&sup, "no such device", ENODEV);
	else if (sup.conf.waits)
		vns_supervisor_report(&sup, "ok");
	else if (!vns_supervisor_can_serve(&sup.conf))
		vns_supervisor_fail(&sup, "the network has no subnet",
				    EADDRNOTAVAIL);
	else
		sup.start_at = vns_clock_ms();
	vns_supervisor_loop(&sup);
	vns_supervisor_report(&sup, "the network is gone");
	if (!sup.keep) {
		if (vns_netns_gone(ctx) ||
		    !vns_supervisor_read_device(&sup, &sup.conf))
			vns_kept_remove(ctx, ifindex);
		vns_state_remove(sup.dir);
		vns_state_tidy();
	}
	_exit(VNS_OK);
}
