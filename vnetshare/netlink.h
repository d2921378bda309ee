/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_NETLINK_H
#define _VNETSHARE_NETLINK_H

#include <net/genetlink.h>
#include <uapi/linux/vnetshare.h>

struct in6_addr;
struct vns_portfwd;
struct vns_network;
struct vns_port;

/**
 * struct vns_netlink_msg - header of a message that is to be filled
 * @portid: port ID of the recipient, 0 for an announcement
 * @seq: sequence number of the request, 0 for an announcement
 * @flags: NLM_F_*
 * @cmd: enum vnetshare_cmd
 * @cb: the dump that the message belongs to, else NULL
 */
struct vns_netlink_msg {
	u32 portid;
	u32 seq;
	u16 flags;
	u8 cmd;
	struct netlink_callback *cb;
};

extern struct genl_family vns_netlink_family;

int vns_netlink_miss(struct genl_info *info, int attr, const char *msg);
void vns_netlink_explain_name(struct genl_info *info,
			      const struct nlattr *name, int err);
void *vns_netlink_put_header(struct sk_buff *skb,
			     const struct vns_netlink_msg *msg);
int vns_netlink_check_open(struct genl_info *info);
void vns_netlink_close(void);
struct vns_network *vns_netlink_network(struct genl_info *info, int attr);
int vns_netlink_dump_refuse(struct netlink_callback *cb, int attr);
int vns_netlink_dump_filter(struct netlink_callback *cb, int attr,
			    u32 *ifindex);

/* The multicast groups, in the order of their numbers. */
enum vns_netlink_group {
	VNS_NETLINK_GROUP_MONITOR,
};

extern struct netlink_range_validation vns_netlink_ifindex_range;

/*
 * The handlers of commands are called without rtnl, and take it. They return a
 * negative error, with the reason in extack; otherwise vns_netlink_*_dump()
 * return the length of the message so far, the others 0.
 *
 * vns_netlink_fill_*() make one message, under rtnl if nothing else is said.
 * They return 0, or -EMSGSIZE if it does not fit.
 */

/* netlink_network.c */
extern const struct nla_policy
vns_netlink_network_id_policy[VNETSHARE_A_NETWORK_IFINDEX + 1];
extern const struct nla_policy
vns_netlink_network_new_policy[VNETSHARE_A_NETWORK_FASTPATH + 1];
extern const struct nla_policy
vns_netlink_network_set_policy[VNETSHARE_A_NETWORK_FASTPATH + 1];
int vns_netlink_fill_network(struct sk_buff *skb,
			     const struct vns_network *network,
			     const struct vns_netlink_msg *msg);
int vns_netlink_network_get(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_network_dump(struct sk_buff *skb, struct netlink_callback *cb);
int vns_netlink_network_new(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_network_set(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_network_del(struct sk_buff *skb, struct genl_info *info);

/* netlink_port.c */
extern const struct nla_policy
vns_netlink_port_id_policy[VNETSHARE_A_PORT_ID + 1];
extern const struct nla_policy
vns_netlink_port_new_policy[VNETSHARE_A_PORT_ADDRESSES + 1];
extern const struct nla_policy
vns_netlink_port_set_policy[VNETSHARE_A_PORT_ADDRESSES + 1];
int vns_netlink_fill_port(struct sk_buff *skb, struct vns_port *port,
			  const struct vns_netlink_msg *msg);
int vns_netlink_port_get(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_port_dump(struct sk_buff *skb, struct netlink_callback *cb);
int vns_netlink_port_new(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_port_set(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_port_del(struct sk_buff *skb, struct genl_info *info);

/* netlink_fdb.c */
extern const struct nla_policy
vns_netlink_fdb_policy[VNETSHARE_A_FDB_NETWORK + 1];
int vns_netlink_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_snoop.c */
extern const struct nla_policy
vns_netlink_snoop_policy[VNETSHARE_A_NEIGH_NETWORK + 1];
int vns_netlink_snoop_dump(struct sk_buff *skb, struct netlink_callback *cb);
int vns_netlink_fill_conflict(struct sk_buff *skb, const struct vns_port *port,
			      const struct in6_addr *addr, const u8 *mac,
			      const u8 *holder);

/* netlink_portfwd.c */
extern const struct nla_policy
vns_netlink_portfwd_get_policy[VNETSHARE_A_FORWARD_NETWORK + 1];
extern const struct nla_policy
vns_netlink_portfwd_new_policy[VNETSHARE_A_FORWARD_TO_PORT + 1];
extern const struct nla_policy
vns_netlink_portfwd_del_policy[VNETSHARE_A_FORWARD_ID + 1];
int vns_netlink_fill_portfwd(struct sk_buff *skb,
			     const struct vns_portfwd *fwd,
			     const struct vns_netlink_msg *msg);
int vns_netlink_portfwd_dump(struct sk_buff *skb, struct netlink_callback *cb);
int vns_netlink_portfwd_new(struct sk_buff *skb, struct genl_info *info);
int vns_netlink_portfwd_del(struct sk_buff *skb, struct genl_info *info);

/* netlink_flow.c */
extern const struct nla_policy
vns_netlink_flow_policy[VNETSHARE_A_FLOW_NETWORK + 1];
int vns_netlink_flow_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_family.c */
int vns_netlink_family_init(void);
void vns_netlink_family_exit(void);

#endif /* _VNETSHARE_NETLINK_H */
