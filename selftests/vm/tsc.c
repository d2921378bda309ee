// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the frequency of the machine's time stamp counter in kHz, which a
 * kernel without ACPI that is emulated on it cannot find out: it has no clock
 * to measure it with that is not emulated, and so uneven, itself.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static double vns_tsc_now(unsigned long long *ticks)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	*ticks = __rdtsc();
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void)
{
	unsigned long long from_ticks, to_ticks;
	double from, to;

	from = vns_tsc_now(&from_ticks);
	do {
		to = vns_tsc_now(&to_ticks);
	} while (to - from < 0.2);
	printf("%.0f\n", (to_ticks - from_ticks) / (to - from) / 1000);
	return 0;
}
