/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dispatch tables: commands, objects with verbs, and their usage.
 */
#ifndef VNS_COMMAND_H
#define VNS_COMMAND_H

#include "args.h"
#include "vnetshare.h"

/**
 * struct vns_command - an entry of a dispatch table; a NULL name ends the
 *	table. A shortened word selects the first entry that begins with it.
 * @name: the word
 * @args: arguments, for the usage
 * @help: description, for the usage
 * @keys: keywords that follow @args, for the usage; or NULL
 * @needed: mask of the keywords that are required
 * @verbs: table of the verbs of an object, NULL for a command
 * @run: runs the command
 */
struct vns_command {
	const char *name;
	const char *args;
	const char *help;
	const struct vns_key *keys;
	unsigned int needed;
	const struct vns_command *verbs;
	int (*run)(struct vns_ctx *ctx, struct vns_args *args);
};

int vns_command_dispatch(struct vns_ctx *ctx, const struct vns_command *root,
			 struct vns_args *args);
void vns_command_usage(const struct vns_command *root, bool asked);

#endif /* VNS_COMMAND_H */
