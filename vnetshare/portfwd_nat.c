// SPDX-License-Identifier: GPL-2.0
/*
 * Port forwards in the data path. nf_nat asks once for each connection for its
 * destination: in PRE_ROUTING for packets from the LAN and from VMs, in
 * LOCAL_OUT for packets of the host.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "mode.h"
#include "nat.h"
#include "network.h"
#include "portfwd.h"

const struct rhashtable_params vns_portfwd_params = {
	.key_len = sizeof(struct vns_portfwd_key),
	.key_offset = offsetof(struct vns_portfwd_port, key),
	.head_offset = offsetof(struct vns_portfwd_port, node),
	.automatic_shrinking = true,
};

/* All bytes of @key must be set, including padding. */
static struct vns_portfwd_port *
vns_portfwd_find_port(struct vns_net *vn, const struct vns_portfwd_key *key)
{
	return rhashtable_lookup_fast(&vn->portfwds, key, vns_portfwd_params);
}

/*
 * Does a port forward accept new sessions? Only while its network has a way to
 * the outside. The caller keeps the port forward from being freed.
 */
bool vns_portfwd_is_active(const struct vns_portfwd *fwd)
{
	return !READ_ONCE(fwd->dying) &&
	       READ_ONCE(fwd->network->mode)->outside;
}

/*
 * Find the port forward's port for a connection's original destination. Most
 * port forwards are for every local address, the others for one. There are
 * never both for a port: see vns_portfwd_is_covered().
 */
static struct vns_portfwd_port *vns_portfwd_lookup(struct net *net,
						   const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct vns_net *vn = vns_network_net(net);
	struct vns_portfwd_key key = {
		.port = tuple->dst.u.all,
		.proto = tuple->dst.protonum,
		.family = nf_ct_l3num(ct),
	};
	struct vns_portfwd_port *port;

	if (likely(!READ_ONCE(vn->n_portfwd_ports)) ||
	    (key.proto != IPPROTO_TCP && key.proto != IPPROTO_UDP))
		return NULL;

	port = vns_portfwd_find_port(vn, &key);
	if (!port) {
		key.addr = tuple->dst.u3;
		port = vns_portfwd_find_port(vn, &key);
	}
	return port;
}

static __be16 vns_portfwd_to_port(const struct vns_portfwd_port *port)
{
	const struct vns_portfwd_settings *set = &port->fwd->set;

	return htons(ntohs(port->key.port) - set->port + set->to_port);
}

/* Was the connection translated to this port forward's target? */
static bool vns_portfwd_leads(const struct vns_portfwd_port *port,
			      const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	return ct->status & IPS_DST_NAT &&
	       nf_inet_addr_cmp(&tuple->src.u3, &port->fwd->set.to) &&
	       tuple->src.u.all == vns_portfwd_to_port(port);
}

/*
 * Does a connection belong to an active port forward of this network?
 *
 * Context: softirq, RCU read side.
 */
bool vns_portfwd_carries(const struct vns_network *network,
			 const struct nf_conn *ct)
{
	const struct vns_portfwd_port *port;

	if (!(ct->status & IPS_DST_NAT))
		return false;

	port = vns_portfwd_lookup(dev_net(network->dev), ct);
	return port && port->fwd->network == network &&
	       vns_portfwd_is_active(port->fwd) &&
	       vns_portfwd_leads(port, ct);
}

/*
 * The host's own packets are counted in process context, so disable softirqs.
 */
static struct vns_portfwd_stats *
vns_portfwd_begin_stats(const struct vns_portfwd *fwd)
{
	struct vns_portfwd_stats *stats;

	local_bh_disable();
	stats = this_cpu_ptr(fwd->stats);
	u64_stats_update_begin(&stats->syncp);
	return stats;
}

static void vns_portfwd_end_stats(struct vns_portfwd_stats *stats)
{
	u64_stats_update_end(&stats->syncp);
	local_bh_enable();
}

/*
 * Count a packet that goes to a VM, if it belongs to a port forward.
 *
 * Context: softirq, or process context for packets of the host; RCU read side.
 */
void vns_portfwd_count(const struct sk_buff *skb)
{
	const struct vns_portfwd_port *port;
	struct vns_portfwd_stats *stats;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || !(ct->status & IPS_DST_NAT) ||
	    CTINFO2DIR(ctinfo) != IP_CT_DIR_ORIGINAL)
		return;

	port = vns_portfwd_lookup(nf_ct_net(ct), ct);
	if (!port || !vns_portfwd_leads(port, ct))
		return;

	stats = vns_portfwd_begin_stats(port->fwd);
	u64_stats_inc(&stats->packets);
	u64_stats_add(&stats->bytes, skb->len);
	vns_portfwd_end_stats(stats);
}

/**
 * vns_portfwd_find_stats() - find the counters for packets of a connection
 * @ct: the connection, whose destination is translated
 * @stats: set to the counters of its port forward, NULL if it has none; valid
 *	until the end of the RCU read section
 *
 * Context: softirq, RCU read side.
 * Return: false if the port forward is being deleted.
 */
bool vns_portfwd_find_stats(const struct nf_conn *ct,
			    struct vns_portfwd_stats __percpu **stats)
{
	const struct vns_portfwd_port *port;

	*stats = NULL;
	port = vns_portfwd_lookup(nf_ct_net(ct), ct);
	if (!port || !vns_portfwd_leads(port, ct))
		return true;
	*stats = port->fwd->stats;
	return !READ_ONCE(port->fwd->dying);
}

