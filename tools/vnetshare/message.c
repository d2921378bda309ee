// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to the user: stderr, or the system log once we are a daemon.
 */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "vnetshare.h"

static bool vns_message_syslog;

static void vns_message_print(int priority, const char *prefix,
			      const char *format, va_list ap)
{
	if (vns_message_syslog) {
		vsyslog(priority, format, ap);
		return;
	}
	fflush(stdout);
	fputs(prefix, stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

/**
 * vns_message_to_syslog - from now on, messages go to the system log
 *
 * To be called before descriptors are closed: the log may have one of them, from the
 * process that we descend from.
 */
void vns_message_to_syslog(void)
{
	closelog();
	openlog("vnetshare", LOG_PID, LOG_DAEMON);
	vns_message_syslog = true;
}

/**
 * vns_error - say why something failed
 * @format: as for printf(), without a newline
 */
void vns_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vns_message_print(LOG_ERR, "Error: ", format, ap);
	va_end(ap);
}

/**
 * vns_note - say something that is no failure
 * @format: as for printf(), without a newline
 */
void vns_note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vns_message_print(LOG_NOTICE, "Note: ", format, ap);
	va_end(ap);
}

/**
 * vns_warning - say that something will not work
 * @format: as for printf(), without a newline
 */
void vns_warning(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vns_message_print(LOG_WARNING, "Warning: ", format, ap);
	va_end(ap);
}

/**
 * vns_hint - after a failure or warning, say what helps
 * @format: as for printf(), without a newline
 */
void vns_hint(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vns_message_print(LOG_NOTICE, "Hint: ", format, ap);
	va_end(ap);
}

/**
 * vns_usage_error - say what is wrong with the command line
 * @format: as for printf(), without a newline
 *
 * Return: VNS_USAGE
 */
int vns_usage_error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vns_message_print(LOG_ERR, "Error: ", format, ap);
	va_end(ap);
	return VNS_USAGE;
}
