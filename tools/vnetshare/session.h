/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: the entries of the connection tracking table that concern VMs.
 */
#ifndef VNS_SESSION_H
#define VNS_SESSION_H

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "lease.h"

/**
 * enum vns_session_kind - the two ends of a session, first the initiator
 * @VNS_SESSION_OUT: a VM and the outside
 * @VNS_SESSION_FORWARD: any machine and a VM, through a port forward
 * @VNS_SESSION_IN: a machine outside and a VM, by the VM's own address
 * @VNS_SESSION_HOST: the host and a VM
 * @VNS_SESSION_TO_HOST: a VM and the host
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
 * @ct: the conntrack entry
 * @network: the VM's network
 * @known: addresses and names of the network's VMs
 * @kind: the two ends
 * @proto: IPPROTO_*
 * @from: source of the initiator's packets as sent
 * @to: destination of the initiator's packets as sent
 * @as: translated source, or the same as @from
 * @at: translated destination, or the same as @to
 * @vm: the VM
 * @fast: packets of the initiator use the fast path
 * @fast_reply: answers use the fast path
 * @peer: the other VM, when a VM reaches another through a port forward; else
 *	the same as @vm
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
 * struct vns_session_options - the sessions to list
 * @seen: mask of the keywords given
 * @network: name of a network, NULL: all
 * @vm: name of a VM, NULL: any
 * @ip: address of a VM, family 0: any
 * @port: port at any end, 0: any
 * @proto: IPPROTO_*
 * @has_proto: list sessions of @proto only
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
 * struct vns_session_table - sessions, and the addresses that identify them
 * @options: the sessions to list
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