static int vns_portfwd_is_over(struct nf_conn *ct, void *data)
{
	const struct vns_portfwd_port *port;
	bool over;

	rcu_read_lock();
	port = vns_portfwd_lookup(nf_ct_net(ct), ct);
	over = port && READ_ONCE(port->fwd->dying) &&
	       vns_portfwd_leads(port, ct);
	rcu_read_unlock();
	return over;
}

/* End the sessions of port forwards that are marked dying. Under rtnl. */
void vns_portfwd_flush(struct net *net)
{
	struct nf_ct_iter_data iter = { .net = net };

	nf_ct_iterate_cleanup_net(vns_portfwd_is_over, &iter);
}

static bool vns_portfwd_is_local(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct net *net = nf_ct_net(ct);

	if (nf_ct_l3num(ct) == NFPROTO_IPV4)
		return inet_addr_type(net, tuple->dst.u3.ip) == RTN_LOCAL;
	return ipv6_chk_addr(net, &tuple->dst.u3.in6, NULL, 0);
}

/*
 * Does the connection go to the host itself, although its port is forwarded
 * now?
 */
static int vns_portfwd_bypassed(struct nf_conn *ct, void *data)
{
	const struct vns_portfwd_port *port;
	bool past;

	if (ct->status & IPS_DST_NAT)
		return 0;

	rcu_read_lock();
	port = vns_portfwd_lookup(nf_ct_net(ct), ct);
	past = port && vns_portfwd_is_active(port->fwd) &&
	       vns_portfwd_is_local(ct);
	rcu_read_unlock();
	return past;
}

/*
 * End connections to the host that began before their port was forwarded.
 * nf_nat decides once for each connection, and a UDP client that keeps sending
 * never begins a new one.
 *
 * Context: process.
 */
void vns_portfwd_caught_up(struct work_struct *work)
{
	struct vns_net *vn = container_of(to_delayed_work(work), struct vns_net,
					  portfwd_work);
	struct nf_ct_iter_data iter = { .net = vn->net };

	nf_ct_iterate_cleanup_net(vns_portfwd_bypassed, &iter);
}

/*
 * Schedule vns_portfwd_caught_up(), once for several port forwards that are
 * added within a tenth of a second.
 *
 * Context: any.
 */
void vns_portfwd_catch_up(struct vns_net *vn)
{
	if (READ_ONCE(vn->n_portfwd_ports))
		queue_delayed_work(system_wq, &vn->portfwd_work, HZ / 10);
}

/* May @from use this port forward? NULL: the client is not a VM. */
static bool vns_portfwd_accepts(const struct vns_portfwd_port *port,
				const struct vns_network *from)
{
	/* VMs of other networks may not */
	return (!from || from == port->fwd->network) &&
	       vns_portfwd_is_active(port->fwd);
}

static unsigned int vns_portfwd_translate(struct nf_conn *ct,
					  const struct vns_portfwd_port *port)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr = port->fwd->set.to,
		.max_addr = port->fwd->set.to,
		.min_proto.all = vns_portfwd_to_port(port),
		.max_proto.all = vns_portfwd_to_port(port),
	};
	struct vns_portfwd_stats *stats;

	stats = vns_portfwd_begin_stats(port->fwd);
	u64_stats_inc(&stats->connections);
	vns_portfwd_end_stats(stats);
	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST);
}

/*
 * Translate a new connection to its port forward's target, if @fit accepts the
 * packet's addresses. Sessions of VMs get conntrack counters in any case.
 */
static unsigned int vns_portfwd_decide(struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       bool (*fit)(const struct nf_hook_state *,
						   const struct sk_buff *))
{
	bool output = state->hook == NF_INET_LOCAL_OUT;
	struct vns_network *from = output ? NULL : vns_network_of(state->in);
	const struct vns_portfwd_port *port;
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (from || (output && vns_network_is(state->out)))
		vns_nat_count(skb);

	/* related connections are not forwarded */
	if (ctinfo != IP_CT_NEW)
		return NF_ACCEPT;

	port = vns_portfwd_lookup(state->net, ct);
	if (!port || !vns_portfwd_accepts(port, from) || !fit(state, skb))
		return NF_ACCEPT;
	vns_nat_count(skb);
	return vns_portfwd_translate(ct, port);
}

/*
 * Is the destination an address of the host that may be forwarded? The source
 * address is checked later, when the packet is routed to the VM.
 */
static bool vns_portfwd_fits4(const struct nf_hook_state *state,
			      const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	bool output = state->hook == NF_INET_LOCAL_OUT;

	/* the stack drops packets to a loopback address from other machines */
	return inet_addr_type(state->net, iph->daddr) == RTN_LOCAL &&
	       (output || !ipv4_is_loopback(iph->daddr));
}

static bool vns_portfwd_fits6(const struct nf_hook_state *state,
			      const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	bool output = state->hook == NF_INET_LOCAL_OUT;

	if (ipv6_addr_loopback(&ip6h->daddr))
		return output;
	return !(ipv6_addr_type(&ip6h->daddr) & IPV6_ADDR_LINKLOCAL) &&
	       ipv6_chk_addr(state->net, &ip6h->daddr, NULL, 0);
}

/*
 * nf_nat asks for the destination of a new IPv4 session. @skb is its first
 * packet, @state that of the PRE_ROUTING or LOCAL_OUT hook.
 *
 * Context: softirq, or process context in LOCAL_OUT; RCU read side.
 * Return: NF_ACCEPT, also if nothing was translated; NF_DROP on failure.
 */
unsigned int vns_portfwd_decide4(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return vns_portfwd_decide(skb, state, vns_portfwd_fits4);
}

/* vns_portfwd_decide4() for IPv6. */
unsigned int vns_portfwd_decide6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return vns_portfwd_decide(skb, state, vns_portfwd_fits6);
}
