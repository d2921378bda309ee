/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_PORTFWD_H
#define _VNETSHARE_PORTFWD_H

#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/u64_stats_sync.h>

struct nf_conn;
struct nf_hook_state;
struct netlink_ext_ack;
struct socket;
struct vns_net;
struct vns_network;

/* Limit of forwarded ports in a namespace; a port counts once per protocol. */
#define VNS_PORTFWD_PORTS_MAX	131072

/**
 * struct vns_portfwd_settings - configuration of a port forward
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocols: set of enum vnetshare_protocol
 * @addr: address of the host, all zero for every local address
 * @to: address of the VM
 * @port: first port of the host
 * @last: last port of the host
 * @to_port: first port of the VM
 */
struct vns_portfwd_settings {
	u8 family;
	u8 protocols;
	union nf_inet_addr addr;
	union nf_inet_addr to;
	u16 port;
	u16 last;
	u16 to_port;
};

/**
 * struct vns_portfwd_stats - counters of a port forward on one CPU
 * @connections: accepted connections
 * @packets: packets sent to the VM
 * @bytes: bytes sent to the VM, counted at the IP layer
 * @syncp: for readers on 32-bit machines
 */
struct vns_portfwd_stats {
	u64_stats_t connections;
	u64_stats_t packets;
	u64_stats_t bytes;
	struct u64_stats_sync syncp;
};

/**
 * struct vns_portfwd_key - hash key of a forwarded port
 * @addr: address of the host, all zero for every local address
 * @port: port of the host
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct vns_portfwd_key {
	union nf_inet_addr addr;
	__be16 port;
	u8 proto;
	u8 family;
};

/**
 * struct vns_portfwd_port - one port of one protocol of a port forward
 * @node: in &vns_net.portfwds
 * @key: its key there
 * @fwd: the port forward
 * @sock: bound to the port, so that no program on the host gets it
 */
struct vns_portfwd_port {
	struct rhash_head node;
	struct vns_portfwd_key key;
	struct vns_portfwd *fwd;
	struct socket *sock;
};

/**
 * struct vns_portfwd - a port forward
 * @network: the network of the VM
 * @set: its settings, which never change
 * @stats: per-CPU counters
 * @dying: being deleted: begins and carries no session; written under rtnl,
 *	read with READ_ONCE()
 * @id: number in its network, rtnl
 * @list: in &vns_network.portfwds, rtnl
 * @n_ports: length of @ports
 * @ports: one for each port and protocol
 */
struct vns_portfwd {
	struct vns_network *network;
	struct vns_portfwd_settings set;
	struct vns_portfwd_stats __percpu *stats;
	bool dying;

	u32 id;
	struct list_head list;
	u32 n_ports;
	struct vns_portfwd_port ports[];
};

/* portfwd.c: configuration */
struct vns_portfwd *vns_portfwd_add(struct vns_network *network,
				    const struct vns_portfwd_settings *set,
				    struct netlink_ext_ack *extack);
struct vns_portfwd *vns_portfwd_find_id(struct vns_network *network, u32 id);
void vns_portfwd_del(struct vns_portfwd *fwd);
void vns_portfwd_del_all(struct vns_network *network);
void vns_portfwd_read_stats(const struct vns_portfwd *fwd,
			    u64 *connections, u64 *packets, u64 *bytes);
int vns_portfwd_init_net(struct vns_net *vn);
void vns_portfwd_exit_net(struct vns_net *vn);

/* portfwd_nat.c: data path */
extern const struct rhashtable_params vns_portfwd_params;
bool vns_portfwd_is_active(const struct vns_portfwd *fwd);
bool vns_portfwd_carries(const struct vns_network *network,
			 const struct nf_conn *ct);
bool vns_portfwd_find_stats(const struct nf_conn *ct,
			    struct vns_portfwd_stats __percpu **stats);
void vns_portfwd_count(const struct sk_buff *skb);
void vns_portfwd_flush(struct net *net);
void vns_portfwd_catch_up(struct vns_net *vn);
void vns_portfwd_caught_up(struct work_struct *work);
unsigned int vns_portfwd_decide4(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);
unsigned int vns_portfwd_decide6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

#endif /* _VNETSHARE_PORTFWD_H */
