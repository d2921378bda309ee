// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces. Only the network namespace is entered; /sys and /etc stay
 * as they are, unlike with "ip netns exec". Nothing here reads /sys, and
 * dnsmasq's configuration names the resolv.conf to use.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netns.h"
#include "rtnl.h"

/**
 * vns_netns_enter - enter a named network namespace
 * @name: name below /run/netns, or a path
 */
int vns_netns_enter(struct vns_ctx *ctx, const char *name)
{
	char path[4096];
	int fd, ret;

	snprintf(path, sizeof(path), "%s%s%s",
		 strchr(name, '/') ? "" : VNS_NETNS_DIR,
		 strchr(name, '/') ? "" : "/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			vns_error("there is no network namespace %s", name);
		else
			vns_error("cannot open network namespace %s: %s", name,
				  strerror(errno));
		return VNS_FAIL;
	}
	ret = setns(fd, CLONE_NEWNET);
	if (ret)
		vns_error("cannot enter network namespace %s: %s", name,
			  strerror(errno));
	close(fd);
	if (ret)
		return VNS_FAIL;
	/* the sockets belong to the previous namespace */
	vns_nl_close(&ctx->genl);
	vns_nl_close(&ctx->rtnl);
	vns_nl_close(&ctx->conntrack);
	return vns_netns_identify(ctx);
}

static char *vns_netns_find_name(ino_t inode)
{
	char path[VNS_NETNS_PATH];
	struct dirent *entry;
	char *name = NULL;
	struct stat st;
	DIR *dir;

	dir = opendir(VNS_NETNS_DIR);
	if (!dir)
		return NULL;
	while (!name && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", VNS_NETNS_DIR,
			 entry->d_name);
		if (!stat(path, &st) && st.st_ino == inode)
			name = strdup(entry->d_name);
	}
	closedir(dir);
	return name;
}

/**
 * vns_netns_identify - identify the current network namespace
 * @ctx: the invocation; netns and netns_inode are set
 */
int vns_netns_identify(struct vns_ctx *ctx)
{
	struct stat own, initial;

	free(ctx->netns);
	ctx->netns = NULL;
	ctx->netns_inode = 0;
	if (stat("/proc/self/ns/net", &own)) {
		vns_error("cannot read /proc/self/ns/net: %s",
			  strerror(errno));
		return VNS_FAIL;
	}
	/*
	 * ordinary users may not look at process 1: assume the initial
	 * namespace
	 */
	if (stat("/proc/1/ns/net", &initial) || own.st_ino == initial.st_ino)
		return VNS_OK;
	ctx->netns_inode = own.st_ino;
	ctx->netns = vns_netns_find_name(own.st_ino);
	return VNS_OK;
}

/* Has the name of the current namespace been deleted? */
bool vns_netns_gone(const struct vns_ctx *ctx)
{
	char path[VNS_NETNS_PATH];
	struct stat st;

	if (!ctx->netns)
		return false;
	snprintf(path, sizeof(path), "%s/%s", VNS_NETNS_DIR, ctx->netns);
	return stat(path, &st) || st.st_ino != ctx->netns_inode;
}

/**
 * vns_netns_watch - watch for the deletion of the current namespace's name
 *
 * Call vns_netns_gone() afterwards: the watch misses an earlier deletion.
 *
 * Return: a descriptor that becomes readable when names change, or -1 when the
 *	namespace has no name
 */
int vns_netns_watch(const struct vns_ctx *ctx)
{
	int fd;

	if (!ctx->netns)
		return -1;
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd >= 0)
		inotify_add_watch(fd, VNS_NETNS_DIR,
				  IN_DELETE | IN_MOVED_FROM | IN_CREATE);
	return fd;
}

/* Empty the descriptor of vns_netns_watch(). */
void vns_netns_drain(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

/**
 * vns_netns_resolv_conf - find the resolv.conf of the current namespace
 * @path: VNS_NETNS_PATH bytes, set to the namespace's own file, as "ip netns"
 *	uses it, if there is one, else to that of the machine
 */
void vns_netns_resolv_conf(const struct vns_ctx *ctx, char *path)
{
	if (ctx->netns) {
		snprintf(path, VNS_NETNS_PATH, "/etc/netns/%s/resolv.conf",
			 ctx->netns);
		if (!access(path, R_OK))
			return;
	}
	strcpy(path, "/etc/resolv.conf");
}

/**
 * vns_netns_name - find the name of a namespace by its id (NETNSA_NSID)
 * @size: size of @name in bytes
 *
 * Return: the namespace has a name
 */
bool vns_netns_name(struct vns_ctx *ctx, int32_t nsid, char *name, size_t size)
{
	struct dirent *entry;
	bool found = false;
	int32_t other;
	DIR *dir;
	int fd;

	dir = opendir(VNS_NETNS_DIR);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		found = !vns_rtnl_nsid(ctx, fd, &other) && other == nsid;
		close(fd);
		if (found)
			snprintf(name, size, "%s", entry->d_name);
	}
	closedir(dir);
	return found;
}
