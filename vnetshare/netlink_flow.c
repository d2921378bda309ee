// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink dump of the sessions in the fast path.
 */
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

#include "flow.h"
#include "netlink.h"
#include "network.h"
#include "port.h"

const struct nla_policy
vns_netlink_flow_policy[VNETSHARE_A_FLOW_NETWORK + 1] = {
	[VNETSHARE_A_FLOW_NETWORK] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
};

static int vns_netlink_fill_flow(struct sk_buff *skb,
				 const struct vns_flow *flow,
				 const struct vns_netlink_msg *msg)
{
	const struct nf_conntrack_tuple *tuple =
		&flow->ct->tuplehash[flow->dir].tuple;
	int len = nf_ct_l3num(flow->ct) == NFPROTO_IPV4 ?
		  sizeof(tuple->src.u3.ip) : sizeof(tuple->src.u3.ip6);
	void *hdr;

	hdr = vns_netlink_put_header(skb, msg);
	if (!hdr)
		return -EMSGSIZE;

	if (nla_put_u32(skb, VNETSHARE_A_FLOW_NETWORK,
			READ_ONCE(flow->port->network->dev->ifindex)) ||
	    nla_put_u32(skb, VNETSHARE_A_FLOW_DIRECTION, flow->direction) ||
	    nla_put_u8(skb, VNETSHARE_A_FLOW_PROTOCOL, tuple->dst.protonum) ||
	    nla_put(skb, VNETSHARE_A_FLOW_SOURCE, len, &tuple->src.u3) ||
	    nla_put(skb, VNETSHARE_A_FLOW_DESTINATION, len, &tuple->dst.u3) ||
	    nla_put_u16(skb, VNETSHARE_A_FLOW_SOURCE_PORT,
			ntohs(tuple->src.u.all)) ||
	    nla_put_u16(skb, VNETSHARE_A_FLOW_DESTINATION_PORT,
			ntohs(tuple->dst.u.all))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}

	genlmsg_end(skb, hdr);
	return 0;
}

/* Dumps the entries of a bucket, without the first cb->args[1]. */
static int vns_netlink_dump_bucket(struct sk_buff *skb,
				   struct netlink_callback *cb,
				   const struct vns_flow_table *flows,
				   u32 ifindex,
				   const struct vns_netlink_msg *header)
{
	const struct vns_flow *flow;
	long i = 0;

	hlist_for_each_entry_rcu(flow, &flows->buckets[cb->args[0]], node) {
		if (i++ < cb->args[1] || !vns_flow_is_in_use(flows, flow) ||
		    (ifindex && flow->port->network->dev->ifindex != ifindex))
			continue;
		if (vns_netlink_fill_flow(skb, flow, header))
			return -EMSGSIZE;
		cb->args[1] = i;
	}
	cb->args[1] = 0;
	return 0;
}

/*
 * cb->args[0] counts the buckets that are done, cb->args[1] the entries that
 * were dumped of the next bucket. Entries come and go meanwhile, so that a
 * long dump is approximate.
 */
int vns_netlink_flow_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vns_net *vn = vns_network_net(sock_net(cb->skb->sk));
	struct vns_flow_table *flows = &vn->flows;
	struct vns_netlink_msg header = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = VNETSHARE_CMD_FLOW_GET,
	};
	u32 ifindex;
	int err;

	/* also keeps the networks from being removed */
	rtnl_lock();
	err = vns_netlink_dump_filter(cb, VNETSHARE_A_FLOW_NETWORK, &ifindex);
	if (err || !flows->buckets)
		goto out_unlock;

	/* the host's rules may have changed since the last packet */
	vns_flow_rules(flows);
	rcu_read_lock();
	for (; cb->args[0] < vns_flow_buckets(flows); cb->args[0]++)
		if (vns_netlink_dump_bucket(skb, cb, flows, ifindex, &header))
			break;
	rcu_read_unlock();
out_unlock:
	rtnl_unlock();
	return err ?: skb->len;
}
