// SPDX-License-Identifier: GPL-2.0
/* DHCP and DNS of a network: start, stop and status, for the commands. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "dhcp.h"
#include "parse.h"
#include "program.h"
#include "state.h"

/* generous: a debug kernel in an emulator is 100 times slower */
#define VNS_DHCP_START_MS	60000
#define VNS_DHCP_END_MS		30000
#define VNS_DHCP_KILL_MS	10000

/*
 * Check that a network can have DHCP: its name is valid, dnsmasq is installed.
 */
int vns_dhcp_check(const char *name)
{
	char path[VNS_PROGRAM_PATH];

	if (vns_parse_network_name(name))
		return VNS_FAIL;
	if (vns_program_find("dnsmasq", path))
		return VNS_OK;
	vns_error("dnsmasq, which provides DHCP and DNS, is not installed");
	vns_hint("apt install dnsmasq-base (Debian, Ubuntu), or \"dhcp off\"");
	return VNS_FAIL;
}

/*
 * Wait until a descriptor is readable. A pidfd is when its process has ended.
 */
static bool vns_dhcp_wait(int fd, long deadline)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	long left;
	int ret;

	do {
		left = deadline - vns_clock_ms();
		ret = poll(&pfd, 1, left > 0 ? left : 0);
	} while (ret < 0 && errno == EINTR);
	return ret > 0;
}

