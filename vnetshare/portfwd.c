// SPDX-License-Identifier: GPL-2.0
/*
 * Port forwards: their table, and the sockets that reserve their ports. The
 * data path is in portfwd_nat.c.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include <vns_compat.h>

#include "addr.h"
#include "announce.h"
#include "network.h"
#include "portfwd.h"

struct vns_portfwd *vns_portfwd_find_id(struct vns_network *network, u32 id)
{
	struct vns_portfwd *fwd;

	ASSERT_RTNL();
	list_for_each_entry(fwd, &network->portfwds, list)
		if (fwd->id == id)
			return fwd;
	return NULL;
}

/*
 * Bind a socket that neither listens nor reads, so that no other socket of the
 * host gets the port. Fails if another socket already has the port.
 */
static int vns_portfwd_reserve(struct net *net, struct vns_portfwd_port *port)
{
	bool tcp = port->key.proto == IPPROTO_TCP;
	bool v4 = port->key.family == NFPROTO_IPV4;
	struct socket *sock;
	struct sock *sk;
	int err;

	err = sock_create_kern(net, v4 ? AF_INET : AF_INET6,
			       tcp ? SOCK_STREAM : SOCK_DGRAM, port->key.proto,
			       &sock);
	if (err)
		return err;

	sk = sock->sk;
	lock_sock(sk);
	if (!v4)
		sk->sk_ipv6only = 1;
	/* never queue a received packet */
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sk->sk_rcvbuf, 0);
	release_sock(sk);
	/* allow an address that the host does not have yet */
	ip_sock_set_freebind(sk);

	err = vns_compat_bind(sock, v4, &port->key.addr, port->key.port);
	if (err) {
		sock_release(sock);
		return err;
	}

	port->sock = sock;
	return 0;
}

static void vns_portfwd_release(struct vns_portfwd_port *port)
{
	if (port->sock)
		sock_release(port->sock);
}

static int vns_portfwd_check(struct vns_network *network,
			     const struct vns_portfwd_settings *set,
			     struct netlink_ext_ack *extack)
{
	bool on_subnet, own;

	rcu_read_lock();
	if (set->family == NFPROTO_IPV4) {
		on_subnet = vns_addr_source_ok4(network, set->to.ip);
		own = vns_addr_is_own4(network->dev, set->to.ip);
	} else {
		on_subnet = vns_addr_on_subnet6(network, &set->to.in6);
		own = vns_addr_is_own6(network->dev, &set->to.in6);
	}
	rcu_read_unlock();

	if (own) {
		NL_SET_ERR_MSG(extack, "the target is the host's own address");
		return -EINVAL;
	}
	if (!on_subnet) {
		NL_SET_ERR_MSG(extack,
			       "the target is not a VM address on a subnet of this network");
		return -EINVAL;
	}
	return 0;
}

static u32 vns_portfwd_next_id(struct vns_network *network)
{
	/* numbers are not reused; a wrap would take years */
	return ++network->last_portfwd_id;
}

static struct vns_portfwd *
vns_portfwd_alloc(struct vns_network *network,
		  const struct vns_portfwd_settings *set)
{
	static const u8 protos[] = { IPPROTO_TCP, IPPROTO_UDP };
	u32 n_ports = (set->last - set->port + 1) * hweight8(set->protocols);
	struct vns_portfwd_port *port;
	struct vns_portfwd *fwd;
	u32 i, j;

	fwd = kvzalloc(struct_size(fwd, ports, n_ports), GFP_KERNEL_ACCOUNT);
	if (!fwd)
		return NULL;

	fwd->stats = __netdev_alloc_pcpu_stats(struct vns_portfwd_stats,
					       GFP_KERNEL_ACCOUNT);
	if (!fwd->stats) {
		kvfree(fwd);
		return NULL;
	}

	fwd->network = network;
	fwd->set = *set;
	fwd->n_ports = n_ports;
	port = fwd->ports;
	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		if (!(set->protocols & BIT(i)))
			continue;
		for (j = set->port; j <= set->last; j++, port++) {
			port->fwd = fwd;
			port->key.addr = set->addr;
			port->key.port = htons(j);
			port->key.proto = protos[i];
			port->key.family = set->family;
		}
	}
	return fwd;
}

static void vns_portfwd_free(struct vns_portfwd *fwd)
{
	free_percpu(fwd->stats);
	kvfree(fwd);
}

/* Is it for every local address? */
static bool vns_portfwd_is_any(const struct vns_portfwd_settings *set)
{
	return ipv6_addr_any(&set->addr.in6);
}

/*
 * Remove the first @n ports from the hash. Readers may use them until a grace
 * period has passed.
 */
