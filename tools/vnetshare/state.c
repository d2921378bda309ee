// SPDX-License-Identifier: GPL-2.0
/*
 * Files below /run/vnetshare. Each network with DHCP has a directory: NAME in
 * the initial network namespace, NAME@INODE in others. Beside the directories,
 * there are files by ifindex, which a change of the name does not concern:
 * .IFINDEX.FILE in the initial namespace, .IFINDEX@INODE.FILE in others.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state.h"

/* Block the signals that would end the command half-way. */
static void vns_state_block_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

/*
 * Lock the root directory, which only root can open. An empty root directory
 * may be removed by another process: make sure that the locked one is still the
 * one with the path.
 */
static int vns_state_lock_root(int how)
{
	struct stat locked, named;
	int fd;

	for (;;) {
		fd = open(VNS_STATE_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		if (flock(fd, how)) {
			close(fd);
			return -errno;
		}
		if (!fstat(fd, &locked) && !stat(VNS_STATE_ROOT, &named) &&
		    locked.st_ino == named.st_ino)
			return fd;
		close(fd);
	}
}

/**
 * vns_state_begin - begin a change, after the end of any other
 *
 * Two commands at once would choose the same subnet. Signals that would end the
 * command are blocked until vns_state_end().
 *
 * Return: a file for vns_state_end(), or -1
 */
int vns_state_begin(void)
{
	int fd;

	/* modes of files do not depend on the caller */
	umask(022);
	do {
		fd = mkdir(VNS_STATE_ROOT, 0711) && errno != EEXIST ? -errno :
		     vns_state_lock_root(LOCK_EX);
	} while (fd == -ENOENT);
	if (fd < 0) {
		vns_error("cannot lock %s: %s%s", VNS_STATE_ROOT, strerror(-fd),
			  fd == -EACCES ? " (are you root?)" : "");
		return -1;
	}
	vns_state_block_signals(SIG_BLOCK);
	return fd;
}

void vns_state_end(int fd)
{
	rmdir(VNS_STATE_ROOT);
	close(fd);
	vns_state_block_signals(SIG_UNBLOCK);
}

/* Remove the root directory if it is empty and no change is under way. */
void vns_state_tidy(void)
{
	int fd = vns_state_lock_root(LOCK_EX | LOCK_NB);

	if (fd < 0)
		return;
	rmdir(VNS_STATE_ROOT);
	close(fd);
}

/**
 * vns_state_dir - the directory of a network
 * @dir: VNS_STATE_PATH bytes, set
 */
void vns_state_dir(const struct vns_ctx *ctx, const char *name, char *dir)
{
	if (ctx->netns_inode)
		snprintf(dir, VNS_STATE_PATH, "%s/%s@%lu", VNS_STATE_ROOT,
			 name, ctx->netns_inode);
	else
		snprintf(dir, VNS_STATE_PATH, "%s/%s", VNS_STATE_ROOT, name);
}

/**
 * vns_state_path - a file in the directory of a network
 * @file: VNS_STATE_LOCK, VNS_STATE_CONF, VNS_STATE_PID or VNS_STATE_LEASES
 * @path: VNS_STATE_PATH bytes, set
 */
void vns_state_path(const char *dir, const char *file, char *path)
{
	snprintf(path, VNS_STATE_PATH, "%.70s/%s", dir, file);
}

/**
 * vns_state_file - a file of a network, whatever its name
 * @ifindex: the network's device
 * @file: VNS_STATE_SUBNETS or VNS_STATE_CONFIRM
 * @path: VNS_STATE_PATH bytes, set
 */
void vns_state_file(const struct vns_ctx *ctx, uint32_t ifindex,
		    const char *file, char *path)
{
	char inode[24] = "";

	if (ctx->netns_inode)
		snprintf(inode, sizeof(inode), "@%lu", ctx->netns_inode);
	snprintf(path, VNS_STATE_PATH, "%s/.%u%s.%s", VNS_STATE_ROOT, ifindex,
		 inode, file);
}

int vns_state_make(const char *dir)
{
	if (!mkdir(dir, 0755) || errno == EEXIST)
		return VNS_OK;
	vns_error("cannot make %s: %s", dir, strerror(errno));
	return VNS_FAIL;
}

/* Remove the directory of a network with its files; it may be absent. */
void vns_state_remove(const char *dir)
{
	static const char *const files[] = {
		VNS_STATE_CONF, VNS_STATE_PID, VNS_STATE_LEASES,
		VNS_STATE_LOCK,
	};
	char path[VNS_STATE_PATH];
	size_t i;

	for (i = 0; i < VNS_ARRAY_SIZE(files); i++) {
		vns_state_path(dir, files[i], path);
		unlink(path);
	}
	rmdir(dir);
}

static int vns_state_lock(int fd, int how, short type, pid_t *holder)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	if (fcntl(fd, how, &lock))
		return -errno;
	if (holder)
		*holder = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
	return 0;
}

/**
 * vns_state_hold_file - lock a file
 * @path: of the file, which is created if it is absent
 *
 * This is a POSIX lock, which names its holder. The process holds it until it
 * ends or closes any descriptor of the file; children do not inherit it. Any
 * process that can open the file could lock it, hence the mode: only root can.
 *
 * Return: a file that must stay open, or a negative errno
 */
int vns_state_hold_file(const char *path)
{
	int fd, ret;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = vns_state_lock(fd, F_SETLK, F_WRLCK, NULL);
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

/**
 * vns_state_hold - lock the directory of a network, as its supervisor
 *
 * Return: a file that must stay open, or a negative errno
 */
int vns_state_hold(const char *dir)
{
	char path[VNS_STATE_PATH];

	vns_state_path(dir, VNS_STATE_LOCK, path);
	return vns_state_hold_file(path);
}

/**
 * vns_state_file_holder - find the process that has locked a file
 * @pidfd: set to a pidfd of the process, or -1; may be NULL
 *
 * Return: the process id, or 0
 */
pid_t vns_state_file_holder(const char *path, int *pidfd)
{
	pid_t pid = 0, again = 0;
	int fd, proc = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !vns_state_lock(fd, F_GETLK, F_RDLCK, &pid) && pid > 0) {
		proc = syscall(SYS_pidfd_open, pid, 0);
		/* the pidfd is the holder's if that still has the lock */
		if (proc < 0 ||
		    vns_state_lock(fd, F_GETLK, F_RDLCK, &again) ||
		    again != pid)
			pid = 0;
	}
	if (fd >= 0)
		close(fd);
	if (!pid && proc >= 0) {
		close(proc);
		proc = -1;
	}
	if (pidfd)
		*pidfd = proc;
	else if (proc >= 0)
		close(proc);
	return pid;
}

/**
 * vns_state_holder - find the supervisor of a network
 * @dir: the network's directory
 * @pidfd: set to a pidfd of the process, or -1; may be NULL
 *
 * Return: the process id, or 0
 */
pid_t vns_state_holder(const char *dir, int *pidfd)
{
	char path[VNS_STATE_PATH];

	vns_state_path(dir, VNS_STATE_LOCK, path);
	return vns_state_file_holder(path, pidfd);
}
