/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Announcements of changes on netlink. Every file may include this header,
 * though announce.c is almost the last in Kbuild.
 */
#ifndef _VNETSHARE_ANNOUNCE_H
#define _VNETSHARE_ANNOUNCE_H

#include <uapi/linux/vnetshare.h>

struct in6_addr;
struct vns_portfwd;
struct vns_network;
struct vns_port;

void vns_announce_network(struct vns_network *network, enum vnetshare_cmd cmd);
void vns_announce_port(struct vns_port *port, enum vnetshare_cmd cmd);
void vns_announce_portfwd(struct vns_portfwd *fwd, enum vnetshare_cmd cmd);
void vns_announce_conflict(const struct vns_port *port,
			   const struct in6_addr *addr, const u8 *mac,
			   const u8 *holder);

#endif /* _VNETSHARE_ANNOUNCE_H */
