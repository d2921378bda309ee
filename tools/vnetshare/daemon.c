// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that outlive the command that started them.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"

static char *vns_daemon_args;
static size_t vns_daemon_args_size;

/*
 * Remember where the command line is, which ps shows.
 *
 * The environment follows it in memory. A daemon needs no environment: its
 * title may take the room of both.
 */
void vns_daemon_set_args(int argc, char **argv)
{
	char *end = argv[argc - 1] + strlen(argv[argc - 1]);
	char **variable;

	for (variable = environ; variable && *variable; variable++)
		if (*variable == end + 1)
			end = *variable + strlen(*variable);
	vns_daemon_args = argv[0];
	vns_daemon_args_size = end - argv[0];
}

/**
 * vns_daemon_title - set the title of this process, which ps shows
 * @title: the title; it overwrites command line and environment
 */
void vns_daemon_title(const char *title)
{
	environ = NULL;
	memset(vns_daemon_args, 0, vns_daemon_args_size);
	strncpy(vns_daemon_args, title, vns_daemon_args_size);
}

/**
 * vns_daemon_detach - detach this process from the command
 * @ctx: the invocation; its sockets are closed
 * @keep: the only descriptor that stays open
 *
 * Messages go to the system log from now on.
 */
void vns_daemon_detach(struct vns_ctx *ctx, int keep)
{
	int fd, null;

	vns_message_to_syslog();
	vns_nl_close(&ctx->genl);
	vns_nl_close(&ctx->rtnl);
	vns_nl_close(&ctx->conntrack);
	umask(022);
	if (chdir("/"))
		vns_error("cannot go to /: %m");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (keep > 3)
		close_range(3, keep - 1, 0);
	/* with 0, 1 or 2 closed at the start, @keep was one of these */
	close_range((keep > 2 ? keep : 2) + 1, ~0U, 0);
	/* the OOM killer should take the child or a VM instead */
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "-900", 4) != 4)
		vns_error("cannot set oom_score_adj: %m");
	if (fd >= 0)
		close(fd);
}