static int vns_dhcp_signal(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

/* Wait for a supervisor to end, and kill it if it does not. */
static void vns_dhcp_reap(int pidfd, long patience_ms)
{
	if (!vns_dhcp_wait(pidfd, vns_clock_ms() + patience_ms)) {
		vns_dhcp_signal(pidfd, SIGKILL);
		vns_dhcp_wait(pidfd, vns_clock_ms() + VNS_DHCP_KILL_MS);
	}
	close(pidfd);
}

/**
 * vns_dhcp_open - find the supervisor of a network
 *
 * Return: a descriptor for vns_dhcp_finish(), -1 when there is no supervisor
 */
int vns_dhcp_open(struct vns_ctx *ctx, const char *name)
{
	char dir[VNS_STATE_PATH];
	int pidfd;

	vns_state_dir(ctx, name, dir);
	vns_state_holder(dir, &pidfd);
	return pidfd;
}

/* Does a network have a supervisor? It may have one while nothing is served. */
bool vns_dhcp_is_watched(struct vns_ctx *ctx, const char *name)
{
	char dir[VNS_STATE_PATH];

	vns_state_dir(ctx, name, dir);
	return vns_state_holder(dir, NULL);
}

/**
 * vns_dhcp_finish - wait until a deleted network's supervisor has ended
 * @pidfd: what vns_dhcp_open() returned before the network was deleted
 *
 * The supervisor ends by itself when the device is gone. If it was killed
 * before, this removes its files.
 */
int vns_dhcp_finish(struct vns_ctx *ctx, const char *name, int pidfd)
{
	char dir[VNS_STATE_PATH];

	if (pidfd >= 0)
		vns_dhcp_reap(pidfd, VNS_DHCP_END_MS);
	vns_state_dir(ctx, name, dir);
	if (!vns_state_holder(dir, NULL))
		vns_state_remove(dir);
	return VNS_OK;
}

/**
 * vns_dhcp_stop - end DHCP and DNS of a network, if they run
 * @keep: keep the leases, because DHCP will be started again
 */
int vns_dhcp_stop(struct vns_ctx *ctx, const char *name, bool keep)
{
	char dir[VNS_STATE_PATH];
	int pidfd;

	vns_state_dir(ctx, name, dir);
	if (vns_state_holder(dir, &pidfd)) {
		if (vns_dhcp_signal(pidfd, keep ? SIGINT : SIGTERM) &&
		    errno != ESRCH) {
			vns_error("cannot end DHCP of %s: %s", name,
				  strerror(errno));
			close(pidfd);
			return VNS_FAIL;
		}
		vns_dhcp_reap(pidfd, VNS_DHCP_END_MS);
	}
	if (!keep)
		vns_state_remove(dir);
	return VNS_OK;
}

/* In a child of the command: become a daemon and run the supervisor. */
static void vns_dhcp_detach(struct vns_ctx *ctx, const char *name,
			    uint32_t ifindex, int report)
{
	char copy[IFNAMSIZ];
	pid_t pid;

	snprintf(copy, sizeof(copy), "%s", name);
	setsid();
	pid = fork();
	if (pid)
		_exit(pid < 0);
	vns_supervisor_run(ctx, copy, ifindex, report);
}

/* Read the supervisor's report about its start: "ok" or an error. */
static int vns_dhcp_read_report(const char *name, int fd)
{
	long deadline = vns_clock_ms() + VNS_DHCP_START_MS;
	char report[512];
	size_t len = 0;
	ssize_t got = 1;

	while (got > 0 && len < sizeof(report) - 1) {
		if (!vns_dhcp_wait(fd, deadline)) {
			vns_error("DHCP of %s did not start in %d seconds",
				  name, VNS_DHCP_START_MS / 1000);
			return VNS_FAIL;
		}
		got = read(fd, report + len, sizeof(report) - 1 - len);
		if (got > 0)
			len += got;
	}
	report[len] = '\0';
	if (!strcmp(report, "ok"))
		return VNS_OK;
	vns_error("DHCP and DNS of %s did not start: %s", name,
		  len ? report : "their supervisor died");
	return VNS_FAIL;
}

/**
 * vns_dhcp_start - start DHCP and DNS of a network
 * @ifindex: the network's device, which is up and has an address
 *
 * Running services are restarted. On return, dnsmasq answers; in a mode without
 * a gateway, only the supervisor runs and waits for another mode.
 *
 * Return: VNS_OK, or VNS_FAIL when nothing runs; existing files are kept
 */
int vns_dhcp_start(struct vns_ctx *ctx, const char *name, uint32_t ifindex)
{
	int pipes[2], ret, status;
	pid_t pid;

	if (vns_dhcp_check(name) || vns_dhcp_stop(ctx, name, true))
		return VNS_FAIL;
	if (pipe2(pipes, O_CLOEXEC)) {
		vns_error("cannot make a pipe: %s", strerror(errno));
		return VNS_FAIL;
	}
	fflush(stdout);
	pid = fork();
	if (!pid)
		vns_dhcp_detach(ctx, name, ifindex, pipes[1]);
	close(pipes[1]);
	if (pid < 0) {
		vns_error("cannot start a process: %s", strerror(errno));
		ret = VNS_FAIL;
	} else {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		ret = vns_dhcp_read_report(name, pipes[0]);
	}
	close(pipes[0]);
	if (ret)
		vns_dhcp_stop(ctx, name, true);
	return ret;
}

static pid_t vns_dhcp_read_pid(const char *dir)
{
	char path[VNS_STATE_PATH];
	pid_t pid = 0;
	FILE *file;

	vns_state_path(dir, VNS_STATE_PID, path);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

/* For users that may not read the lock: does the process look like dnsmasq? */
static bool vns_dhcp_looks_running(pid_t pid)
{
	char path[32], comm[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(comm, sizeof(comm), file))
		comm[0] = '\0';
	fclose(file);
	return !strcmp(comm, "dnsmasq\n");
}

void vns_dhcp_status(struct vns_ctx *ctx, const char *name,
		     struct vns_dhcp_status *status)
{
	char dir[VNS_STATE_PATH], path[VNS_STATE_PATH];

	vns_state_dir(ctx, name, dir);
	vns_state_path(dir, VNS_STATE_CONF, path);
	status->on = !access(path, F_OK);
	status->pid = vns_dhcp_read_pid(dir);
	vns_state_path(dir, VNS_STATE_LOCK, path);
	if (access(path, R_OK)) {
		if (!vns_dhcp_looks_running(status->pid))
			status->pid = 0;
	} else if (!vns_state_holder(dir, NULL)) {
		status->pid = 0;
	}
}
