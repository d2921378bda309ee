// SPDX-License-Identifier: GPL-2.0
/*
 * Clocks in milliseconds.
 */
#include <time.h>

#include "clock.h"

/**
 * vns_dhcp_now_ms - the time, for measuring and planning
 *
 * Return: milliseconds of a clock that nobody sets
 */
long vns_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* a clock that goes on while the machine sleeps */
long long vns_clock_boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
