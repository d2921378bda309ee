// SPDX-License-Identifier: GPL-2.0
/* Finding the program of the host that has a port. */
#include <dirent.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listener.h"

/**
 * struct vns_listener_table - a list of sockets in /proc/net
 * @path: of the file
 * @protocol: enum vnetshare_protocol
 */
struct vns_listener_table {
	const char *path;
	uint32_t protocol;
};

static const struct vns_listener_table vns_listener_tables[] = {
	{ "/proc/self/net/tcp", VNETSHARE_PROTOCOL_TCP },
	{ "/proc/self/net/tcp6", VNETSHARE_PROTOCOL_TCP },
	{ "/proc/self/net/udp", VNETSHARE_PROTOCOL_UDP },
	{ "/proc/self/net/udp6", VNETSHARE_PROTOCOL_UDP },
};

/* The inode of a socket that is bound to one of the ports, or 0 */
static unsigned long
vns_listener_inode(const struct vns_listener_table *table,
		   const struct vns_forward *forward, unsigned int *port)
{
	unsigned long inode = 0, found = 0;
	unsigned int remote, state;
	char line[512];
	FILE *file;

	file = fopen(table->path, "re");
	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x %*s %*s %*s %*d %*d %lu",
			   port, &remote, &state, &inode) != 4 ||
		    *port < forward->port || *port > forward->port_last)
			continue;
		/* connected UDP sockets have a remote port */
		if (table->protocol == VNETSHARE_PROTOCOL_TCP ?
		    state == TCP_LISTEN : !remote)
			found = inode;
	}
	fclose(file);
	return found;
}

static bool vns_listener_has(const char *pid, unsigned long inode)
{
	char path[512], link[64], wanted[64];
	struct dirent *entry;
	bool found = false;
	ssize_t len;
	DIR *dir;

	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, link,
				 sizeof(link) - 1);
		if (len < 0)
			continue;
		link[len] = '\0';
		found = !strcmp(link, wanted);
	}
	closedir(dir);
	return found;
}

static void vns_listener_tell(const char *pid, unsigned int port)
{
	char path[512], name[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		vns_hint("port %u is used by %s (process %s)", port, name,
			 pid);
	}
	fclose(file);
}

/**
 * vns_listener_hint - name the program that has a port, if it can be found
 * @forward: the port forward that was refused
 */
void vns_listener_hint(const struct vns_forward *forward)
{
	const struct vns_listener_table *table = vns_listener_tables;
	unsigned long inode = 0;
	struct dirent *entry;
	unsigned int port;
	size_t i;
	DIR *dir;

	for (i = 0; !inode && i < VNS_ARRAY_SIZE(vns_listener_tables); i++)
		if (table[i].protocol & forward->protocols)
			inode = vns_listener_inode(&table[i], forward, &port);
	dir = inode ? opendir("/proc") : NULL;
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (atoi(entry->d_name) <= 0 ||
		    !vns_listener_has(entry->d_name, inode))
			continue;
		vns_listener_tell(entry->d_name, port);
		break;
	}
	closedir(dir);
}
