// SPDX-License-Identifier: GPL-2.0
/*
 * Port forwards, as packets meet them: nf_nat asks once a connection where it
 * shall go, before routing (what comes from the LAN and from VMs) and at the
 * host's own output.
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

/* @key: all of it set, padding included. NULL if no forward has it. */
static struct vns_portfwd_port *
vns_portfwd_find_port(struct vns_net *vn, const struct vns_portfwd_key *key)
{
	return rhashtable_lookup_fast(&vn->portfwds, key, vns_portfwd_params);
}

/**
 * vns_portfwd_is_active() - does a port forward begin sessions
 * @fwd: the forward
 *
 * Context: any that keeps the forward.
 * Return: true unless the network has no way to the outside.
 */
bool vns_portfwd_is_active(const struct vns_portfwd *fwd)
{
	return !READ_ONCE(fwd->dying) &&
	       READ_ONCE(fwd->network->mode)->outside;
}

/*
 * The port of a forward that a connection's destination belongs to: of every
 * local address, as most are, or of that one. Never are there both: see
 * vns_portfwd_add().
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

/* Does a connection that was translated go where the forward leads? */
static bool vns_portfwd_leads(const struct vns_portfwd_port *port,
			      const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	return ct->status & IPS_DST_NAT &&
	       nf_inet_addr_cmp(&tuple->src.u3, &port->fwd->set.to) &&
	       tuple->src.u.all == vns_portfwd_to_port(port);
}

/**
 * vns_portfwd_carries() - is a connection one of a network's port forwards
 * @network: the network
 * @ct: the connection
 *
 * Context: softirq, RCU read side.
 * Return: true if so.
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

/* The host's own packets come from processes. */
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

/**
 * vns_portfwd_count() - count a packet that goes to a VM
 * @skb: the packet
 *
 * Context: softirq, RCU read side.
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
 * vns_portfwd_find_stats() - what the packets of a connection to a VM count for
 * @ct: the connection, whose destination is translated
 * @stats: set to the counters of its port forward, NULL if it is of none
 *
 * Context: softirq, RCU read side.
 * Return: false if the port forward is ending.
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

/**
 * vns_portfwd_flush() - end the sessions of forwards that are dying
 * @net: the namespace
 *
 * Context: rtnl.
 */
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

/* To the host itself, although there is a forward now. */
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

/**
 * vns_portfwd_caught_up() - end what goes past the forwards of a namespace
 * @work: &vns_net.portfwd_work
 *
 * nf_nat decides once a connection, and a UDP client that sends on and on never
 * begins another.
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

/**
 * vns_portfwd_catch_up() - have clients that knocked before use the forwards
 * @vn: the namespace's part
 *
 * Soon, and once for many forwards that are added together.
 *
 * Context: any.
 */
void vns_portfwd_catch_up(struct vns_net *vn)
{
	if (READ_ONCE(vn->n_portfwd_ports))
		queue_delayed_work(system_wq, &vn->portfwd_work, HZ / 10);
}

/* Is a connection from @from (NULL: not a VM) for this forward? */
static bool vns_portfwd_accepts(const struct vns_portfwd_port *port,
				const struct vns_network *from)
{
	/* other networks never reach a VM */
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
 * The forward that a new connection is for, if its addresses are @fit. Its
 * network's VMs' sessions are counted either way.
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

	/* an ICMP error that relates to another connection */
	if (ctinfo != IP_CT_NEW)
		return NF_ACCEPT;

	port = vns_portfwd_lookup(state->net, ct);
	if (!port || !vns_portfwd_accepts(port, from) || !fit(state, skb))
		return NF_ACCEPT;
	vns_nat_count(skb);
	return vns_portfwd_translate(ct, port);
}

/*
 * To an address of the host. Whether one from elsewhere may have its source is
 * asked where it is routed to the VM.
 */
static bool vns_portfwd_fits4(const struct nf_hook_state *state,
			      const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	bool output = state->hook == NF_INET_LOCAL_OUT;

	/* from elsewhere, the stack will refuse a loopback address */
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

/**
 * vns_portfwd_decide4() - nf_nat asks for the destination of a new session
 * @priv: not used
 * @skb: its first packet
 * @state: of the PRE_ROUTING or LOCAL_OUT hook
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: NF_ACCEPT, whether or not it was translated; NF_DROP if it could not
 * be.
 */
unsigned int vns_portfwd_decide4(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return vns_portfwd_decide(skb, state, vns_portfwd_fits4);
}

/**
 * vns_portfwd_decide6() - the same for IPv6
 * @priv: not used
 * @skb: its first packet
 * @state: of the PRE_ROUTING or LOCAL_OUT hook
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: NF_ACCEPT, whether or not it was translated; NF_DROP if it could not
 * be.
 */
unsigned int vns_portfwd_decide6(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return vns_portfwd_decide(skb, state, vns_portfwd_fits6);
}
