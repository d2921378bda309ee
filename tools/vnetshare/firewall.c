// SPDX-License-Identifier: GPL-2.0
/* Warn when the host's firewall drops packets of a network. */
#include <string.h>

#include "firewall.h"
#include "uplink.h"

/* Results of a rule or a chain; a mask, since several may be possible. */
#define VNS_FIREWALL_ACCEPT	VNS_BIT(0)
#define VNS_FIREWALL_DROP	VNS_BIT(1)
#define VNS_FIREWALL_RETURN	VNS_BIT(2)	/* end of the chain */
#define VNS_FIREWALL_NEXT	VNS_BIT(3)	/* on to the next rule */

/* Evaluation of the rules for a packet */
struct vns_firewall {
	struct vns_firewall_ruleset ruleset;
	struct vns_firewall_packet packet;
};

static unsigned int vns_firewall_follow(struct vns_firewall *fw,
					struct vns_firewall_chain *chain);

/* Evaluate another chain; @back: the rest of this chain follows. */
static unsigned int vns_firewall_jump(struct vns_firewall *fw,
				      struct vns_firewall_chain *from,
				      struct json_object *jump, bool back)
{
	struct vns_firewall_chain *chain = NULL;
	const char *target = vns_firewall_get(jump, "target");
	unsigned int outcome;

	if (target)
		chain = vns_firewall_chain_find(&fw->ruleset, from, target);
	if (!chain)
		return VNS_FIREWALL_ACCEPT | VNS_FIREWALL_NEXT;
	outcome = vns_firewall_follow(fw, chain);
	from->culprit = chain->culprit;
	from->rule = chain->rule;
	if (!back || !(outcome & VNS_FIREWALL_RETURN))
		return outcome;
	return (outcome & ~VNS_FIREWALL_RETURN) | VNS_FIREWALL_NEXT;
}

/* The result of a verdict, or 0 for another word. */
static unsigned int vns_firewall_verdict(struct vns_firewall *fw,
					 struct vns_firewall_chain *chain,
					 const char *word,
					 struct json_object *value)
{
	if (!strcmp(word, "jump") || !strcmp(word, "goto"))
		return vns_firewall_jump(fw, chain, value, *word == 'j');
	if (!strcmp(word, "accept"))
		return VNS_FIREWALL_ACCEPT;
	if (!strcmp(word, "drop") || !strcmp(word, "reject"))
		return VNS_FIREWALL_DROP;
	if (!strcmp(word, "queue"))
		return VNS_FIREWALL_ACCEPT | VNS_FIREWALL_DROP;
	if (!strcmp(word, "return"))
		return VNS_FIREWALL_RETURN;
	if (!strcmp(word, "continue"))
		return VNS_FIREWALL_NEXT;
	return 0;
}

static unsigned int vns_firewall_verdict_of(struct vns_firewall *fw,
					    struct vns_firewall_chain *chain,
					    struct json_object *object)
{
	unsigned int outcome = VNS_FIREWALL_ACCEPT | VNS_FIREWALL_NEXT;

	if (!json_object_is_type(object, json_type_object))
		return outcome;
	json_object_object_foreach(object, word, value)
		outcome = vns_firewall_verdict(fw, chain, word, value);
	return outcome;
}

/* "KEY vmap { VALUE : VERDICT, ... }" */
static unsigned int vns_firewall_vmap(struct vns_firewall *fw,
				      struct vns_firewall_chain *chain,
				      struct json_object *vmap)
{
	struct json_object *key = NULL, *data = NULL, *set = NULL;
	struct json_object *pair, *value;
	enum vns_firewall_answer answer;
	unsigned int outcome = 0;
	size_t i;

