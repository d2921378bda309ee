// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare: networks for virtual machines. Options, batch files and the table
 * of commands.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "daemon.h"
#include "netns.h"

#define VNS_MAIN_MAX_WORDS	64

static const struct vns_command vns_main_commands[] = {
	{
		.name = "up",
		.args = "[NAME]",
		.help = "make a NAT network (nat0) with DHCP and DNS, or complete it",
		.run = vns_cmd_up,
	}, {
		.name = "down",
		.args = "[NAME]",
		.help = "delete the network (nat0), with the taps that attach made",
		.run = vns_cmd_down,
	}, {
		.name = "network",
		.help = "networks: virtual switches for VMs",
		.verbs = vns_cmd_network,
	}, {
		.name = "port",
		.help = "ports: where VMs and containers are plugged in",
		.verbs = vns_cmd_port,
	}, {
		.name = "attach",
		.args = "NET",
		.help = "make a tap, plug it in, print its name and a MAC for the VM",
		.keys = vns_cmd_attach_keys,
		.run = vns_cmd_attach,
	}, {
		.name = "fdb",
		.help = "MAC addresses that the switch knows",
		.verbs = vns_cmd_fdb,
	}, {
		.name = "lease",
		.help = "addresses that DHCP has assigned",
		.verbs = vns_cmd_lease,
	}, {
		.name = "forward",
		.help = "port forwards: ports of the host that lead to VMs",
		.verbs = vns_cmd_forward,
	}, {
		.name = "session",
		.help = "sessions: connections of VMs with the outside and the host",
		.verbs = vns_cmd_session,
	}, {
		.name = "monitor",
		.args = "[NET]",
		.help = "report changes until interrupted",
		.run = vns_cmd_monitor,
	},
	{ }
};

/* Split a line in place. Words may be quoted; '#' begins a comment. */
static int vns_main_split(char *line, char **words)
{
	int count = 0;
	char quote;

	for (;;) {
		line += strspn(line, " \t\r\n");
		if (!*line || *line == '#')
			return count;
		if (count == VNS_MAIN_MAX_WORDS)
			return -1;
		quote = *line == '"' || *line == '\'' ? *line++ : '\0';
		words[count++] = line;
		line = quote ? strchr(line, quote) : line + strcspn(line, " \t\r\n");
		if (!line)
			return -1;
		if (*line)
			*line++ = '\0';
	}
}

static int vns_main_batch_lines(struct vns_ctx *ctx, FILE *file,
				const char *name)
{
	char *words[VNS_MAIN_MAX_WORDS];
	struct vns_args args;
	size_t size = 0;
	int number = 0;
	char *line = NULL;
	int ret = VNS_OK;

	while (!ret && getline(&line, &size, file) >= 0) {
		number++;
		args.word = words;
		args.count = vns_main_split(line, words);
		if (args.count < 0)
			ret = vns_usage_error("too many words, or a quote that does not end");
		else if (args.count)
			ret = vns_command_dispatch(ctx, vns_main_commands, &args);
	}
	if (!ret && ferror(file)) {
		vns_error("cannot read %s: %s", name, strerror(errno));
		ret = VNS_FAIL;
	} else if (ret) {
		vns_error("in %s, line %d", name, number);
	}
	free(line);
	return ret;
}

static int vns_main_batch(struct vns_ctx *ctx, const char *name)
{
	bool standard = !strcmp(name, "-");
	FILE *file;
	int ret;

	file = standard ? stdin : fopen(name, "re");
	if (!file) {
		vns_error("cannot open %s: %s", name, strerror(errno));
		return VNS_FAIL;
	}
	ret = vns_main_batch_lines(ctx, file, standard ? "standard input" :
				   name);
	if (!standard)
		fclose(file);
	return ret;
}

/**
 * struct vns_main_options - global options that are not in the context
 * @netns: network namespace to enter, NULL: none
 * @batch: file with commands, NULL: none
 * @done: --help or --version has been handled
 */
struct vns_main_options {
	const char *netns;
	const char *batch;
	bool done;
};

static int vns_main_options(struct vns_ctx *ctx, int argc, char **argv,
			    struct vns_main_options *options)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "netns", required_argument, NULL, 'n' },
		{ "batch", required_argument, NULL, 'b' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "+jpn:b:Vh", table,
				     NULL)) != -1) {
		switch (option) {
		case 'j':
			ctx->json = true;
			break;
		case 'p':
			ctx->pretty = true;
			break;
		case 'n':
			options->netns = optarg;
			break;
		case 'b':
			options->batch = optarg;
			break;
		case 'V':
			puts("vnetshare " VNS_VERSION);
			options->done = true;
			return VNS_OK;
		case 'h':
			vns_command_usage(vns_main_commands, true);
			options->done = true;
			return VNS_OK;
		default:
			vns_command_usage(vns_main_commands, false);
			return VNS_USAGE;
		}
	}
	return VNS_OK;
}

static int vns_main_run(struct vns_ctx *ctx, int argc, char **argv)
{
	struct vns_main_options options = { };
	struct vns_args args;
	int ret;

	ret = vns_main_options(ctx, argc, argv, &options);
	if (ret || options.done)
		return ret;
	args.count = argc - optind;
	args.word = argv + optind;
	if (options.batch && args.count)
		return vns_usage_error("give a batch file or a command, not both");
	if (options.netns)
		ret = vns_netns_enter(ctx, options.netns);
	else
		ret = vns_netns_identify(ctx);
	if (ret)
		return ret;
	if (options.batch)
		return vns_main_batch(ctx, options.batch);
	return vns_command_dispatch(ctx, vns_main_commands, &args);
}

int main(int argc, char **argv)
{
	struct vns_ctx ctx = { };
	int ret;

	if (argc < 1)
		return VNS_USAGE;
	vns_daemon_set_args(argc, argv);
	ret = vns_main_run(&ctx, argc, argv);
	vns_nl_close(&ctx.genl);
	vns_nl_close(&ctx.rtnl);
	vns_nl_close(&ctx.conntrack);
	free(ctx.netns);
	return ret;
}
