/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clocks in milliseconds.
 */
#ifndef VNS_CLOCK_H
#define VNS_CLOCK_H

long vns_clock_ms(void);
long long vns_clock_boot_ms(void);

#endif /* VNS_CLOCK_H */
