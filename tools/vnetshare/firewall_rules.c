// SPDX-License-Identifier: GPL-2.0
/*
 * The host's firewall rules, as the program nft lists them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "firewall.h"
#include "program.h"

/*
 * Is nftables a module that is not loaded? Then there are no rules, and listing
 * them would load it.
 */
static bool vns_firewall_is_unloaded(void)
{
	struct utsname uts;
	bool found = false;
	char path[256];
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (!access("/sys/module/nf_tables", F_OK) || uname(&uts))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		 uts.release);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &size, file) >= 0)
		found = strstr(line, "/nf_tables.ko");
	free(line);
	fclose(file);
	return found;
}

static void vns_firewall_exec(const char *program, char *const *args, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0)
		execv(program, args);
}

/* The output of nft, to be freed by the caller; NULL after a failure */
static char *vns_firewall_ask(char *const *args)
{
	char program[VNS_PROGRAM_PATH];
	char *text = NULL;
	int pipes[2], status;
	size_t size = 0;
	ssize_t len;
	FILE *file;
	pid_t pid;

	if (!vns_program_find("nft", program) || vns_firewall_is_unloaded() ||
	    pipe2(pipes, O_CLOEXEC))
		return NULL;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		vns_firewall_exec(program, args, pipes[1]);
		_exit(127);
	}
	close(pipes[1]);
	file = fdopen(pipes[0], "r");
	len = file ? getdelim(&text, &size, '\0', file) : -1;
	if (file)
		fclose(file);
	else
		close(pipes[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status || len < 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* The text of a value in an object of nft, or NULL */
const char *vns_firewall_get(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		return NULL;
	return json_object_get_string(value);
}

static void vns_firewall_add_chain(struct vns_firewall_ruleset *ruleset,
				   struct json_object *object)
{
	struct vns_firewall_chain *chain = vns_array_add(&ruleset->chains);
	const char *policy = vns_firewall_get(object, "policy");
	struct json_object *priority;

	chain->family = vns_firewall_get(object, "family");
	chain->table = vns_firewall_get(object, "table");
	chain->name = vns_firewall_get(object, "name");
	chain->type = vns_firewall_get(object, "type");
	chain->hook = vns_firewall_get(object, "hook");
	if (json_object_object_get_ex(object, "prio", &priority))
		chain->priority = json_object_get_int(priority);
	chain->drops = policy && !strcmp(policy, "drop");
	chain->rules.size = sizeof(object);
	if (!chain->family || !chain->table || !chain->name)
		ruleset->chains.count--;
}

static int vns_firewall_order(const void *a, const void *b)
{
	const struct vns_firewall_chain *one = a, *other = b;
	int ret;

	ret = strcmp(one->family, other->family);
	if (!ret)
		ret = strcmp(one->table, other->table);
	return ret ? ret : strcmp(one->name, other->name);
}

static struct vns_firewall_chain *
vns_firewall_search(const struct vns_firewall_ruleset *ruleset,
		    const struct vns_firewall_chain *key)
{
	if (!key->family || !key->table || !key->name)
		return NULL;
	return bsearch(key, ruleset->chains.items, ruleset->chains.count,
		       sizeof(*key), vns_firewall_order);
}

/**
 * vns_firewall_chain_find - find a chain of the same table
 * @name: name of the wanted chain
 *
 * Return: the chain, or NULL
 */
struct vns_firewall_chain *
vns_firewall_chain_find(const struct vns_firewall_ruleset *ruleset,
			const struct vns_firewall_chain *from, const char *name)
{
	const struct vns_firewall_chain key = {
		.family = from->family, .table = from->table, .name = name,
	};

	return vns_firewall_search(ruleset, &key);
}

static void vns_firewall_add_rule(const struct vns_firewall_ruleset *ruleset,
				  struct json_object *object)
{
	const struct vns_firewall_chain key = {
		.family = vns_firewall_get(object, "family"),
		.table = vns_firewall_get(object, "table"),
		.name = vns_firewall_get(object, "chain"),
	};
	struct vns_firewall_chain *chain = vns_firewall_search(ruleset, &key);

	if (chain)
		*(struct json_object **)vns_array_add(&chain->rules) = object;
}

/* Chains come first, because rules are added to them. */
static void vns_firewall_read(struct vns_firewall_ruleset *ruleset,
			      struct json_object *list)
{
	struct json_object *item, *object;
	size_t i, count;

	count = json_object_array_length(list);
	for (i = 0; i < count; i++) {
		item = json_object_array_get_idx(list, i);
		if (json_object_object_get_ex(item, "chain", &object))
			vns_firewall_add_chain(ruleset, object);
	}
	if (!ruleset->chains.count)
		return;
	qsort(ruleset->chains.items, ruleset->chains.count,
	      ruleset->chains.size, vns_firewall_order);
	for (i = 0; i < count; i++) {
		item = json_object_array_get_idx(list, i);
		if (json_object_object_get_ex(item, "rule", &object))
			vns_firewall_add_rule(ruleset, object);
	}
}

/**
 * vns_firewall_load - read the rules
 * @ruleset: set; to be freed by vns_firewall_free(), also after a failure
 *
 * Return: the rules have been read
 */
bool vns_firewall_load(struct vns_firewall_ruleset *ruleset)
{
	static char *const args[] = { "nft", "-j", "list", "ruleset", NULL };
	struct json_object *list;
	char *text;

	memset(ruleset, 0, sizeof(*ruleset));
	ruleset->chains.size = sizeof(struct vns_firewall_chain);
	text = vns_firewall_ask(args);
	if (!text)
		return false;
	ruleset->root = json_tokener_parse(text);
	free(text);
	if (!json_object_object_get_ex(ruleset->root, "nftables", &list) ||
	    !json_object_is_type(list, json_type_array))
		return false;
	vns_firewall_read(ruleset, list);
	return true;
}

void vns_firewall_free(struct vns_firewall_ruleset *ruleset)
{
	struct vns_firewall_chain *chain = ruleset->chains.items;
	size_t i;

	for (i = 0; i < ruleset->chains.count; i++)
		vns_array_free(&chain[i].rules);
	vns_array_free(&ruleset->chains);
	json_object_put(ruleset->root);
}

/**
 * vns_firewall_rule_text - the text of a rule
 * @chain: the chain with the rule
 * @text: set; only the rule's handle when nft does not print the rule
 * @size: bytes that @text has room for
 */
void vns_firewall_rule_text(const struct vns_firewall_chain *chain,
			    struct json_object *rule, char *text, size_t size)
{
	char *const args[] = {
		"nft", "-a", "list", "chain", (char *)chain->family,
		(char *)chain->table, (char *)chain->name, NULL,
	};
	char *listing, *line, *next;
	char handle[32];
	size_t len;

	snprintf(handle, sizeof(handle), " # handle %s",
		 vns_firewall_get(rule, "handle"));
	snprintf(text, size, "%s", handle + strlen(" # "));
	listing = vns_firewall_ask(args);
	for (line = listing; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		len = strlen(line);
		if (len <= strlen(handle) ||
		    strcmp(line + len - strlen(handle), handle))
			continue;
		line[len - strlen(handle)] = '\0';
		snprintf(text, size, "%s", line + strspn(line, " \t"));
		break;
	}
	free(listing);
}
