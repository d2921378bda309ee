// SPDX-License-Identifier: GPL-2.0
/*
 * Clocks in milliseconds.
 */
#include <time.h>

#include "clock.h"

/* Milliseconds of the monotonic clock, which stands still during suspend */
long vns_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* Milliseconds since boot, time in suspend included */
long long vns_clock_boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
