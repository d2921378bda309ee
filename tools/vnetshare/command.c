// SPDX-License-Identifier: GPL-2.0
/* Dispatch tables: running commands and printing their usage. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "parse.h"

static const char vns_command_options[] =
	"Options:\n"
	"  -j, --json            print JSON\n"
	"  -p, --pretty          indent the JSON\n"
	"  -n, --netns NETNS     work in the network namespace NETNS\n"
	"  -b, --batch FILE      read commands from FILE (- is standard input)\n"
	"  -V, --version         print the version\n"
	"  -h, --help            print this; after a command, what it takes\n"
	"\n"
	"Words may be shortened. More in vnetshare(8).\n";

static const struct vns_command *
vns_command_find(const struct vns_command *table, const char *word)
{
	const struct vns_command *cmd;

	for (cmd = table; cmd->name; cmd++)
		if (!strcmp(cmd->name, word))
			return cmd;
	for (cmd = table; cmd->name; cmd++)
		if (vns_parse_prefix(word, cmd->name))
			return cmd;
	return NULL;
}

static void vns_command_usage_one(FILE *out, const char *object,
				  const struct vns_command *cmd)
{
	const struct vns_key *key;
	bool needed;

	fprintf(out, "  vnetshare %s%s%s", object, *object ? " " : "",
		cmd->name);
	if (cmd->args)
		fprintf(out, " %s", cmd->args);
	for (key = cmd->keys; key && key->name; key++) {
		needed = cmd->needed & VNS_BIT(key - cmd->keys);
		fprintf(out, " %s%s %s%s", needed ? "" : "[", key->name,
			key->value, needed ? "" : "]");
	}
	fprintf(out, "\n        %s\n", cmd->help);
}

static void vns_command_usage_verbs(FILE *out, const struct vns_command *object)
{
	const struct vns_command *verb;

	for (verb = object->verbs; verb->name; verb++)
		vns_command_usage_one(out, object->name, verb);
}

/**
 * vns_command_usage - print the usage of all commands
 * @asked: the user asked for help: print to stdout, else to stderr
 */
void vns_command_usage(const struct vns_command *root, bool asked)
{
	FILE *out = asked ? stdout : stderr;
	const struct vns_command *cmd;

	fputs("Usage: vnetshare [OPTIONS] COMMAND\n\nCommands:\n", out);
	for (cmd = root; cmd->name; cmd++) {
		if (cmd->verbs)
			vns_command_usage_verbs(out, cmd);
		else
			vns_command_usage_one(out, "", cmd);
	}
	fputc('\n', out);
	fputs(vns_command_options, out);
}

static bool vns_command_is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") ||
	       !strcmp(word, "-help");
}

/* "help" means help in place of a verb, but may be a name elsewhere. */
static bool vns_command_is_help_verb(const char *word)
{
	return vns_command_is_help(word) || !strcmp(word, "help");
}

static bool vns_command_wants_help(const struct vns_args *args)
{
	int i;

	for (i = 0; i < args->count; i++)
		if (vns_command_is_help(args->word[i]))
			return true;
	return false;
}

static int vns_command_run(struct vns_ctx *ctx, const char *object,
			   const struct vns_command *cmd, struct vns_args *args)
{
	int ret;

	if (vns_command_wants_help(args)) {
		puts("Usage:");
		vns_command_usage_one(stdout, object, cmd);
		return VNS_OK;
	}
	ret = cmd->run(ctx, args);
	if (ret == VNS_USAGE) {
		fputs("Usage:\n", stderr);
		vns_command_usage_one(stderr, object, cmd);
	}
	return ret;
}

static int vns_command_run_verb(struct vns_ctx *ctx,
				const struct vns_command *object,
				struct vns_args *args)
{
	const struct vns_command *verb;
	const char *word;

	word = vns_args_next(args);
	if (!word)
		word = "show";
	if (vns_command_is_help_verb(word)) {
		printf("Usage: %s\n", object->help);
		vns_command_usage_verbs(stdout, object);
		return VNS_OK;
	}
	verb = vns_command_find(object->verbs, word);
	if (!verb) {
		vns_error("there is no \"%s %s\"", object->name, word);
		fputs("Usage:\n", stderr);
		vns_command_usage_verbs(stderr, object);
		return VNS_USAGE;
	}
	return vns_command_run(ctx, object->name, verb, args);
}

int vns_command_dispatch(struct vns_ctx *ctx, const struct vns_command *root,
			 struct vns_args *args)
{
	const struct vns_command *cmd;
	const char *word;

	word = vns_args_next(args);
	if (!word) {
		vns_command_usage(root, false);
		return VNS_USAGE;
	}
	if (vns_command_is_help_verb(word)) {
		vns_command_usage(root, true);
		return VNS_OK;
	}
	cmd = vns_command_find(root, word);
	if (!cmd)
		return vns_usage_error("unknown command \"%s\"; see vnetshare --help",
				       word);
	if (cmd->verbs)
		return vns_command_run_verb(ctx, cmd, args);
	return vns_command_run(ctx, "", cmd, args);
}
