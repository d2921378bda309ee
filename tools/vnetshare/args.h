/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a command line, and keywords with values.
 */
#ifndef VNS_ARGS_H
#define VNS_ARGS_H

#include <stdbool.h>

/**
 * struct vns_args - the words of a command line that have not been read yet
 */
struct vns_args {
	int count;
	char **word;
};

/**
 * struct vns_key - a keyword with a value
 * @name: the keyword
 * @value: the values that it takes, for the usage
 * @parse: reads the value into the command's options; VNS_OK or VNS_USAGE
 */
struct vns_key {
	const char *name;
	const char *value;
	int (*parse)(const char *word, void *options);
};

const char *vns_args_next(struct vns_args *args);
int vns_args_end(const struct vns_args *args);
int vns_args_name(struct vns_args *args, const char *what, const char **name);
int vns_args_only(struct vns_args *args, const char *otherwise,
		  const char **name);
int vns_args_keys(struct vns_args *args, const struct vns_key *keys,
		  void *options, unsigned int *seen);

#endif /* VNS_ARGS_H */
