// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink dump of the IP addresses that VMs of bridged networks have, and the
 * announcement of an address that another machine has, too.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "fdb.h"
#include "netlink.h"
#include "network.h"
#include "port.h"
#include "snoop_table.h"

const struct nla_policy
vns_netlink_snoop_policy[VNETSHARE_A_NEIGH_NETWORK + 1] = {
	[VNETSHARE_A_NEIGH_NETWORK] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vns_netlink_ifindex_range),
};

static bool vns_netlink_put_snoop(struct sk_buff *skb,
				  const struct vns_port *port,
				  const struct in6_addr *addr, const u8 *mac)
{
	char name[IFNAMSIZ];

	/* copied, because the device may be renamed meanwhile */
	strscpy(name, port->dev->name, sizeof(name));
	return !nla_put_u32(skb, VNETSHARE_A_NEIGH_NETWORK,
			    port->network->dev->ifindex) &&
	       !nla_put_in6_addr(skb, VNETSHARE_A_NEIGH_ADDRESS, addr) &&
	       !nla_put(skb, VNETSHARE_A_NEIGH_MAC, ETH_ALEN, mac) &&
	       !nla_put_u32(skb, VNETSHARE_A_NEIGH_PORT_ID, port->id) &&
	       !nla_put_string(skb, VNETSHARE_A_NEIGH_PORT_NAME, name);
}

static int vns_netlink_fill_snoop(struct sk_buff *skb,
				  const struct vns_port *port,
				  const struct vns_snoop_entry *entry,
				  const struct vns_netlink_msg *msg)
{
	unsigned long age = jiffies - READ_ONCE(entry->used);
	u8 mac[ETH_ALEN];
	void *hdr;

	hdr = vns_netlink_put_header(skb, msg);
	if (!hdr)
		return -EMSGSIZE;

	vns_fdb_key_to_mac(READ_ONCE(entry->mac), mac);
	if (!vns_netlink_put_snoop(skb, port, &entry->addr, mac) ||
	    nla_put_u32(skb, VNETSHARE_A_NEIGH_AGE, age / HZ)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}

	genlmsg_end(skb, hdr);
	return 0;
}

/* Dumps the entries of a port that are older than cb->args[1] (0: all). */
static int vns_netlink_dump_port_snoop(struct sk_buff *skb,
				       struct netlink_callback *cb,
				       const struct vns_port *port,
				       const struct vns_netlink_msg *header)
{
	struct vns_snoop_table *table = &port->network->snoop;
	const struct vns_snoop_entry *entry;
	int err = 0;

	spin_lock_bh(&table->lock);
	hlist_for_each_entry(entry, &port->snoop, port_node) {
		if (cb->args[1] && entry->id >= (unsigned long)cb->args[1])
			continue;
		err = vns_netlink_fill_snoop(skb, port, entry, header);
		if (err)
			break;
		cb->args[1] = entry->id;
	}
	spin_unlock_bh(&table->lock);

	if (!err)
		cb->args[1] = 0;
	return err;
}

/*
 * cb->args[0] counts the ports that are done, cb->args[1] is the number of the
 * last entry that was dumped of the next port.
 */
int vns_netlink_snoop_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vns_net *vn = vns_network_net(sock_net(cb->skb->sk));
	struct vns_netlink_msg header = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = VNETSHARE_CMD_NEIGH_GET,
		.cb = cb,
	};
	struct vns_network *network;
	struct vns_port *port;
	u32 ifindex;
	long i = 0;
	int err;

	rtnl_lock();
	cb->seq = vn->seq;
	err = vns_netlink_dump_filter(cb, VNETSHARE_A_NEIGH_NETWORK, &ifindex);
	if (err)
		goto out_unlock;

	list_for_each_entry(network, &vn->networks, list) {
		if (ifindex && network->dev->ifindex != ifindex)
			continue;
		list_for_each_entry(port, &network->ports, list) {
			if (i >= cb->args[0] &&
			    vns_netlink_dump_port_snoop(skb, cb, port, &header))
				goto out_full;
			i++;
		}
	}
out_full:
	cb->args[0] = i;
	err = skb->len;
out_unlock:
	rtnl_unlock();
	return err;
}

/* Context: RCU read side. Arguments: as of vns_announce_conflict(). */
int vns_netlink_fill_conflict(struct sk_buff *skb, const struct vns_port *port,
			      const struct in6_addr *addr, const u8 *mac,
			      const u8 *holder)
{
	struct vns_netlink_msg header = {
		.cmd = VNETSHARE_CMD_NEIGH_CONFLICT_NTF,
	};
	void *hdr;

	hdr = vns_netlink_put_header(skb, &header);
	if (!hdr)
		return -EMSGSIZE;

	if (!vns_netlink_put_snoop(skb, port, addr, mac) ||
	    (holder && nla_put(skb, VNETSHARE_A_NEIGH_HOLDER, ETH_ALEN,
			       holder))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}

	genlmsg_end(skb, hdr);
	return 0;
}
