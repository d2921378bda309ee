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

/**
 * vns_daemon_set_args - remember where ps looks for our command line
 * @argc: from main()
 * @argv: from main()
 *
 * The environment, which a daemon does not need, follows it: a title may be as
 * long as both.
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
 * vns_daemon_title - say what this process is, for ps
 * @title: the words; our command line and environment are lost
 */
void vns_daemon_title(const char *title)
{
	environ = NULL;
	memset(vns_daemon_args, 0, vns_daemon_args_size);
	strncpy(vns_daemon_args, title, vns_daemon_args_size);
}

/**
 * vns_daemon_detach - let go of all that belonged to the command
 * @ctx: the invocation; its sockets are closed
 * @keep: the descriptor that stays open
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
	for (fd = 3; fd < 1024; fd++)
		if (fd != keep)
			close(fd);
	/* the OOM killer is to take its child, or a VM, but not this */
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "-900", 4) != 4)
		vns_error("cannot set oom_score_adj: %m");
	if (fd >= 0)
		close(fd);
}
