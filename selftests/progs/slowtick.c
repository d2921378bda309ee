// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into User-Mode Linux on the debug kernel. A tick of such a guest is a
 * signal, and hundred of these a second are most of what an emulated machine
 * with all checkers on gets done. No timer of the guest's runs out sooner than in
 * a tenth of a second here; its clock is right all the same.
 */
#include <dlfcn.h>
#include <signal.h>
#include <time.h>

#define LEAST_NS	100000000

int timer_settime(timer_t timer, int flags, const struct itimerspec *value,
		  struct itimerspec *old)
{
	static typeof(timer_settime) *settime;
	struct itimerspec later = *value;

	if (!settime)
		settime = dlsym(RTLD_NEXT, "timer_settime");
	if (!(flags & TIMER_ABSTIME) && !later.it_value.tv_sec &&
	    later.it_value.tv_nsec && later.it_value.tv_nsec < LEAST_NS)
		later.it_value.tv_nsec = LEAST_NS;

	return settime(timer, flags, &later, old);
}
