// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to the user: stderr, or the system log in a daemon.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>

#include "message.h"

/**
 * struct vns_message_kind - how a kind of message is printed
 * @priority: in the system log
 * @prefix: on stderr
 */
struct vns_message_kind {
	int priority;
	const char *prefix;
};

static const struct vns_message_kind vns_message_kinds[] = {
	[VNS_ERROR] = { LOG_ERR, "Error: " },
	[VNS_WARNING] = { LOG_WARNING, "Warning: " },
	[VNS_NOTE] = { LOG_NOTICE, "Note: " },
	[VNS_HINT] = { LOG_NOTICE, "Hint: " },
};

static bool vns_message_syslog;

/*
 * Send messages to the system log from now on.
 *
 * Call this before descriptors are closed: the parent's connection to the log
 * may be one of them.
 */
void vns_message_to_syslog(void)
{
	closelog();
	openlog("vnetshare", LOG_PID, LOG_DAEMON);
	vns_message_syslog = true;
}

/* @format: as for printf(), without a newline */
void vns_message(enum vns_message kind, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (vns_message_syslog) {
		vsyslog(vns_message_kinds[kind].priority, format, ap);
	} else {
		fflush(stdout);
		fputs(vns_message_kinds[kind].prefix, stderr);
		vfprintf(stderr, format, ap);
		fputc('\n', stderr);
	}
	va_end(ap);
}
