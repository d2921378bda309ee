// SPDX-License-Identifier: GPL-2.0
/* Does a packet match an expression of nftables? */
#include <string.h>

#include "firewall.h"

static enum vns_firewall_answer vns_firewall_answer(bool yes)
{
	return yes ? VNS_FIREWALL_YES : VNS_FIREWALL_NO;
}

static enum vns_firewall_answer
vns_firewall_not(enum vns_firewall_answer answer)
{
	return VNS_FIREWALL_YES - answer;
}

static const char *vns_firewall_string(struct json_object *object,
				       const char *key)
{
	const char *text = vns_firewall_get(object, key);

	return text ? text : "";
}

/* A pattern is a name, or with '*' at the end the beginning of one. */
static enum vns_firewall_answer vns_firewall_match_device(const char *device,
							  const char *pattern)
{
	size_t len = strlen(pattern);

	if (!device)
		return VNS_FIREWALL_MAYBE;
	if (len && pattern[len - 1] == '*')
		return vns_firewall_answer(!strncmp(device, pattern, len - 1));
	return vns_firewall_answer(!strcmp(device, pattern));
}

static enum vns_firewall_answer
vns_firewall_match_meta(const struct vns_firewall_packet *packet,
			const char *key, const char *value)
{
	bool v6 = packet->subnet.gateway.family == AF_INET6;

	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		return vns_firewall_match_device(packet->iif, value);
	if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		return vns_firewall_match_device(packet->oif, value);
	if (!strcmp(key, "nfproto"))
		return vns_firewall_answer(!strcmp(value, v6 ? "ipv6" :
							       "ipv4"));
	if (!strcmp(key, "protocol"))
		return vns_firewall_answer(!strcmp(value, v6 ? "ip6" : "ip"));
	if (!strcmp(key, "l4proto"))
		return vns_firewall_answer(!strcmp(value, "tcp") ||
					   !strcmp(value, "6"));
	return VNS_FIREWALL_MAYBE;
}

/**
 * vns_firewall_state - the state of a packet's connection
 *
 * Return: the state, as nft writes it
 */
const char *vns_firewall_state(const struct vns_firewall_packet *packet)
{
	return packet->answer ? "established" : "new";
}

static enum vns_firewall_answer
vns_firewall_match_ct(const struct vns_firewall_packet *packet, const char *key,
		      const char *value)
{
	if (!strcmp(key, "state"))
		return vns_firewall_answer(!strcmp(value,
						   vns_firewall_state(packet)));
	/* connections that VMs begin are not those of a port forward */
	if (!strcmp(key, "status") && !strcmp(value, "dnat"))
		return VNS_FIREWALL_NO;
	return VNS_FIREWALL_MAYBE;
}

/* An address, or {"prefix": {"addr": ADDRESS, "len": LENGTH}} */
static bool vns_firewall_prefix(struct json_object *value, struct vns_ip *ip,
				unsigned int *plen)
{
	struct json_object *prefix = NULL, *len = NULL;

	if (json_object_is_type(value, json_type_string)) {
		if (!vns_ip_parse(json_object_get_string(value), ip))
			return false;
		*plen = 8 * vns_ip_size(ip);
		return true;
	}
	if (!json_object_is_type(value, json_type_object) ||
	    !json_object_object_get_ex(value, "prefix", &prefix) ||
	    !json_object_object_get_ex(prefix, "len", &len) ||
	    !vns_ip_parse(vns_firewall_string(prefix, "addr"), ip))
		return false;
	*plen = json_object_get_int(len);
	return *plen <= 8 * vns_ip_size(ip);
}

/* @own: the rule compares the VM's address, not the other end's. */
static enum vns_firewall_answer
vns_firewall_match_address(const struct vns_subnet *subnet, bool own,
			   struct json_object *value)
{
	unsigned int plen;
	struct vns_ip ip;
	bool covers, part;

	if (!vns_firewall_prefix(value, &ip, &plen))
		return VNS_FIREWALL_MAYBE;
	covers = plen <= subnet->plen && vns_ip_in(&subnet->gateway, &ip, plen);
	part = plen > subnet->plen && vns_subnet_holds(subnet, &ip);
	if (own && !part)
		return vns_firewall_answer(covers);
	if (!own && (part || !plen))
		return vns_firewall_answer(!plen);
	return VNS_FIREWALL_MAYBE;
}

/* The server's port is known, the VM's port is not. */
static enum vns_firewall_answer
vns_firewall_match_port(bool server, struct json_object *value)
{
	struct json_object *range;
	int first, last;

	if (!server)
		return VNS_FIREWALL_MAYBE;
	if (json_object_is_type(value, json_type_int))
		return vns_firewall_answer(json_object_get_int(value) ==
					   VNS_FIREWALL_PORT);
	if (!json_object_is_type(value, json_type_object) ||
	    !json_object_object_get_ex(value, "range", &range) ||
	    !json_object_is_type(range, json_type_array) ||
	    json_object_array_length(range) != 2)
		return VNS_FIREWALL_MAYBE;
	first = json_object_get_int(json_object_array_get_idx(range, 0));
	last = json_object_get_int(json_object_array_get_idx(range, 1));
	return vns_firewall_answer(first <= VNS_FIREWALL_PORT &&
				   last >= VNS_FIREWALL_PORT);
}