static void vns_portfwd_unlist(struct vns_net *vn, struct vns_portfwd *fwd,
			       u32 n)
{
	struct vns_portfwd_port *port;

	for (port = fwd->ports; port < fwd->ports + n; port++) {
		rhashtable_remove_fast(&vn->portfwds, &port->node,
				       vns_portfwd_params);
		vns_portfwd_release(port);
	}
	WRITE_ONCE(vn->n_portfwd_ports, vn->n_portfwd_ports - n);
	if (!vns_portfwd_is_any(&fwd->set))
		vn->n_bound_ports -= n;
}

static bool vns_portfwd_overlaps(const struct vns_portfwd_settings *a,
				 const struct vns_portfwd_settings *b)
{
	return a->family == b->family && a->protocols & b->protocols &&
	       a->port <= b->last && b->port <= a->last;
}

/* Is the port in use by another port forward, and not by a program? */
static bool vns_portfwd_is_taken(struct vns_net *vn,
				 const struct vns_portfwd_settings *set)
{
	const struct vns_network *network;
	const struct vns_portfwd *fwd;

	list_for_each_entry(network, &vn->networks, list)
		list_for_each_entry(fwd, &network->portfwds, list)
			if (vns_portfwd_overlaps(&fwd->set, set))
				return true;
	return false;
}

/*
 * Is @set for one address and another port forward for every address, or the
 * reverse? The bind of the sockets does not catch every such conflict: some
 * kernels let both sockets have a UDP port.
 */
static bool vns_portfwd_is_covered(struct vns_net *vn,
				   const struct vns_portfwd_settings *set)
{
	bool any = vns_portfwd_is_any(set);
	const struct vns_network *network;
	const struct vns_portfwd *fwd;

	if (vn->n_bound_ports == (any ? 0 : vn->n_portfwd_ports))
		return false;

	list_for_each_entry(network, &vn->networks, list)
		list_for_each_entry(fwd, &network->portfwds, list)
			if (vns_portfwd_is_any(&fwd->set) != any &&
			    vns_portfwd_overlaps(&fwd->set, set))
				return true;
	return false;
}

static int vns_portfwd_explain(struct vns_net *vn, int err,
			       const struct vns_portfwd_settings *set,
			       struct netlink_ext_ack *extack)
{
	if (err == -EADDRINUSE && vns_portfwd_is_taken(vn, set))
		err = -EEXIST;

	switch (err) {
	case -EEXIST:
		NL_SET_ERR_MSG(extack, "another port forward has that port");
		break;
	case -EADDRINUSE:
		NL_SET_ERR_MSG(extack, "a socket of the host uses that port already");
		break;
	case -EACCES:
		NL_SET_ERR_MSG(extack, "a port below 1024 needs the capability net_bind_service");
		break;
	case -EAFNOSUPPORT:
		NL_SET_ERR_MSG(extack, "the host has no IPv6");
		break;
	}
	return err;
}

static int vns_portfwd_list(struct net *net, struct vns_portfwd *fwd,
			    u32 *listed)
{
	struct vns_net *vn = vns_network_net(net);
	struct vns_portfwd_port *port;
	u32 i;
	int err;

	for (i = 0; i < fwd->n_ports; i++) {
		port = &fwd->ports[i];
		*listed = i;
		err = vns_portfwd_reserve(net, port);
		if (err)
			return err;
		err = rhashtable_insert_fast(&vn->portfwds, &port->node,
					     vns_portfwd_params);
		if (err) {
			vns_portfwd_release(port);
			return err;
		}
		WRITE_ONCE(vn->n_portfwd_ports, vn->n_portfwd_ports + 1);
		if (!vns_portfwd_is_any(&fwd->set))
			vn->n_bound_ports++;
	}
	return 0;
}

/* Undo the creation of a port forward that has @n ports in the hash. */
static void vns_portfwd_unwind(struct vns_net *vn, struct vns_portfwd *fwd,
			       u32 n)
{
	if (n) {
		WRITE_ONCE(fwd->dying, true);
		vns_network_bump(fwd->network);
		synchronize_net();
		vns_portfwd_flush(vn->net);
		vns_portfwd_unlist(vn, fwd, n);
		synchronize_net();
	}
	vns_portfwd_free(fwd);
}

/**
 * vns_portfwd_add() - create a port forward
 * @network: the network of the VM
 * @set: its settings; @port must not be greater than @last
 * @extack: gets the reason of a failure
 *
 * Context: rtnl.
 * Return: the port forward, or an error pointer with nothing changed:
 * -EADDRINUSE if a socket of the host has a port, -EEXIST if another port
 * forward has it, -EINVAL if the target is not a VM's address, -ENOSPC if the
 * namespace has too many ports, -ENOMEM, or an error of the socket.
 */
struct vns_portfwd *vns_portfwd_add(struct vns_network *network,
				    const struct vns_portfwd_settings *set,
				    struct netlink_ext_ack *extack)
{
	struct net *net = dev_net(network->dev);
	struct vns_net *vn = vns_network_net(net);
	struct vns_portfwd *fwd;
	u32 listed;
	int err;

