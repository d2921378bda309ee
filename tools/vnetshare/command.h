/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dispatch tables: commands, objects with verbs, and their usage.
 */
#ifndef VNS_COMMAND_H
#define VNS_COMMAND_H

#include "args.h"
#include "vnetshare.h"

/**
 * struct vns_command - an entry of a dispatch table; tables end with a NULL
 *	name. A shortened word means the first entry that begins with it.
 * @name: the word
 * @args: what follows the word, for the usage
 * @help: what it does, for the usage
 * @keys: keywords that @run takes after @args, for the usage; or NULL
 * @needed: those of them that may not be left out, a mask
 * @verbs: table of what can be done with this object, NULL for a command
 * @run: does it
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
