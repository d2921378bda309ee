// SPDX-License-Identifier: GPL-2.0
/* vnetshare session: connections of VMs with the outside and with the host. */
#include <linux/netfilter/nf_conntrack_common.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "output.h"
#include "parse.h"
#include "session.h"

#define VNS_SESSION_NSEC	1000000000ULL

/* indexed by protocol number */
static const char *const vns_session_protos[256] = {
	[IPPROTO_ICMP] = "icmp",
	[IPPROTO_TCP] = "tcp",
	[IPPROTO_UDP] = "udp",
	[IPPROTO_DCCP] = "dccp",
	[IPPROTO_GRE] = "gre",
	[IPPROTO_ICMPV6] = "icmpv6",
	[IPPROTO_SCTP] = "sctp",
	[IPPROTO_UDPLITE] = "udplite",
};

static const char *const vns_session_kinds[] = {
	[VNS_SESSION_OUT] = "out",
	[VNS_SESSION_FORWARD] = "forward",
	[VNS_SESSION_IN] = "in",
	[VNS_SESSION_HOST] = "host",
	[VNS_SESSION_TO_HOST] = "to-host",
};

static const char *const vns_session_tcp_states[] = {
	"none", "syn-sent", "syn-recv", "established", "fin-wait",
	"close-wait", "last-ack", "time-wait", "close", "syn-sent2",
};

static const char *vns_session_state(const struct nf_conntrack *ct)
{
	uint32_t status = nfct_get_attr_u32(ct, ATTR_STATUS);
	uint8_t state = nfct_get_attr_u8(ct, ATTR_TCP_STATE);

	if (nfct_attr_is_set(ct, ATTR_TCP_STATE) > 0 &&
	    state < VNS_ARRAY_SIZE(vns_session_tcp_states))
		return vns_session_tcp_states[state];
	if (!(status & IPS_SEEN_REPLY))
		return "unreplied";
	return status & IPS_ASSURED ? "assured" : "replied";
}

/* JSON has KEY_address and KEY_port; text has one column for both. */
static void vns_session_end(const struct vns_ctx *ctx,
			    struct json_object *object, const char *key,
			    const struct vns_session_end *end)
{
	char name[32], text[VNS_IP_ENDPOINT_TEXT];

	if (!ctx->json) {
		if (end)
			vns_ip_format_endpoint(&end->ip, end->port, end->port,
					       text);
		vns_output_string(object, key, end ? text : NULL);
		return;
	}
	snprintf(name, sizeof(name), "%s_address", key);
	vns_output_ip(object, name, end ? &end->ip : NULL);
	snprintf(name, sizeof(name), "%s_port", key);
	if (end && end->port)
		vns_output_number(object, name, end->port);
	else
		vns_output_null(object, name);
}

/* The translated address and port, or NULL when translation changed nothing */
static const struct vns_session_end *
vns_session_changed(const struct vns_session_end *before,
		    const struct vns_session_end *after)
{
	if (before->port == after->port && vns_ip_equal(&before->ip, &after->ip))
		return NULL;
	return after;
}

static void vns_session_number(struct json_object *object, const char *key,
			       const struct nf_conntrack *ct,
			       enum nf_conntrack_attr attr)
{
	if (nfct_attr_is_set(ct, attr) > 0)
		vns_output_number(object, key, nfct_get_attr_u64(ct, attr));
	else
		vns_output_null(object, key);
}

static void vns_session_times(struct json_object *object,
			      const struct nf_conntrack *ct)
{
	struct timespec now;
	uint64_t start;

	/* conntrack entries may lack either time */
	if (nfct_attr_is_set(ct, ATTR_TIMESTAMP_START) > 0) {
		clock_gettime(CLOCK_REALTIME, &now);
		start = nfct_get_attr_u64(ct, ATTR_TIMESTAMP_START) /
			VNS_SESSION_NSEC;
		vns_output_number(object, "age",
				  start < (uint64_t)now.tv_sec ?
				  now.tv_sec - start : 0);
	} else {
		vns_output_null(object, "age");
	}
	if (nfct_attr_is_set(ct, ATTR_TIMEOUT) > 0)
		vns_output_number(object, "timeout",
				  nfct_get_attr_u32(ct, ATTR_TIMEOUT));
	else
		vns_output_null(object, "timeout");
}

/* Text shows both directions of a counter in one column. */
static void vns_session_pair(struct json_object *object, const char *key,
			     const char *one, const char *other)
{
	char text[64];

	if (!vns_output_is(object, one))
		return;
	snprintf(text, sizeof(text), "%s/%s", vns_output_text(object, one),
		 vns_output_text(object, other));
	vns_output_string(object, key, text);
}

/* The directions in the fast path; "there" is that of the first packet. */
static const char *vns_session_fast(const struct vns_session *session)
{
	if (session->fast)
		return session->fast_reply ? "both" : "there";
	return session->fast_reply ? "back" : "no";
}

