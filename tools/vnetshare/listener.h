/* SPDX-License-Identifier: GPL-2.0 */
/* Finding the program of the host that has a port. */
#ifndef VNS_LISTENER_H
#define VNS_LISTENER_H

#include "genl.h"

void vns_listener_hint(const struct vns_forward *forward);

#endif /* VNS_LISTENER_H */
