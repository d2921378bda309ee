/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_EVENTS_H
#define _VNETSHARE_EVENTS_H

int vns_events_init(void);
void vns_events_exit(void);

#endif /* _VNETSHARE_EVENTS_H */
