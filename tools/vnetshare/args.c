// SPDX-License-Identifier: GPL-2.0
/*
 * The words of a command line, and keywords with values.
 */
#include <string.h>

#include "args.h"
#include "parse.h"
#include "vnetshare.h"

/**
 * vns_args_next - take the next word
 *
 * Return: the word, or NULL when no word is left
 */
const char *vns_args_next(struct vns_args *args)
{
	if (!args->count)
		return NULL;
	args->count--;
	return *args->word++;
}

/* Check that no word is left. */
int vns_args_end(const struct vns_args *args)
{
	if (args->count)
		return vns_usage_error("\"%s\" was not expected here",
				       args->word[0]);
	return VNS_OK;
}

/**
 * vns_args_name - take the next word, which is required
 * @what: the name of the argument, for the message
 * @name: set to the word
 */
int vns_args_name(struct vns_args *args, const char *what, const char **name)
{
	*name = vns_args_next(args);
	if (!*name)
		return vns_usage_error("the %s is missing", what);
	return VNS_OK;
}

/**
 * vns_args_only - take the last word, which may be absent
 * @otherwise: the name when there is no word
 *
 * Return: VNS_OK, or VNS_USAGE when more words follow
 */
int vns_args_only(struct vns_args *args, const char *otherwise,
		  const char **name)
{
	const char *word = vns_args_next(args);

	*name = word ? word : otherwise;
	return vns_args_end(args);
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
 * @keys: the keywords, at most 32; ends with a NULL name
 * @options: handed to the keywords' parse functions
 * @seen: set to a mask of the keywords given, by their place in @keys
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
