/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DHCP and DNS of a network: a dnsmasq, the supervisor process that restarts
 * it, and the directory with their files.
 *
 * The supervisor holds a lock on the file "lock" of that directory. The holder
 * of the lock is the supervisor; process ids in files are not trusted.
 */
#ifndef VNS_DHCP_H
#define VNS_DHCP_H

#include <stdnoreturn.h>
#include <sys/types.h>

#include "subnet.h"

/* the administrator's additions to the configuration of a network */
#define VNS_EXTRA_DIR		"/etc/vnetshare"
#define VNS_EXTRA_SUFFIX	".dnsmasq.conf"

/**
 * struct vns_dhcp_conf - the input of dnsmasq's configuration
 * @name: of the network
 * @mtu: of the network, bytes
 * @subnet: of the network; plen 0: it has none
 * @subnet6: likewise, of IPv6
 * @waits: the network's mode has no gateway: dnsmasq does not run for now
 * @outside: the network has a way to the outside
 * @outside6: and one with IPv6
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
 * @on: DHCP is configured
 * @pid: of the running dnsmasq, 0: none runs
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
