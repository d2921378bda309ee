// SPDX-License-Identifier: GPL-2.0
/*
 * The directories below /run/vnetshare, one a network that has DHCP:
 * NAME in the initial network namespace, NAME@INODE in others. Beside them,
 * files with what else is to be known of a network: .IFINDEX.FILE in the
 * initial namespace, .IFINDEX@INODE.FILE in others, whatever the name.
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

/* Done half-way is what no signal may leave behind. */
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
 * Lock the root directory. Only root can: others cannot open it. Whoever finds
 * it empty removes it, so make sure that it is still the one that the path names.
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
 * vns_state_begin - begin a change, when no other one is under way
 *
 * Two commands at once would choose the same subnet. Signals that would end us
 * wait until vns_state_end().
 *
 * Return: a file to hand to vns_state_end(), -1 after a message
 */
int vns_state_begin(void)
{
	int fd;

	/* what users may see does not depend on who makes it */
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

/**
 * vns_state_end - end a change
 * @fd: what vns_state_begin() returned
 */
void vns_state_end(int fd)
{
	rmdir(VNS_STATE_ROOT);
	close(fd);
	vns_state_block_signals(SIG_UNBLOCK);
}

/**
 * vns_state_tidy - remove the root directory if it is empty and not in use
 */
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
 * @ctx: the invocation
 * @name: of the network
 * @dir: set, VNS_STATE_PATH bytes
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
 * @dir: the directory
 * @file: one of VNS_STATE_LOCK and so on
 * @path: set, VNS_STATE_PATH bytes
 */
void vns_state_path(const char *dir, const char *file, char *path)
{
	snprintf(path, VNS_STATE_PATH, "%.70s/%s", dir, file);
}

/**
 * vns_state_file - a file with something about a network
 * @ctx: the invocation
 * @ifindex: the network's device
 * @file: VNS_STATE_SUBNETS or VNS_STATE_CONFIRM
 * @path: set, VNS_STATE_PATH bytes
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

/**
 * vns_state_make - make the directory of a network, if it is not there
 * @dir: the directory
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_state_make(const char *dir)
{
	if (!mkdir(dir, 0755) || errno == EEXIST)
		return VNS_OK;
	vns_error("cannot make %s: %s", dir, strerror(errno));
	return VNS_FAIL;
}

/**
 * vns_state_remove - remove the directory of a network with its files
 * @dir: the directory; may be absent
 */
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
 * @path: its path; it is made if it is not there
 *
 * The lock is of the POSIX sort, which names its holder. It is the process's
 * until that ends, or closes any descriptor of the file; fork() does not pass
 * it on. The file is for root only: whoever can open it can lock it.
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
 * vns_state_hold - become the supervisor of a network
 * @dir: its directory
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
 * vns_state_file_holder - find out who has locked a file
 * @path: its path
 * @pidfd: set to a descriptor of the process, -1 when there is none; NULL when
 *	not wanted
 *
 * Return: its process id, 0 when there is none
 */
pid_t vns_state_file_holder(const char *path, int *pidfd)
{
	pid_t pid = 0, again = 0;
	int fd, proc = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !vns_state_lock(fd, F_GETLK, F_RDLCK, &pid) && pid > 0) {
		proc = syscall(SYS_pidfd_open, pid, 0);
		/* it is the holder's descriptor if that still holds the lock */
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
 * @pidfd: set to a descriptor of the process, -1 when there is none; NULL when
 *	not wanted
 *
 * Return: its process id, 0 when there is none
 */
pid_t vns_state_holder(const char *dir, int *pidfd)
{
	char path[VNS_STATE_PATH];

	vns_state_path(dir, VNS_STATE_LOCK, path);
	return vns_state_file_holder(path, pidfd);
}
