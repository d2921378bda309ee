/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does the host's firewall drop packets of a network? The rules, from "nft -j
 * list ruleset", are evaluated for a packet that is only partly known: each
 * question has three answers.
 */
#ifndef VNS_FIREWALL_H
#define VNS_FIREWALL_H

#include <json-c/json.h>

#include "genl.h"
#include "subnet.h"

/* port of the server in the packet */
#define VNS_FIREWALL_PORT	443

/**
 * enum vns_firewall_answer - does a packet match?
 * @VNS_FIREWALL_NO: no
 * @VNS_FIREWALL_MAYBE: some packets do, or the answer is not known
 * @VNS_FIREWALL_YES: yes
 */
enum vns_firewall_answer {
	VNS_FIREWALL_NO,
	VNS_FIREWALL_MAYBE,
	VNS_FIREWALL_YES,
};

/**
 * struct vns_firewall_packet - a TCP segment between a VM and a web server
 *	(HTTPS), as far as it is known
 * @hook: the hook that it crosses: "forward", "output" or "input"
 * @iif: input device; empty: none, NULL: not known
 * @oif: output device, likewise
 * @answer: it goes to the VM on an established connection; else it comes from
 *	the VM and begins one
 * @subnet: of the VM; its family is the packet's
 */
struct vns_firewall_packet {
	const char *hook;
	const char *iif;
	const char *oif;
	bool answer;
	struct vns_subnet subnet;
};

/* firewall_match.c */
const char *vns_firewall_state(const struct vns_firewall_packet *packet);
enum vns_firewall_answer
vns_firewall_match(const struct vns_firewall_packet *packet,
		   struct json_object *match);
enum vns_firewall_answer
vns_firewall_compare(const struct vns_firewall_packet *packet,
		     struct json_object *left, struct json_object *right);

/**
 * struct vns_firewall_chain - a chain of nftables
 * @family: of its table
 * @type: of a base chain, else NULL
 * @hook: of a base chain, else NULL
 * @priority: of a base chain
 * @drops: the policy is to drop
 * @rules: of struct json_object *
 * @followed: @outcome is known
 * @outcome: results that are possible for the packet
 * @culprit: the chain that decided
 * @rule: the rule that decided, NULL: the policy
 */
struct vns_firewall_chain {
	const char *family;
	const char *table;
	const char *name;
	const char *type;
	const char *hook;
	int priority;
	bool drops;
	struct vns_array rules;
	bool followed;
	unsigned int outcome;
	const struct vns_firewall_chain *culprit;
	struct json_object *rule;
};

/**
 * struct vns_firewall_ruleset - the rules of the host
 * @root: owner of the objects that @chains points to
 * @chains: of struct vns_firewall_chain, ordered by family, table and name
 */
struct vns_firewall_ruleset {
	struct json_object *root;
	struct vns_array chains;
};

/* firewall_rules.c */
const char *vns_firewall_get(struct json_object *object, const char *key);
bool vns_firewall_load(struct vns_firewall_ruleset *ruleset);
void vns_firewall_free(struct vns_firewall_ruleset *ruleset);
struct vns_firewall_chain *
vns_firewall_chain_find(const struct vns_firewall_ruleset *ruleset,
			const struct vns_firewall_chain *from,
			const char *name);
void vns_firewall_rule_text(const struct vns_firewall_chain *chain,
			    struct json_object *rule, char *text, size_t size);

/* firewall.c */
void vns_firewall_warn(struct vns_ctx *ctx, const struct vns_network *network);

#endif /* VNS_FIREWALL_H */
