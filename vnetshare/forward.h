/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_FORWARD_H
#define _VNETSHARE_FORWARD_H

#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/u64_stats_sync.h>

struct nf_conn;
struct nf_hook_state;
struct netlink_ext_ack;
struct socket;
struct vns_net;
struct vns_network;

/* Ports that the forwards of a namespace may take, each protocol for itself. */
#define VNS_FORWARD_PORTS_MAX	131072

/**
 * struct vns_forward_settings - what a port forward shall do
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocols: enum vnetshare_protocol combined
 * @addr: the host's address, all zero for every local one
 * @to: the VM's address
 * @port: first port of the host
 * @last: last port of the host
 * @to_port: first port of the VM
 */
struct vns_forward_settings {
	u8 family;
	u8 protocols;
	union nf_inet_addr addr;
	union nf_inet_addr to;
	u16 port;
	u16 last;
	u16 to_port;
};

/**
 * struct vns_forward_stats - counters of a port forward on one CPU
 * @connections: that were accepted
 * @packets: sent to the VM
 * @bytes: likewise, at the IP layer
 * @syncp: for 32-bit readers
 */
struct vns_forward_stats {
	u64_stats_t connections;
	u64_stats_t packets;
	u64_stats_t bytes;
	struct u64_stats_sync syncp;
};

/**
 * struct vns_forward_key - what a port forward is found by
 * @addr: the host's address, all zero for every local one
 * @port: the host's port
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct vns_forward_key {
	union nf_inet_addr addr;
	__be16 port;
	u8 proto;
	u8 family;
};

/**
 * struct vns_forward_port - one port of one protocol of a port forward
 * @node: in &vns_net.forwards
 * @key: its key there
 * @forward: the forward
 * @sock: bound to the port, so that nothing else on the host is
 */
struct vns_forward_port {
	struct rhash_head node;
	struct vns_forward_key key;
	struct vns_forward *forward;
	struct socket *sock;
};

/**
 * struct vns_forward - a port forward
 * @network: whose VM it leads to
 * @set: what it does; does not change
 * @stats: per-CPU counters
 * @dying: begins no session and carries none any more; READ_ONCE()
 * @id: number in its network, rtnl
 * @list: in &vns_network.forwards, rtnl
 * @n_ports: length of @ports
 * @ports: one for each port and protocol
 */
struct vns_forward {
	struct vns_network *network;
	struct vns_forward_settings set;
	struct vns_forward_stats __percpu *stats;
	bool dying;

	u32 id;
	struct list_head list;
	u32 n_ports;
	struct vns_forward_port ports[];
};

/* forward.c: what is set up */
struct vns_forward *vns_forward_add(struct vns_network *network,
				    const struct vns_forward_settings *set,
				    struct netlink_ext_ack *extack);
struct vns_forward *vns_forward_find_id(struct vns_network *network, u32 id);
void vns_forward_del(struct vns_forward *forward);
void vns_forward_del_all(struct vns_network *network);
void vns_forward_read_stats(const struct vns_forward *forward,
			    u64 *connections, u64 *packets, u64 *bytes);
int vns_forward_init_net(struct vns_net *vn);
void vns_forward_exit_net(struct vns_net *vn);

/* forward_nat.c: what packets meet */
extern const struct rhashtable_params vns_forward_params;
bool vns_forward_is_active(const struct vns_forward *forward);
bool vns_forward_carries(const struct vns_network *network,
			 const struct nf_conn *ct);
bool vns_forward_find_stats(const struct nf_conn *ct,
			    struct vns_forward_stats __percpu **stats);
void vns_forward_count(const struct sk_buff *skb);
void vns_forward_flush(struct net *net);
void vns_forward_catch_up(struct vns_net *vn);
void vns_forward_caught_up(struct work_struct *work);
unsigned int vns_forward_decide4(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);
unsigned int vns_forward_decide6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

#endif /* _VNETSHARE_FORWARD_H */
