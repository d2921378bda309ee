// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions of VMs, found by their addresses: the address of a VM is in a subnet
 * of its network's device and is not the host's own.
 */
#include <stdlib.h>
#include <string.h>

#include "rtnl.h"
#include "session.h"

/**
 * struct vns_session_subnet - a subnet of a network
 * @network: the network's index in the list
 * @ip: the host's address in it
 * @plen: prefix length
 */
struct vns_session_subnet {
	size_t network;
	struct vns_ip ip;
	uint8_t plen;
};

static void vns_session_add_address(struct vns_session_table *table,
				    const struct vns_addr *addr)
{
	const struct vns_network *network = table->networks.items;
	struct vns_session_subnet *subnet;
	size_t i;

	*(struct vns_ip *)vns_array_add(&table->host) = addr->local;
	/* link-local addresses are the same on all networks */
	if (vns_ip_is_link_local(&addr->local))
		return;
	for (i = 0; i < table->networks.count; i++) {
		if (network[i].ifindex != addr->ifindex)
			continue;
		subnet = vns_array_add(&table->subnets);
		subnet->network = i;
		subnet->ip = addr->local;
		subnet->plen = addr->plen;
	}
}

static int vns_session_read_addresses(struct vns_ctx *ctx,
				      struct vns_session_table *table)
{
	struct vns_array addrs = { };
	const struct vns_addr *addr;
	size_t i;
	int ret;

	table->subnets.size = sizeof(struct vns_session_subnet);
	table->host.size = sizeof(struct vns_ip);
	ret = vns_rtnl_addrs(ctx, &addrs);
	addr = addrs.items;
	for (i = 0; !ret && i < addrs.count; i++, addr++)
		vns_session_add_address(table, addr);
	vns_array_free(&addrs);
	return ret;
}

static int vns_session_read_networks(struct vns_ctx *ctx,
				     struct vns_session_table *table)
{
	const struct vns_network *network;
	struct vns_network wanted;
	size_t i;
	int ret;

	table->known.size = sizeof(struct vns_known);
	if (table->options.network) {
		ret = vns_genl_network_get(ctx, table->options.network,
					   &wanted);
		if (ret)
			return ret;
		table->networks.size = sizeof(wanted);
		*(struct vns_network *)vns_array_add(&table->networks) = wanted;
	} else {
		ret = vns_genl_networks(ctx, &table->networks);
	}
	network = table->networks.items;
	for (i = 0; !ret && i < table->networks.count; i++)
		ret = vns_known_read(ctx, &network[i],
				     vns_array_add(&table->known));
	return ret;
}

static bool vns_session_is_host(const struct vns_session_table *table,
				const struct vns_ip *ip)
{
	const struct vns_ip *host = table->host.items;
	size_t i;

	if (ip->family == AF_INET && ip->bytes[0] == 127)
		return true;
	for (i = 0; i < table->host.count; i++)
		if (vns_ip_equal(&host[i], ip))
			return true;
	return false;
}

/* The network's subnet with an address, or NULL */
static const struct vns_session_subnet *
vns_session_subnet(const struct vns_session_table *table,
		   const struct vns_ip *ip)
{
	const struct vns_session_subnet *subnet = table->subnets.items;
	size_t i;

	for (i = 0; i < table->subnets.count; i++)
		if (vns_ip_in(ip, &subnet[i].ip, subnet[i].plen))
			return &subnet[i];
	return NULL;
}

/* The subnet of the VM with an address, or NULL when no VM has it */
static const struct vns_session_subnet *
vns_session_vm_subnet(const struct vns_session_table *table,
		      const struct vns_ip *ip)
{
	const struct vns_session_subnet *subnet;

	subnet = vns_session_subnet(table, ip);
	return subnet && !vns_session_is_host(table, ip) ? subnet : NULL;
}

static bool vns_session_to_host(const struct vns_session_table *table,
				const struct vns_ip *ip)
{
	/*
	 * an address in the VM's own subnet is reached without the host: what
	 * comes to the host is a broadcast
	 */
	return vns_session_is_host(table, ip) || vns_ip_is_group(ip) ||
	       vns_session_subnet(table, ip);
}

/* Set the kind and the VM of a session. Returns the VM's subnet, or NULL. */
static const struct vns_session_subnet *
vns_session_classify(const struct vns_session_table *table,
		     struct vns_session *session)
{
	const struct vns_session_subnet *from, *at;
	bool diverted;

