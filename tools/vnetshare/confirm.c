// SPDX-License-Identifier: GPL-2.0
/*
 * Changes that are undone unless they are confirmed (network set ... confirm
 * SECONDS). A process undoes the change: the user may have cut off the
 * connection over which the command came.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "confirm.h"
#include "daemon.h"
#include "netns.h"
#include "state.h"

/* undoing may fail for a passing reason: try again */
#define VNS_CONFIRM_TRIES	3
#define VNS_CONFIRM_PAUSE	2

/* the command's last message to the process; without one, the command died */
#define VNS_CONFIRM_DONE	'd'
#define VNS_CONFIRM_FAILED	'f'

/**
 * struct vns_confirm - the process that undoes a change
 * @ctx: the invocation of the command that forked the process
 * @ifindex: the network's device
 * @name: the network's name when the change was made
 * @undo: undoes the change
 * @data: last argument of @undo
 * @seconds: time until the change is undone
 * @command: socket to the command, -1: the command has ended
 * @timer: timerfd for @seconds
 * @signals: signalfd
 * @links: route netlink socket for changes of devices
 * @names: from vns_netns_watch(), -1: the namespace has no name
 * @path: of the file VNS_STATE_CONFIRM
 * @due: undo the change now
 * @end: end without undoing the change
 */
struct vns_confirm {
	struct vns_ctx *ctx;
	uint32_t ifindex;
	char name[IFNAMSIZ];
	int (*undo)(struct vns_ctx *ctx, const char *name, const void *data);
	const void *data;
	uint32_t seconds;
	int command;
	int timer;
	int signals;
	struct mnl_socket *links;
	int names;
	char path[VNS_STATE_PATH];
	bool due;
	bool end;
};

/* in the process: its file, open and locked; elsewhere -1 */
static int vns_confirm_file = -1;
static const char *vns_confirm_path;

/* In the process: a confirmed change has no file any more. */
static bool vns_confirm_is_pending(void)
{
	struct stat st;

	return !fstat(vns_confirm_file, &st) && st.st_nlink;
}

/* Is this the process that undoes a change? */
bool vns_confirm_is_undoing(void)
{
	return vns_confirm_file >= 0;
}

static void vns_confirm_start_timer(struct vns_confirm *confirm)
{
	long long at = vns_clock_boot_ms() + confirm->seconds * 1000LL;
	struct itimerspec when = {
		.it_value = { at / 1000, at % 1000 * 1000000 },
	};

	if (timerfd_settime(confirm->timer, TFD_TIMER_ABSTIME, &when, NULL)) {
		vns_error("%s: cannot set a timer: %s", confirm->name,
			  strerror(errno));
		confirm->due = true;
	}
	dprintf(vns_confirm_file, "%lld\n", at);
}

/*
 * The command reports its result. If it was killed, the change may be half
 * done.
 */
static void vns_confirm_read_command(struct vns_confirm *confirm)
{
	char word = 0;

	if (read(confirm->command, &word, 1) < 0 && errno == EINTR)
		return;
	if (word == VNS_CONFIRM_DONE)
		vns_confirm_start_timer(confirm);
	else if (word == VNS_CONFIRM_FAILED)
		confirm->end = true;
	else
		confirm->due = true;
	/* the command waits for the end of this socket */
	close(confirm->command);
	confirm->command = -1;
}

/*
 * SIGUSR1: the file may have been deleted. SIGTERM: the session or the machine
 * ends; undo the change now.
 */