static enum vns_firewall_answer
vns_firewall_match_payload(const struct vns_firewall_packet *packet,
			   struct json_object *payload,
			   struct json_object *value)
{
	const char *field = vns_firewall_string(payload, "field");

	if (!strcmp(field, "saddr"))
		return vns_firewall_match_address(&packet->subnet,
						  !packet->answer, value);
	if (!strcmp(field, "daddr"))
		return vns_firewall_match_address(&packet->subnet,
						  packet->answer, value);
	if (!strcmp(field, "sport"))
		return vns_firewall_match_port(packet->answer, value);
	if (!strcmp(field, "dport"))
		return vns_firewall_match_port(!packet->answer, value);
	if (!strcmp(field, "protocol") || !strcmp(field, "nexthdr"))
		return vns_firewall_match_meta(packet, "l4proto",
					       json_object_get_string(value));
	return VNS_FIREWALL_MAYBE;
}

/* Does the packet have this header? If not, no comparison matches. */
static bool vns_firewall_has_header(const struct vns_firewall_packet *packet,
				    struct json_object *left)
{
	bool v6 = packet->subnet.gateway.family == AF_INET6;
	struct json_object *payload;
	const char *protocol;

	if (!json_object_is_type(left, json_type_object) ||
	    !json_object_object_get_ex(left, "payload", &payload))
		return true;
	protocol = vns_firewall_string(payload, "protocol");
	if (!strcmp(protocol, "ip"))
		return !v6;
	if (!strcmp(protocol, "ip6"))
		return v6;
	/* "" is a raw payload */
	return !strcmp(protocol, "tcp") || !strcmp(protocol, "th") ||
	       !strcmp(protocol, "ether") || !*protocol;
}

static enum vns_firewall_answer
vns_firewall_match_value(const struct vns_firewall_packet *packet,
			 struct json_object *left, struct json_object *value)
{
	const char *text = json_object_get_string(value);
	struct json_object *what;

	if (!text || *text == '@' || !json_object_is_type(left, json_type_object))
		return VNS_FIREWALL_MAYBE;
	if (json_object_object_get_ex(left, "payload", &what)) {
		if (!strcmp(vns_firewall_string(what, "protocol"), "ether"))
			return VNS_FIREWALL_MAYBE;
		return vns_firewall_match_payload(packet, what, value);
	}
	if (!json_object_is_type(value, json_type_string) &&
	    !json_object_is_type(value, json_type_int))
		return VNS_FIREWALL_MAYBE;
	if (json_object_object_get_ex(left, "meta", &what))
		return vns_firewall_match_meta(packet,
					       vns_firewall_string(what, "key"),
					       text);
	if (json_object_object_get_ex(left, "ct", &what))
		return vns_firewall_match_ct(packet,
					     vns_firewall_string(what, "key"),
					     text);
	return VNS_FIREWALL_MAYBE;
}

/**
 * vns_firewall_compare - does a field of a packet have one of the values?
 * @left: the field, as nft writes it
 * @right: a value, or several
 */
enum vns_firewall_answer
vns_firewall_compare(const struct vns_firewall_packet *packet,
		     struct json_object *left, struct json_object *right)
{
	enum vns_firewall_answer best = VNS_FIREWALL_NO, answer;
	struct json_object *inner;
	size_t i;

	if (json_object_is_type(right, json_type_object)) {
		if (json_object_object_get_ex(right, "set", &inner))
			return vns_firewall_compare(packet, left, inner);
		/* a value with a counter, a timeout or a comment */
		if (json_object_object_get_ex(right, "elem", &inner) &&
		    json_object_object_get_ex(inner, "val", &inner))
			return vns_firewall_compare(packet, left, inner);
	}
	if (!json_object_is_type(right, json_type_array))
		return vns_firewall_match_value(packet, left, right);
	for (i = 0; i < json_object_array_length(right); i++) {
		inner = json_object_array_get_idx(right, i);
		answer = vns_firewall_compare(packet, left, inner);
		if (answer > best)
			best = answer;
	}
	return best;
}

/**
 * vns_firewall_match - does a packet match?
 * @match: the "match" of a rule
 */
enum vns_firewall_answer
vns_firewall_match(const struct vns_firewall_packet *packet,
		   struct json_object *match)
{
	const char *op = vns_firewall_string(match, "op");
	struct json_object *left, *right;
	enum vns_firewall_answer answer;

	if (!json_object_object_get_ex(match, "left", &left) ||
	    !json_object_object_get_ex(match, "right", &right))
		return VNS_FIREWALL_MAYBE;
	if (!vns_firewall_has_header(packet, left))
		return VNS_FIREWALL_NO;
	answer = vns_firewall_compare(packet, left, right);
	if (!*op || !strcmp(op, "==") || !strcmp(op, "in"))
		return answer;
	return strcmp(op, "!=") ? VNS_FIREWALL_MAYBE : vns_firewall_not(answer);
}