	ASSERT_RTNL();
	err = vns_portfwd_check(network, set, extack);
	if (err)
		return ERR_PTR(err);
	if (vns_portfwd_is_covered(vn, set))
		return ERR_PTR(vns_portfwd_explain(vn, -EEXIST, set, extack));

	fwd = vns_portfwd_alloc(network, set);
	if (!fwd)
		return ERR_PTR(-ENOMEM);

	if (fwd->n_ports > VNS_PORTFWD_PORTS_MAX - vn->n_portfwd_ports) {
		NL_SET_ERR_MSG(extack, "too many forwarded ports");
		vns_portfwd_free(fwd);
		return ERR_PTR(-ENOSPC);
	}

	fwd->id = vns_portfwd_next_id(network);
	err = vns_portfwd_list(net, fwd, &listed);
	if (err) {
		vns_portfwd_unwind(vn, fwd, listed);
		return ERR_PTR(vns_portfwd_explain(vn, err, set, extack));
	}

	list_add_tail(&fwd->list, &network->portfwds);
	network->n_portfwds++;
	vns_portfwd_catch_up(vn);
	vns_announce_portfwd(fwd, VNETSHARE_CMD_FORWARD_ADD_NTF);
	return fwd;
}

static void vns_portfwd_remove(struct vns_portfwd *fwd,
			       struct list_head *removed)
{
	struct vns_network *network = fwd->network;

	vns_portfwd_unlist(vns_network_net(dev_net(network->dev)), fwd,
			   fwd->n_ports);
	list_move(&fwd->list, removed);
	network->n_portfwds--;
	vns_announce_portfwd(fwd, VNETSHARE_CMD_FORWARD_DEL_NTF);
}

static void vns_portfwd_free_list(struct list_head *removed)
{
	struct vns_portfwd *fwd, *tmp;

	/* wait for lookups in flight */
	synchronize_net();
	list_for_each_entry_safe(fwd, tmp, removed, list)
		vns_portfwd_free(fwd);
}

/*
 * End the sessions of a port forward and free it.
 *
 * Context: rtnl. Waits for grace periods.
 */
void vns_portfwd_del(struct vns_portfwd *fwd)
{
	struct net *net = dev_net(fwd->network->dev);
	LIST_HEAD(removed);

	ASSERT_RTNL();
	/* 1. no session begins or is carried */
	WRITE_ONCE(fwd->dying, true);
	vns_network_bump(fwd->network);
	synchronize_net();
	/* 2. existing sessions end */
	vns_portfwd_flush(net);
	/* 3. the ports are released */
	vns_portfwd_remove(fwd, &removed);
	vns_portfwd_free_list(&removed);
}

/* vns_portfwd_del() for all port forwards of a network. */
void vns_portfwd_del_all(struct vns_network *network)
{
	struct vns_portfwd *fwd, *tmp;
	LIST_HEAD(removed);

	ASSERT_RTNL();
	if (list_empty(&network->portfwds))
		return;

	list_for_each_entry(fwd, &network->portfwds, list)
		WRITE_ONCE(fwd->dying, true);
	vns_network_bump(network);
	synchronize_net();
	vns_portfwd_flush(dev_net(network->dev));
	list_for_each_entry_safe(fwd, tmp, &network->portfwds, list)
		vns_portfwd_remove(fwd, &removed);
	vns_portfwd_free_list(&removed);
}

/* Sum a port forward's per-CPU counters. @bytes are counted at the IP layer. */
void vns_portfwd_read_stats(const struct vns_portfwd *fwd,
			    u64 *connections, u64 *packets, u64 *bytes)
{
	unsigned int start;
	int cpu;

	*connections = 0;
	*packets = 0;
	*bytes = 0;
	for_each_possible_cpu(cpu) {
		const struct vns_portfwd_stats *s;
		u64 n, p, b;

		s = per_cpu_ptr(fwd->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&s->syncp);
			n = u64_stats_read(&s->connections);
			p = u64_stats_read(&s->packets);
			b = u64_stats_read(&s->bytes);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		*connections += n;
		*packets += p;
		*bytes += b;
	}
}

int vns_portfwd_init_net(struct vns_net *vn)
{
	INIT_DELAYED_WORK(&vn->portfwd_work, vns_portfwd_caught_up);
	return rhashtable_init(&vn->portfwds, &vns_portfwd_params);
}

/* The namespace has no port forwards any more. */
void vns_portfwd_exit_net(struct vns_net *vn)
{
	cancel_delayed_work_sync(&vn->portfwd_work);
	WARN_ON_ONCE(vn->n_portfwd_ports);
	rhashtable_destroy(&vn->portfwds);
}