static void vns_confirm_read_signals(struct vns_confirm *confirm)
{
	struct signalfd_siginfo info;

	while (read(confirm->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGTERM)
			confirm->due = true;
	if (!vns_confirm_is_pending())
		confirm->end = true;
}

static void vns_confirm_read_links(struct vns_confirm *confirm)
{
	char buf[16384], name[IFNAMSIZ];
	ssize_t len;

	do {
		len = recv(mnl_socket_get_fd(confirm->links), buf, sizeof(buf),
			   MSG_DONTWAIT);
	} while (len > 0 || (len < 0 && errno == ENOBUFS));
	if (!if_indextoname(confirm->ifindex, name))
		confirm->end = true;
}

static void vns_confirm_wait(struct vns_confirm *confirm)
{
	struct pollfd fds[5];

	while (!confirm->due && !confirm->end) {
		fds[0] = (struct pollfd){ confirm->command, POLLIN, 0 };
		fds[1] = (struct pollfd){ confirm->timer, POLLIN, 0 };
		fds[2] = (struct pollfd){ confirm->signals, POLLIN, 0 };
		fds[3] = (struct pollfd){
			mnl_socket_get_fd(confirm->links), POLLIN, 0
		};
		fds[4] = (struct pollfd){ confirm->names, POLLIN, 0 };
		if (poll(fds, VNS_ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[1].revents)
			confirm->due = true;
		if (fds[2].revents)
			vns_confirm_read_signals(confirm);
		if (fds[3].revents)
			vns_confirm_read_links(confirm);
		if (fds[4].revents) {
			vns_netns_drain(confirm->names);
			confirm->end |= vns_netns_gone(confirm->ctx);
		}
		if (fds[0].revents)
			vns_confirm_read_command(confirm);
	}
}

static void vns_confirm_undo(struct vns_confirm *confirm)
{
	char name[IFNAMSIZ];
	int tries;

	vns_note("%s: the change was not confirmed and is undone now",
		 confirm->name);
	for (tries = 0; tries < VNS_CONFIRM_TRIES; tries++) {
		if (tries)
			sleep(VNS_CONFIRM_PAUSE);
		if (!if_indextoname(confirm->ifindex, name))
			return;
		if (!confirm->undo(confirm->ctx, name, confirm->data)) {
			vns_note("%s: the change has been undone", name);
			return;
		}
		/* the change was confirmed meanwhile */
		if (!vns_confirm_is_pending())
			return;
	}
	vns_error("%s: the change cannot be undone and stays in effect", confirm->name);
}

/* An empty handler: unlike SIG_IGN, children do not inherit it. */
static void vns_confirm_ignore(int number)
{
	(void)number;
}

static int vns_confirm_open_signals(struct vns_confirm *confirm)
{
	struct sigaction ignore = {
		.sa_handler = vns_confirm_ignore,
		.sa_flags = SA_RESTART,
	};
	sigset_t set;

	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	confirm->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return confirm->signals < 0 ? -errno : 0;
}

static int vns_confirm_open(struct vns_confirm *confirm)
{
	int ret = vns_confirm_open_signals(confirm);

	if (ret)
		return ret;
	confirm->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	if (confirm->timer < 0)
		return -errno;
	confirm->links = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!confirm->links ||
	    mnl_socket_bind(confirm->links, RTMGRP_LINK,
			    MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	confirm->names = vns_netns_watch(confirm->ctx);

	/* a process that was killed has left its file */
	unlink(confirm->path);
	vns_confirm_file = vns_state_hold_file(confirm->path);
	if (vns_confirm_file < 0)
		return vns_confirm_file;
	vns_confirm_path = confirm->path;
	/* readable by anybody now that it is locked */
	return fchmod(vns_confirm_file, 0644) ? -errno : 0;
}

static noreturn void vns_confirm_process(struct vns_confirm *confirm)
{
	char title[64];
	int ret;

	setsid();
	vns_daemon_detach(confirm->ctx, confirm->command);
	snprintf(title, sizeof(title),
		 "vnetshare: a change of %s waits to be confirmed",
		 confirm->name);
	vns_daemon_title(title);
	ret = vns_confirm_open(confirm);
	if (write(confirm->command, &ret, sizeof(ret)) != sizeof(ret) || ret)
		confirm->end = true;
	vns_confirm_wait(confirm);
	if (!confirm->end)
		vns_confirm_undo(confirm);
	if (vns_confirm_path && vns_confirm_is_pending())
		unlink(vns_confirm_path);
	vns_state_tidy();
	_exit(VNS_OK);
}

/*
 * Fork twice, so that init reaps the process: the command may be a batch that
 * runs for long.
 */
static void vns_confirm_fork(struct vns_confirm *confirm)
{
	pid_t pid = fork();

	if (!pid)
		vns_confirm_process(confirm);
	_exit(pid < 0);
}

/**
 * vns_confirm_begin - start the process that will undo a change
 * @ctx: the invocation; vns_state_begin() has been called
 * @network: the network, not changed yet
 * @seconds: time until the change is undone, from vns_confirm_settle() on
 * @undo: undoes the change of the network @name; called in the process
 * @data: the last argument of @undo
 *
 * If the command is killed before vns_confirm_settle(), the process undoes the
 * change at once.
 *
 * Return: a descriptor for vns_confirm_settle(), or -1
 */
int vns_confirm_begin(struct vns_ctx *ctx, const struct vns_network *network,
		      uint32_t seconds,
		      int (*undo)(struct vns_ctx *ctx, const char *name,
				  const void *data),
		      const void *data)
{
	struct vns_confirm confirm = {
		.ctx = ctx,
		.ifindex = network->ifindex,
		.undo = undo,
		.data = data,
		.seconds = seconds,
		.names = -1,
	};
	int sockets[2], error = -EIO;
	pid_t pid;

	strcpy(confirm.name, network->name);
	vns_state_file(ctx, network->ifindex, VNS_STATE_CONFIRM, confirm.path);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets)) {
		vns_error("cannot make a socket: %s", strerror(errno));
		return -1;
	}
	confirm.command = sockets[1];
	fflush(stdout);
	pid = fork();
	if (!pid)
		vns_confirm_fork(&confirm);
	close(sockets[1]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* read() returns 0 when the process died */
	if (read(sockets[0], &error, sizeof(error)) == sizeof(error) && !error)
		return sockets[0];
	vns_error("cannot start the process that would undo the change: %s",
		  strerror(-error));
	close(sockets[0]);
	return -1;
}

/**
 * vns_confirm_settle - tell the process the result of the change
 * @undoer: what vns_confirm_begin() returned
 * @done: the change was made: the time begins; else it was undone already
 */
void vns_confirm_settle(int undoer, bool done)
{
	char word = done ? VNS_CONFIRM_DONE : VNS_CONFIRM_FAILED;

	if (send(undoer, &word, 1, MSG_NOSIGNAL) != 1)
		vns_error("the process that would undo the change is gone");
	/* the process closes its end when the timer runs */
	while (read(undoer, &word, 1) < 0 && errno == EINTR)
		;
	close(undoer);
}

/**
 * vns_confirm_permits - may a network be changed?
 * @ctx: the invocation; vns_state_begin() has been called
 *
 * While a change waits to be confirmed, only the process that undoes it may
 * change the network.
 */
int vns_confirm_permits(const struct vns_ctx *ctx,
			const struct vns_network *network)
{
	long left;

	if (vns_confirm_file >= 0)
		return vns_confirm_is_pending() ? VNS_OK : VNS_FAIL;
	left = vns_confirm_left(ctx, network->ifindex);
	if (left < 0)
		return VNS_OK;
	vns_error("the last change of network %s is not confirmed yet; it is undone in %ld s",
		  network->name, left);
	vns_hint("confirm it (\"vnetshare network confirm %s\"), or wait",
		 network->name);
	return VNS_FAIL;
}

/*
 * In the process: the change has been undone and cannot be confirmed any more.
 * Elsewhere nothing.
 */
void vns_confirm_undone(void)
{
	if (vns_confirm_path)
		unlink(vns_confirm_path);
}

/* Delete the file and tell the process. Returns whether there was a process. */
static bool vns_confirm_end(const char *path)
{
	int pidfd;

	if (!vns_state_file_holder(path, &pidfd)) {
		unlink(path);
		return false;
	}
	unlink(path);
	syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0);
	close(pidfd);
	return true;
}

/* Confirm the last change of a network. */
int vns_confirm_accept(const struct vns_ctx *ctx,
		       const struct vns_network *network)
{
	char path[VNS_STATE_PATH];
	int lock, ret = VNS_FAIL;

	lock = vns_state_begin();
	if (lock < 0)
		return VNS_FAIL;
	vns_state_file(ctx, network->ifindex, VNS_STATE_CONFIRM, path);
	if (!access(path, F_OK))
		ret = VNS_OK;
	if (ret)
		vns_error("no change of network %s waits to be confirmed",
			  network->name);
	else if (!vns_confirm_end(path))
		vns_warning("the process that would have undone the change of %s was killed: the change stays in effect",
			    network->name);
	vns_state_end(lock);
	return ret;
}

/**
 * vns_confirm_cancel - forget the change of a network that is gone
 * @ctx: the invocation; vns_state_begin() has been called
 * @ifindex: the network's device
 */
void vns_confirm_cancel(const struct vns_ctx *ctx, uint32_t ifindex)
{
	char path[VNS_STATE_PATH];

	vns_state_file(ctx, ifindex, VNS_STATE_CONFIRM, path);
	vns_confirm_end(path);
}

/**
 * vns_confirm_left - the time left to confirm a change
 * @ifindex: the network's device
 *
 * Return: seconds, or -1 when no change waits to be confirmed
 */
long vns_confirm_left(const struct vns_ctx *ctx, uint32_t ifindex)
{
	char path[VNS_STATE_PATH];
	long long at, left = 0;
	FILE *file;

	vns_state_file(ctx, ifindex, VNS_STATE_CONFIRM, path);
	if (!vns_state_file_holder(path, NULL))
		return -1;
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%lld", &at) == 1)
		left = at - vns_clock_boot_ms();
	fclose(file);
	return left > 0 ? (left + 999) / 1000 : 0;
}