	json_object_object_get_ex(vmap, "key", &key);
	if (!json_object_object_get_ex(vmap, "data", &data) ||
	    !json_object_is_type(data, json_type_object) ||
	    !json_object_object_get_ex(data, "set", &set) ||
	    !json_object_is_type(set, json_type_array))
		return VNS_FIREWALL_ACCEPT | VNS_FIREWALL_NEXT;
	for (i = 0; i < json_object_array_length(set); i++) {
		pair = json_object_array_get_idx(set, i);
		if (!json_object_is_type(pair, json_type_array))
			return VNS_FIREWALL_ACCEPT | VNS_FIREWALL_NEXT;
		value = json_object_array_get_idx(pair, 0);
		answer = vns_firewall_compare(&fw->packet, key, value);
		if (answer == VNS_FIREWALL_NO)
			continue;
		value = json_object_array_get_idx(pair, 1);
		outcome |= vns_firewall_verdict_of(fw, chain, value);
		if (answer == VNS_FIREWALL_YES)
			return outcome;
	}
	return outcome | VNS_FIREWALL_NEXT;
}

/*
 * "-m conntrack" or "-m state" of iptables: nft lists its states as text only.
 */
static enum vns_firewall_answer
vns_firewall_xt_state(const struct vns_firewall *fw,
		      const struct vns_firewall_chain *chain)
{
	static const char key[] = "ct state ";
	char text[512], *word, *rest;

	vns_firewall_rule_text(chain, chain->rule, text, sizeof(text));
	word = strstr(text, key);
	if (!word || word[strlen(key)] == '!')
		return VNS_FIREWALL_MAYBE;
	word = strtok_r(word + strlen(key), " ", &rest);
	for (word = strtok_r(word, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest))
		if (!strcmp(word, vns_firewall_state(&fw->packet)))
			return VNS_FIREWALL_MAYBE;
	return VNS_FIREWALL_NO;
}

/*
 * An extension of iptables. REJECT is the only target that is a verdict. Older
 * versions of nft do not name targets.
 */
static unsigned int vns_firewall_xt(const struct vns_firewall *fw,
				    const struct vns_firewall_chain *chain,
				    struct json_object *xt,
				    enum vns_firewall_answer *answer)
{
	const char *type = vns_firewall_get(xt, "type");
	const char *name = vns_firewall_get(xt, "name");

	if (!name)
		name = "";
	if (type && !strcmp(type, "target"))
		return strcmp(name, "REJECT") ? 0 : VNS_FIREWALL_DROP;
	if (!strcmp(name, "conntrack") || !strcmp(name, "state"))
		*answer = vns_firewall_xt_state(fw, chain);
	else if (strcmp(name, "comment"))
		*answer = VNS_FIREWALL_MAYBE;
	return 0;
}

