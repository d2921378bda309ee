/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: the entries of the connection tracking table that concern VMs.
 */
#ifndef VNS_SESSION_H
#define VNS_SESSION_H

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "lease.h"

/**
 * enum vns_session_kind - who began it, and with whom
 * @VNS_SESSION_OUT: a VM, with the outside
 * @VNS_SESSION_FORWARD: anybody, with a VM through a port forward
 * @VNS_SESSION_IN: somebody outside, with a VM, by the VM's own address
 * @VNS_SESSION_HOST: the host, with a VM
 * @VNS_SESSION_TO_HOST: a VM, with the host
 */
enum vns_session_kind {
	VNS_SESSION_OUT,
	VNS_SESSION_FORWARD,
	VNS_SESSION_IN,
	VNS_SESSION_HOST,
	VNS_SESSION_TO_HOST,
};

/**
 * struct vns_session_end - an address with a port
 * @ip: the address
 * @port: the port, 0: the protocol has none
 */
struct vns_session_end {
	struct vns_ip ip;
	uint16_t port;
};

/**
 * struct vns_session - a session
 * @ct: all that the kernel says
 * @network: its network
 * @known: what is known about the network's VMs
 * @kind: who began it
 * @proto: IPPROTO_*
 * @from: who began it, as sent
 * @to: with whom, as sent
 * @as: what @from was translated to, or the same
 * @at: what @to was translated to, or the same
 * @vm: the VM
 * @fast: packets of who began it go the fast path
 * @fast_reply: the answers do
 * @peer: the other VM, where one VM reaches another through a port forward;
 *	else the same
 */
struct vns_session {
	struct nf_conntrack *ct;
	const struct vns_network *network;
	const struct vns_known *known;
	enum vns_session_kind kind;
	uint8_t proto;
	struct vns_session_end from, to, as, at;
	struct vns_ip vm, peer;
	bool fast, fast_reply;
};

/**
 * struct vns_session_options - what is to be listed
 * @seen: mask of the keywords given
 * @network: name of a network, NULL: all
 * @vm: name of a VM, NULL: any
 * @ip: address of a VM, family 0: any
 * @port: on any of the ends, 0: any
 * @proto: IPPROTO_*
 * @has_proto: only of that
 */
struct vns_session_options {
	unsigned int seen;
	const char *network;
	const char *vm;
	struct vns_ip ip;
	uint16_t port;
	uint8_t proto;
	bool has_proto;
};

/**
 * struct vns_session_table - the sessions, and what they are told by
 * @options: what is wanted
 * @networks: of struct vns_network
 * @known: of struct vns_known, one a network
 * @subnets: of struct vns_session_subnet
 * @host: of struct vns_ip: the host's own addresses
 * @sessions: of struct vns_session
 */
struct vns_session_table {
	struct vns_session_options options;
	struct vns_array networks;
	struct vns_array known;
	struct vns_array subnets;
	struct vns_array host;
	struct vns_array sessions;
};

/* conntrack.c */
int vns_conntrack_dump(struct vns_ctx *ctx,
		       void (*cb)(struct nf_conntrack *ct, void *data),
		       void *data);
int vns_conntrack_delete(struct vns_ctx *ctx, const struct nf_conntrack *ct,
			 bool *gone);
void vns_conntrack_ends(const struct nf_conntrack *ct,
			struct vns_session *session);

/* session.c */
int vns_session_read(struct vns_ctx *ctx, struct vns_session_table *table);
int vns_session_read_flows(struct vns_ctx *ctx,
			   struct vns_session_table *table);
void vns_session_free(struct vns_session_table *table);

#endif /* VNS_SESSION_H */