static struct json_object *
vns_session_describe(const struct vns_ctx *ctx,
		     const struct vns_session *session)
{
	const char *proto = vns_session_protos[session->proto];
	struct json_object *object = json_object_new_object();
	const struct nf_conntrack *ct = session->ct;
	char number[8];

	snprintf(number, sizeof(number), "%u", session->proto);
	vns_output_string(object, "network", session->network->name);
	vns_output_string(object, "proto", proto ? proto : number);
	vns_output_string(object, "kind", vns_session_kinds[session->kind]);
	vns_output_ip(object, "vm", &session->vm);
	vns_output_string(object, "name", vns_known_name(session->known,
							 &session->vm));
	vns_session_end(ctx, object, "from", &session->from);
	vns_session_end(ctx, object, "to", &session->to);
	vns_session_end(ctx, object, "translated_from",
			vns_session_changed(&session->from, &session->as));
	vns_session_end(ctx, object, "translated_to",
			vns_session_changed(&session->to, &session->at));
	vns_output_string(object, "state", vns_session_state(ct));
	vns_output_bool(object, "fastpath", session->fast);
	vns_output_bool(object, "reply_fastpath", session->fast_reply);
	vns_session_number(object, "packets", ct, ATTR_ORIG_COUNTER_PACKETS);
	vns_session_number(object, "bytes", ct, ATTR_ORIG_COUNTER_BYTES);
	vns_session_number(object, "reply_packets", ct,
			   ATTR_REPL_COUNTER_PACKETS);
	vns_session_number(object, "reply_bytes", ct, ATTR_REPL_COUNTER_BYTES);
	vns_session_times(object, ct);
	if (!ctx->json) {
		vns_output_string(object, "fast", vns_session_fast(session));
		vns_session_pair(object, "packets_both", "packets",
				 "reply_packets");
		vns_session_pair(object, "bytes_both", "bytes", "reply_bytes");
	}
	return object;
}

static int vns_session_print(struct vns_ctx *ctx, const struct vns_array *sessions)
{
	static const struct vns_column columns[] = {
		{ "network", "NETWORK", NULL },
		{ "proto", "PROTO", NULL },
		{ "kind", "KIND", NULL },
		{ "name", "VM", NULL },
		{ "from", "FROM", NULL },
		{ "translated_from", "TRANSLATED-FROM", NULL },
		{ "to", "TO", NULL },
		{ "translated_to", "TRANSLATED-TO", NULL },
		{ "state", "STATE", NULL },
		{ "fast", "FASTPATH", NULL },
		{ "packets_both", "PACKETS", NULL },
		{ "bytes_both", "BYTES", NULL },
		{ "age", "AGE", NULL },
		{ "timeout", "TIMEOUT", NULL },
		{ }
	};
	struct json_object *list = json_object_new_array();
	const struct vns_session *session = sessions->items;
	size_t i;

	for (i = 0; i < sessions->count; i++)
		json_object_array_add(list,
				      vns_session_describe(ctx, &session[i]));
	return vns_output_table(ctx, list, columns);
}

static int vns_session_parse_vm(const char *word, void *options)
{
	struct vns_session_options *opt = options;

	if (!vns_ip_parse(word, &opt->ip))
		opt->vm = word;
	return VNS_OK;
}

static int vns_session_parse_port(const char *word, void *options)
{
	struct vns_session_options *opt = options;

	return vns_parse_port("port", word, &opt->port);
}

static int vns_session_parse_proto(const char *word, void *options)
{
	struct vns_session_options *opt = options;
	unsigned long number;
	const char *name;
	char *end;
	int i;

	opt->has_proto = true;
	for (i = 0; i < 256; i++) {
		name = vns_session_protos[i];
		if (!name || strcmp(word, name))
			continue;
		opt->proto = i;
		return VNS_OK;
	}
	number = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || number > UINT8_MAX)
		return vns_usage_error("proto is a number or tcp, udp, icmp, ..., not \"%s\"",
				       word);
	opt->proto = number;
	return VNS_OK;
}

static const struct vns_key vns_session_keys[] = {
	{ "vm", "ADDR|NAME", vns_session_parse_vm },
	{ "port", "PORT", vns_session_parse_port },
	{ "proto", "tcp|udp|icmp|...", vns_session_parse_proto },
	{ }
};

/*
 * The first word is the name of a network, unless the words are pairs of
 * keyword and value.
 */
static int vns_session_parse(struct vns_args *args,
			     struct vns_session_options *options)
{
	if (args->count % 2)
		options->network = vns_args_next(args);
	return vns_args_keys(args, vns_session_keys, options, &options->seen);
}

static int vns_session_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_session_table table = { };
	int ret;

	ret = vns_session_parse(args, &table.options);
	if (ret)
		return ret;
	ret = vns_session_read(ctx, &table);
	if (!ret)
		ret = vns_session_read_flows(ctx, &table);
	if (!ret)
		ret = vns_session_print(ctx, &table.sessions);
	vns_session_free(&table);
	return ret;
}

static void vns_session_print_flushed(struct json_object *object)
{
	printf("sessions ended: %s\n", vns_output_text(object, "flushed"));
}

static int vns_session_flush_run(struct vns_ctx *ctx, struct vns_args *args)
{
	const struct vns_session *session;
	struct json_object *object;
	struct vns_session_table table = { };
	bool gone = false;
	size_t i, ended = 0;
	int ret;

	ret = vns_session_parse(args, &table.options);
	if (ret)
		return ret;
	ret = vns_session_read(ctx, &table);
	session = table.sessions.items;
	for (i = 0; !ret && i < table.sessions.count; i++) {
		ret = vns_conntrack_delete(ctx, session[i].ct, &gone);
		ended += !ret && !gone;
	}
	vns_session_free(&table);
	if (ret)
		return ret;
	object = json_object_new_object();
	vns_output_number(object, "flushed", ended);
	return vns_output_print(ctx, vns_output_list(object),
				vns_session_print_flushed);
}

const struct vns_command vns_cmd_session[] = {
	{
		.name = "show",
		.args = "[NET]",
		.help = "show sessions of VMs",
		.keys = vns_session_keys,
		.run = vns_session_show_run,
	}, {
		.name = "flush",
		.args = "[NET]",
		.help = "end sessions of VMs",
		.keys = vns_session_keys,
		.run = vns_session_flush_run,
	},
	{ }
};