/* Statements that neither match nor decide. */
static bool vns_firewall_is_neutral(const char *word)
{
	static const char *const words[] = {
		"counter", "log", "mangle", "notrack", "flow", "secmark",
		"set", "map", "ct helper", "ct timeout", "ct expectation",
		"dup", "last", NULL,
	};
	size_t i;

	for (i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* Evaluate one statement. Returns its result, or 0 when it decides nothing. */
static unsigned int vns_firewall_statement(struct vns_firewall *fw,
					   struct vns_firewall_chain *chain,
					   struct json_object *statement,
					   enum vns_firewall_answer *answer)
{
	unsigned int outcome = 0;

	*answer = VNS_FIREWALL_YES;
	if (!json_object_is_type(statement, json_type_object)) {
		*answer = VNS_FIREWALL_MAYBE;
		return 0;
	}
	json_object_object_foreach(statement, word, value) {
		if (!strcmp(word, "match"))
			*answer = vns_firewall_match(&fw->packet, value);
		else if (!strcmp(word, "vmap"))
			outcome = vns_firewall_vmap(fw, chain, value);
		else if (!strcmp(word, "xt"))
			outcome = vns_firewall_xt(fw, chain, value, answer);
		else
			outcome = vns_firewall_verdict(fw, chain, word, value);
		/* a limit, or an unknown statement */
		if (!outcome && strcmp(word, "match") && strcmp(word, "xt") &&
		    !vns_firewall_is_neutral(word))
			*answer = VNS_FIREWALL_MAYBE;
	}
	return outcome;
}

static unsigned int vns_firewall_rule(struct vns_firewall *fw,
				      struct vns_firewall_chain *chain,
				      struct json_object *rule)
{
	enum vns_firewall_answer all = VNS_FIREWALL_YES, answer;
	struct json_object *list, *statement;
	unsigned int outcome;
	size_t i;

	chain->culprit = chain;
	chain->rule = rule;
	if (!json_object_object_get_ex(rule, "expr", &list) ||
	    !json_object_is_type(list, json_type_array))
		return VNS_FIREWALL_NEXT;
	for (i = 0; i < json_object_array_length(list); i++) {
		statement = json_object_array_get_idx(list, i);
		outcome = vns_firewall_statement(fw, chain, statement, &answer);
		if (answer < all)
			all = answer;
		if (all == VNS_FIREWALL_NO)
			return VNS_FIREWALL_NEXT;
		if (outcome)
			return all == VNS_FIREWALL_YES ? outcome :
			       outcome | VNS_FIREWALL_NEXT;
	}
	return VNS_FIREWALL_NEXT;
}

/* The possible results of a chain: accept, drop, return */
static unsigned int vns_firewall_follow(struct vns_firewall *fw,
					struct vns_firewall_chain *chain)
{
	struct json_object **rules = chain->rules.items;
	unsigned int outcome = VNS_FIREWALL_NEXT;
	size_t i;

	if (chain->followed)
		return chain->outcome;
	chain->followed = true;
	for (i = 0; i < chain->rules.count && (outcome & VNS_FIREWALL_NEXT); i++)
		outcome = (outcome & ~VNS_FIREWALL_NEXT) |
			  vns_firewall_rule(fw, chain, rules[i]);
	if (outcome & VNS_FIREWALL_NEXT) {
		outcome = (outcome & ~VNS_FIREWALL_NEXT) | VNS_FIREWALL_RETURN;
		chain->culprit = chain;
		chain->rule = NULL;
	}
	chain->outcome = outcome;
	return outcome;
}

static bool vns_firewall_is_base(const struct vns_firewall_chain *chain,
				 const struct vns_firewall_packet *packet)
{
	const char *own = packet->subnet.gateway.family == AF_INET6 ? "ip6" :
								      "ip";

	return chain->hook && chain->type && strcmp(chain->type, "nat") &&
	       !strcmp(chain->hook, packet->hook) &&
	       (!strcmp(chain->family, "inet") || !strcmp(chain->family, own));
}

/* Does a base chain drop the packet for certain? */
static bool vns_firewall_base_drops(struct vns_firewall *fw,
				    struct vns_firewall_chain *chain)
{
	unsigned int outcome = vns_firewall_follow(fw, chain);

	if (outcome & VNS_FIREWALL_RETURN) {
		outcome &= ~VNS_FIREWALL_RETURN;
		outcome |= chain->drops ? VNS_FIREWALL_DROP :
					  VNS_FIREWALL_ACCEPT;
		chain->culprit = chain;
		chain->rule = NULL;
	}
	return outcome == VNS_FIREWALL_DROP;
}

/* The first base chain that drops the packet for certain, or NULL */
static const struct vns_firewall_chain *
vns_firewall_try(struct vns_firewall *fw)
{
	struct vns_firewall_chain *chain = fw->ruleset.chains.items;
	const struct vns_firewall_chain *first = NULL;
	size_t i;

	for (i = 0; i < fw->ruleset.chains.count; i++)
		chain[i].followed = false;
	for (i = 0; i < fw->ruleset.chains.count; i++, chain++) {
		if (vns_firewall_is_base(chain, &fw->packet) &&
		    (!first || chain->priority < first->priority) &&
		    vns_firewall_base_drops(fw, chain))
			first = chain;
	}
	return first;
}

/*
 * Try the packets that cross the hooks of a firewall setting: those of VMs and,
 * with "host", the answers, which cross another hook.
 */
static const struct vns_firewall_chain *
vns_firewall_try_setting(struct vns_firewall *fw, uint32_t setting,
			 const char *network, const char *uplink)
{
	const struct vns_firewall_chain *chain;
	struct vns_firewall_packet *packet = &fw->packet;

	packet->answer = false;
	packet->oif = uplink;
	switch (setting) {
	case VNETSHARE_FIREWALL_FORWARD:
		packet->hook = "forward";
		packet->iif = network;
		return vns_firewall_try(fw);
	case VNETSHARE_FIREWALL_HOST:
		packet->hook = "output";
		packet->iif = "";
		chain = vns_firewall_try(fw);
		if (chain)
			return chain;
		packet->answer = true;
		packet->hook = "input";
		packet->iif = uplink;
		packet->oif = "";
		return vns_firewall_try(fw);
	}
	return NULL;
}

static void vns_firewall_tell(const struct vns_firewall *fw,
			      const struct vns_firewall_chain *base,
			      const char *network)
{
	const struct vns_firewall_chain *chain = base->culprit;
	char text[512];

	if (base->rule)
		vns_firewall_rule_text(chain, base->rule, text, sizeof(text));
	vns_warning("the host's firewall drops %s VMs of %s (HTTPS, for example): table %s %s, chain %s, %s%s",
		    fw->packet.answer ? "answers to" : "packets from",
		    network, chain->family, chain->table, chain->name,
		    base->rule ? "rule " : "policy ",
		    base->rule ? text : "drop");
}

/* The firewall setting that lets the packets through. */
static const char *vns_firewall_remedy(struct vns_firewall *fw,
				       uint32_t setting, const char *network,
				       const char *uplink)
{
	uint32_t other = setting == VNETSHARE_FIREWALL_FORWARD ?
			 VNETSHARE_FIREWALL_HOST : VNETSHARE_FIREWALL_FORWARD;

	if (vns_firewall_try_setting(fw, other, network, uplink))
		other = VNETSHARE_FIREWALL_OFF;
	return vns_genl_firewall_name(other);
}

/* Returns whether a warning was printed. */
static bool vns_firewall_check(struct vns_ctx *ctx, struct vns_firewall *fw,
			       const struct vns_network *network,
			       uint8_t family)
{
	struct vns_firewall_packet *packet = &fw->packet;
	const struct vns_firewall_chain *chain;
	char uplink[IFNAMSIZ];
	const char *oif;

	if (vns_subnet_of(ctx, network->ifindex, family, &packet->subnet) ||
	    !packet->subnet.plen)
		return false;
	oif = vns_uplink_device(ctx, network, family, uplink) ? uplink : NULL;
	/* without a way out, VMs send no IPv6 packets there */
	if (family == AF_INET6 && !oif)
		return false;
	chain = vns_firewall_try_setting(fw, network->firewall, network->name,
					 oif);
	if (!chain)
		return false;
	vns_firewall_tell(fw, chain, network->name);
	vns_hint("vnetshare network set %s firewall %s", network->name,
		 vns_firewall_remedy(fw, network->firewall, network->name,
				     oif));
	return true;
}

/*
 * Warn if the host's firewall drops packets of a network. There is no warning
 * unless it is certain.
 */
void vns_firewall_warn(struct vns_ctx *ctx, const struct vns_network *network)
{
	struct vns_firewall fw = { };

	if (!vns_genl_has_outside(network) ||
	    network->firewall == VNETSHARE_FIREWALL_OFF)
		return;
	if (vns_firewall_load(&fw.ruleset) &&
	    !vns_firewall_check(ctx, &fw, network, AF_INET))
		vns_firewall_check(ctx, &fw, network, AF_INET6);
	vns_firewall_free(&fw.ruleset);
}
