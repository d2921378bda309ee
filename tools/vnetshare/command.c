// SPDX-License-Identifier: GPL-2.0
/*
 * The root of the dispatch tables, and what reads and documents them.
 */
#include <stdio.h>
#include <string.h>

#include "vnetshare.h"

static const struct vns_command vns_command_root[] = {
	{
		.name = "up",
		.args = "[NAME]",
		.help = "make a nat network (nat0) with DHCP and DNS, or mend it",
		.run = vns_up_run,
	}, {
		.name = "down",
		.args = "[NAME]",
		.help = "delete it again, with the taps that attach made",
		.run = vns_up_down,
	}, {
		.name = "network",
		.help = "networks: virtual switches with a way out",
		.verbs = vns_network_verbs,
	}, {
		.name = "port",
		.help = "ports: where VMs and containers are plugged in",
		.verbs = vns_port_verbs,
	}, {
		.name = "attach",
		.args = "NET",
		.help = "make a tap, plug it in, print its name and a MAC for the VM",
		.keys = vns_attach_keys,
		.run = vns_attach_run,
	}, {
		.name = "fdb",
		.help = "MAC addresses that the switch knows",
		.verbs = vns_fdb_verbs,
	}, {
		.name = "lease",
		.help = "addresses given out by DHCP",
		.verbs = vns_lease_verbs,
	}, {
		.name = "forward",
		.help = "port forwards: ports of the host that are a VM's",
		.verbs = vns_forward_verbs,
	}, {
		.name = "session",
		.help = "sessions: connections of VMs through the host",
		.verbs = vns_session_verbs,
	}, {
		.name = "monitor",
		.args = "[NET]",
		.help = "show what changes, until interrupted",
		.run = vns_monitor_run,
	},
	{ }
};

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
 * vns_command_usage - print what the command line may look like
 * @asked: the user asked for it: to stdout; else to stderr
 */
void vns_command_usage(bool asked)
{
	FILE *out = asked ? stdout : stderr;
	const struct vns_command *cmd;

	fputs("Usage: vnetshare [OPTIONS] COMMAND\n\nCommands:\n", out);
	for (cmd = vns_command_root; cmd->name; cmd++) {
		if (cmd->verbs)
			vns_command_usage_verbs(out, cmd);
		else
			vns_command_usage_one(out, "", cmd);
	}
	fputc('\n', out);
	fputs(vns_command_options, out);
}

/**
 * vns_command_is_help - does the word ask for help?
 * @word: a word of the command line, or NULL
 */
bool vns_command_is_help(const char *word)
{
	return word && (!strcmp(word, "--help") || !strcmp(word, "-h") ||
			!strcmp(word, "-help"));
}

/* "help" itself may be a name where a name is expected, but not a verb. */
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
		vns_error("\"%s\" is not something to do with a %s", word,
			  object->name);
		fputs("Usage:\n", stderr);
		vns_command_usage_verbs(stderr, object);
		return VNS_USAGE;
	}
	return vns_command_run(ctx, object->name, verb, args);
}

/**
 * vns_command_dispatch - run the command that the words name
 * @ctx: the invocation
 * @args: the command line, without global options
 *
 * Return: exit status; messages have been printed
 */
int vns_command_dispatch(struct vns_ctx *ctx, struct vns_args *args)
{
	const struct vns_command *cmd;
	const char *word;

	word = vns_args_next(args);
	if (!word) {
		vns_command_usage(false);
		return VNS_USAGE;
	}
	if (vns_command_is_help_verb(word)) {
		vns_command_usage(true);
		return VNS_OK;
	}
	cmd = vns_command_find(vns_command_root, word);
	if (!cmd)
		return vns_usage_error("unknown command \"%s\"; see vnetshare --help",
				       word);
	if (cmd->verbs)
		return vns_command_run_verb(ctx, cmd, args);
	return vns_command_run(ctx, "", cmd, args);
}

/**
 * vns_args_next - take the next word
 * @args: the words
 *
 * Return: the word, NULL when there is none
 */
const char *vns_args_next(struct vns_args *args)
{
	if (!args->count)
		return NULL;
	args->count--;
	return *args->word++;
}

/**
 * vns_args_end - check that no word is left
 * @args: the words
 *
 * Return: VNS_OK or VNS_USAGE
 */
int vns_args_end(const struct vns_args *args)
{
	if (args->count)
		return vns_usage_error("\"%s\" was not expected here",
				       args->word[0]);
	return VNS_OK;
}

/**
 * vns_args_name - take the next word, which must be there
 * @args: the words
 * @what: what it is, for the message
 * @name: set to the word
 *
 * Return: VNS_OK or VNS_USAGE
 */
int vns_args_name(struct vns_args *args, const char *what, const char **name)
{
	*name = vns_args_next(args);
	if (!*name)
		return vns_usage_error("the %s is missing", what);
	return VNS_OK;
}

static int vns_args_key_find(const struct vns_key *keys, const char *word)
{
	int i;

	for (i = 0; keys[i].name; i++)
		if (!strcmp(keys[i].name, word))
			return i;
	for (i = 0; keys[i].name; i++)
		if (vns_parse_prefix(word, keys[i].name))
			return i;
	return -1;
}

/**
 * vns_args_keys - read all remaining words as keywords with their values
 * @args: the words
 * @keys: the keywords, at most 32; ends with a NULL name
 * @options: handed to the keywords' parse functions
 * @seen: set to a mask of the keywords given, by their place in @keys
 *
 * Return: VNS_OK or VNS_USAGE
 */
int vns_args_keys(struct vns_args *args, const struct vns_key *keys,
		  void *options, unsigned int *seen)
{
	const char *word, *value;
	int i, ret;

	*seen = 0;
	while ((word = vns_args_next(args))) {
		i = vns_args_key_find(keys, word);
		if (i < 0)
			return vns_usage_error("unknown keyword \"%s\"", word);
		value = vns_args_next(args);
		if (!value)
			return vns_usage_error("\"%s\" needs a value: %s",
					       keys[i].name, keys[i].value);
		if (*seen & VNS_BIT(i))
			return vns_usage_error("\"%s\" is given twice",
					       keys[i].name);
		*seen |= VNS_BIT(i);
		ret = keys[i].parse(value, options);
		if (ret)
			return ret;
	}
	return VNS_OK;
}