	from = vns_session_vm_subnet(table, &session->from.ip);
	at = vns_session_vm_subnet(table, &session->at.ip);
	diverted = !vns_ip_equal(&session->to.ip, &session->at.ip) ||
		   session->to.port != session->at.port;
	session->vm = at ? session->at.ip : session->from.ip;
	session->peer = from ? session->from.ip : session->at.ip;
	if (at && diverted) {
		session->kind = VNS_SESSION_FORWARD;
		return at;
	}
	if (from) {
		session->vm = session->from.ip;
		session->kind = vns_session_to_host(table, &session->to.ip) ?
				VNS_SESSION_TO_HOST : VNS_SESSION_OUT;
		return from;
	}
	session->kind = vns_session_is_host(table, &session->from.ip) ?
			VNS_SESSION_HOST : VNS_SESSION_IN;
	return at;
}

static bool vns_session_is_vm(const struct vns_session *session,
			      const struct vns_session_options *options,
			      const struct vns_ip *ip)
{
	const char *name;

	if (options->ip.family)
		return vns_ip_equal(&options->ip, ip);
	name = vns_known_name(session->known, ip);
	return name && !strcasecmp(name, options->vm);
}

static bool vns_session_wanted(const struct vns_session *session,
			       const struct vns_session_options *options)
{
	uint16_t port = options->port;

	if (options->has_proto && session->proto != options->proto)
		return false;
	if (port && session->from.port != port && session->to.port != port &&
	    session->as.port != port && session->at.port != port)
		return false;
	return (!options->vm && !options->ip.family) ||
	       vns_session_is_vm(session, options, &session->vm) ||
	       vns_session_is_vm(session, options, &session->peer);
}

static void vns_session_cb(struct nf_conntrack *ct, void *data)
{
	struct vns_session_table *table = data;
	const struct vns_network *network = table->networks.items;
	const struct vns_known *known = table->known.items;
	const struct vns_session_subnet *subnet;
	struct vns_session session = { .ct = ct };

	vns_conntrack_ends(ct, &session);
	subnet = vns_session_classify(table, &session);
	if (!subnet)
		goto drop;
	session.network = &network[subnet->network];
	session.known = &known[subnet->network];
	if (!vns_session_wanted(&session, &table->options))
		goto drop;
	*(struct vns_session *)vns_array_add(&table->sessions) = session;
	return;
drop:
	nfct_destroy(ct);
}

static int vns_session_compare_flows(const void *a, const void *b)
{
	/* the structure is zeroed before use: padding does not differ */
	return memcmp(a, b, sizeof(struct vns_flow));
}

static bool vns_session_is_fast(const struct vns_array *flows, uint8_t proto,
				const struct vns_session_end *from,
				const struct vns_session_end *to)
{
	struct vns_flow key;

	memset(&key, 0, sizeof(key));
	key.proto = proto;
	key.from = from->ip;
	key.to = to->ip;
	key.from_port = from->port;
	key.to_port = to->port;
	return flows->count && bsearch(&key, flows->items, flows->count,
				       sizeof(key), vns_session_compare_flows);
}

/* Find the sessions in the fast path. */
int vns_session_read_flows(struct vns_ctx *ctx,
			   struct vns_session_table *table)
{
	struct vns_session *session = table->sessions.items;
	struct vns_array flows = { };
	size_t i;
	int ret;

	if (!table->sessions.count)
		return VNS_OK;
	ret = vns_genl_flows(ctx, 0, &flows);
	if (flows.count)
		qsort(flows.items, flows.count, sizeof(struct vns_flow),
		      vns_session_compare_flows);
	for (i = 0; !ret && i < table->sessions.count; i++, session++) {
		session->fast = vns_session_is_fast(&flows, session->proto,
						    &session->from,
						    &session->to);
		session->fast_reply = vns_session_is_fast(&flows,
							  session->proto,
							  &session->at,
							  &session->as);
	}
	vns_array_free(&flows);
	return ret;
}

void vns_session_free(struct vns_session_table *table)
{
	const struct vns_session *session = table->sessions.items;
	struct vns_known *known = table->known.items;
	size_t i;

	for (i = 0; i < table->sessions.count; i++)
		nfct_destroy(session[i].ct);
	for (i = 0; i < table->known.count; i++)
		vns_known_free(&known[i]);
	vns_array_free(&table->sessions);
	vns_array_free(&table->known);
	vns_array_free(&table->networks);
	vns_array_free(&table->subnets);
	vns_array_free(&table->host);
}

/**
 * vns_session_read - list the sessions that the options ask for
 * @table: zero but for the options; to be freed by vns_session_free(), also
 *	after a failure
 */
int vns_session_read(struct vns_ctx *ctx, struct vns_session_table *table)
{
	int ret;

	table->sessions.size = sizeof(struct vns_session);
	ret = vns_session_read_networks(ctx, table);
	if (!ret)
		ret = vns_session_read_addresses(ctx, table);
	return ret ? ret : vns_conntrack_dump(ctx, vns_session_cb, table);
}
