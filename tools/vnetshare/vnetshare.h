/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every file of the vnetshare command needs: the context of one
 * invocation, exit codes, messages, and the tables that commands are made of.
 */
#ifndef VNS_VNETSHARE_H
#define VNS_VNETSHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink.h"

#define VNS_ATTRIBUTE(attr)	__attribute__((attr))
#define VNS_PRINTF(f, a)	VNS_ATTRIBUTE(format(printf, f, a))
#define VNS_BIT(nr)		(1U << (nr))
#define VNS_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * enum vns_exit - exit status, also what most functions return
 * @VNS_OK: done
 * @VNS_FAIL: refused by the kernel, or failed; the reason has been printed
 * @VNS_USAGE: the command line is wrong; the reason has been printed
 */
enum vns_exit {
	VNS_OK = 0,
	VNS_FAIL = 1,
	VNS_USAGE = 2,
};

/**
 * struct vns_ctx - one invocation of the command
 * @json: print JSON instead of text
 * @pretty: indent the JSON
 * @netns: name below /run/netns of the network namespace that we work in,
 *	NULL in the initial one and in one without a name
 * @netns_inode: inode of that namespace, 0 for the initial one
 * @genl: generic netlink socket, opened by vns_genl_open()
 * @rtnl: route netlink socket, opened by vns_rtnl_open()
 * @conntrack: netlink socket for sessions, opened by vns_conntrack_open()
 * @family: number of the generic netlink family "vnetshare"
 * @group: number of its multicast group
 */
struct vns_ctx {
	bool json;
	bool pretty;
	char *netns;
	unsigned long netns_inode;
	struct vns_nl genl;
	struct vns_nl rtnl;
	struct vns_nl conntrack;
	uint16_t family;
	uint32_t group;
};

/**
 * struct vns_args - the words of a command line that are still to be read
 * @count: how many
 * @word: the words
 */
struct vns_args {
	int count;
	char **word;
};

/**
 * struct vns_key - a keyword with a value
 * @name: the keyword
 * @value: what may follow, for the usage
 * @parse: reads the value into the command's options; VNS_OK or VNS_USAGE
 */
struct vns_key {
	const char *name;
	const char *value;
	int (*parse)(const char *word, void *options);
};

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

/* command.c */
int vns_command_dispatch(struct vns_ctx *ctx, struct vns_args *args);
void vns_command_usage(bool asked);
bool vns_command_is_help(const char *word);
const char *vns_args_next(struct vns_args *args);
int vns_args_end(const struct vns_args *args);
int vns_args_name(struct vns_args *args, const char *what, const char **name);
int vns_args_keys(struct vns_args *args, const struct vns_key *keys,
		  void *options, unsigned int *seen);

/* the tables, each in the file of its name */
extern const struct vns_command vns_network_verbs[];
extern const struct vns_command vns_port_verbs[];
extern const struct vns_command vns_fdb_verbs[];
extern const struct vns_command vns_lease_verbs[];
extern const struct vns_command vns_forward_verbs[];
extern const struct vns_command vns_session_verbs[];
extern const struct vns_key vns_attach_keys[];
int vns_up_run(struct vns_ctx *ctx, struct vns_args *args);
int vns_up_down(struct vns_ctx *ctx, struct vns_args *args);
int vns_attach_run(struct vns_ctx *ctx, struct vns_args *args);
int vns_monitor_run(struct vns_ctx *ctx, struct vns_args *args);

/* parse.c */
bool vns_parse_prefix(const char *word, const char *full);
int vns_parse_onoff(const char *key, const char *word, bool *on);
int vns_parse_u32(const char *key, const char *word, uint32_t *value);
int vns_parse_port(const char *key, const char *word, uint16_t *port);
int vns_parse_mac(const char *key, const char *word, uint8_t mac[6]);
int vns_parse_ifname(const char *key, const char *word, char *name);
int vns_parse_network_name(const char *word);
int vns_parse_choice(const char *key, const char *word,
		     const char *const *choices, unsigned int *value);
int vns_parse_groups(const char *key, const char *word, uint32_t *mask);
const char *vns_format_groups(uint32_t mask);
const char *vns_format_mac(const uint8_t mac[6]);

/* listener.c */
void vns_listener_hint(const struct vns_forward *forward);

/* message.c */
void vns_message_to_syslog(void);
VNS_PRINTF(1, 2) void vns_error(const char *format, ...);
VNS_PRINTF(1, 2) void vns_note(const char *format, ...);
VNS_PRINTF(1, 2) void vns_warning(const char *format, ...);
VNS_PRINTF(1, 2) void vns_hint(const char *format, ...);
VNS_PRINTF(1, 2) int vns_usage_error(const char *format, ...);

#endif /* VNS_VNETSHARE_H */
