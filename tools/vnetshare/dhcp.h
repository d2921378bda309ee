/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DHCP and DNS of a network: a dnsmasq, the supervisor process that looks
 * after it, and the directory that holds their files.
 *
 * The supervisor holds a lock on the file "lock" of that directory as long as
 * it lives. Who wants to know whether there is one, and which process it is,
 * asks for the holder of the lock; a process id that was written down is never
 * trusted.
 */
#ifndef VNS_DHCP_H
#define VNS_DHCP_H

#include <stdnoreturn.h>
#include <sys/types.h>

#include "subnet.h"

/* what the administrator adds to the configuration of one network */
#define VNS_EXTRA_DIR		"/etc/vnetshare"
#define VNS_EXTRA_SUFFIX	".dnsmasq.conf"

/**
 * struct vns_dhcp_conf - what dnsmasq's configuration is made from
 * @name: of the network
 * @mtu: of the network, bytes
 * @subnet: of the network; plen 0: it has none
 * @subnet6: likewise, of IPv6
 * @waits: the network's mode has no gateway: nothing is to be served for now
 * @outside: VMs get further than the host
 * @outside6: with IPv6, too
 */
struct vns_dhcp_conf {
	char name[IFNAMSIZ];
	uint32_t mtu;
	struct vns_subnet subnet;
	struct vns_subnet subnet6;
	bool waits;
	bool outside;
	bool outside6;
};

/**
 * struct vns_dhcp_status - DHCP and DNS of a network
 * @on: wanted
 * @pid: of the dnsmasq that serves now, 0: none does
 */
struct vns_dhcp_status {
	bool on;
	pid_t pid;
};

/* dhcp.c */
int vns_dhcp_check(const char *name);
int vns_dhcp_start(struct vns_ctx *ctx, const char *name, uint32_t ifindex);
bool vns_dhcp_is_watched(struct vns_ctx *ctx, const char *name);
int vns_dhcp_stop(struct vns_ctx *ctx, const char *name, bool keep);
int vns_dhcp_open(struct vns_ctx *ctx, const char *name);
int vns_dhcp_finish(struct vns_ctx *ctx, const char *name, int pidfd);
void vns_dhcp_status(struct vns_ctx *ctx, const char *name,
		     struct vns_dhcp_status *status);

/* dnsmasq.c */
const char *vns_dnsmasq_find(void);
void vns_dnsmasq_domain(const char *name, char *domain, size_t size);
int vns_dnsmasq_configure(const struct vns_ctx *ctx, const char *dir,
			  const struct vns_dhcp_conf *conf);
pid_t vns_dnsmasq_spawn(const char *dir, int *output);

/* ra.c */
void vns_ra_resign(uint32_t ifindex, const struct vns_subnet *subnet);

/* supervisor.c */
noreturn void vns_supervisor_run(struct vns_ctx *ctx, const char *name,
				 uint32_t ifindex, int report);

#endif /* VNS_DHCP_H */
