// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of IP addresses: those of a network's VMs, and those of the host that
 * VMs may talk to. A network's subnets are those of its device's addresses.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "addr.h"
#include "mode.h"
#include "network.h"

/*
 * Does the host have an address on the link of @dev (NULL: on any link)?
 * Tentative addresses count. With ipv6.disable=1 the kernel's address table
 * does not exist. Context: RCU read side.
 */
bool vns_addr_is_host6(struct net *net, const struct in6_addr *addr,
		       const struct net_device *dev)
{
	return ipv6_mod_enabled() &&
	       ipv6_chk_addr_and_flags(net, addr, dev, false, 0, 0);
}

/* Context: RCU read side. */
bool vns_addr_on_subnet4(const struct vns_network *network, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(network->dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;

	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (inet_ifa_match(addr, ifa))
			return true;
	return false;
}

/* Link-local addresses are on no subnet. Context: RCU read side. */
bool vns_addr_on_subnet6(const struct vns_network *network,
			 const struct in6_addr *addr)
{
	return !(ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL) &&
	       ipv6_chk_prefix(addr, network->dev);
}

/*
 * May a VM send from an address: is it on a subnet of the network, and not the
 * host's? Context: RCU read side.
 */
bool vns_addr_source_ok4(const struct vns_network *network, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(network->dev);
	const struct in_ifaddr *ifa;
	bool on_subnet = false;

	if (!in_dev)
		return false;

	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (ifa->ifa_local == addr || ifa->ifa_broadcast == addr)
			return false;
		/* the first address of a subnet is not assigned */
		if (ifa->ifa_prefixlen < 31 &&
		    addr == (ifa->ifa_address & ifa->ifa_mask))
			return false;
		on_subnet |= inet_ifa_match(addr, ifa);
	}
	return on_subnet;
}

/*
 * May a VM send from an address: is it link-local or on the network's subnet,
 * and not the host's? Context: RCU read side.
 */
bool vns_addr_source_ok6(const struct vns_network *network,
			 const struct in6_addr *addr)
{
	int type = ipv6_addr_type(addr);

	if (type == IPV6_ADDR_ANY || type & IPV6_ADDR_MULTICAST ||
	    vns_addr_is_host6(dev_net(network->dev), addr, network->dev))
		return false;

	return type & IPV6_ADDR_LINKLOCAL ||
	       ipv6_chk_prefix(addr, network->dev);
}

/* Does the host have an address on a device? Context: RCU read side. */
bool vns_addr_is_own4(const struct net_device *dev, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;

	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (ifa->ifa_local == addr)
			return true;
	return false;
}

/* Does the host have an address on a device? Context: RCU read side. */
bool vns_addr_is_own6(const struct net_device *dev, const struct in6_addr *addr)
{
	/* includes tentative addresses */
	return ipv6_mod_enabled() &&
	       ipv6_chk_addr_and_flags(dev_net(dev), addr, dev, false, 1, 0);
}

/*
 * Is the host's duplicate address detection for an address running? Context:
 * RCU read side.
 */
bool vns_addr_is_tentative6(const struct net_device *dev,
			    const struct in6_addr *addr)
{
	return vns_addr_is_own6(dev, addr) &&
	       !ipv6_chk_addr_and_flags(dev_net(dev), addr, dev, false, 1,
					IFA_F_TENTATIVE);
}

/*
 * The gateway address of a network is for its own VMs. Other addresses of the
 * host are part of the outside.
 */
static bool vns_addr_host_ok(const struct vns_network *network,
			     const struct net_device *owner)
{
	if (owner == network->dev)
		return true;
	return READ_ONCE(network->mode)->outside && !vns_network_is(owner);
}

/* May VMs talk to an address of the host? Context: RCU read side. */
bool vns_addr_host_ok4(const struct vns_network *network, __be32 addr)
{
	return vns_addr_host_ok(network, __ip_dev_find(dev_net(network->dev),
						       addr, false));
}

/* May VMs talk to an address of the host? Context: RCU read side. */
bool vns_addr_host_ok6(const struct vns_network *network,
		       const struct in6_addr *addr)
{
	return ipv6_mod_enabled() &&
	       vns_addr_host_ok(network, ipv6_dev_find(dev_net(network->dev),
						       addr, NULL));
}

/**
 * vns_addr_outside_ok4() - check the source address of a packet from outside
 * @dev: the incoming device, not a network's
 * @skb: an IPv4 packet, its source not yet translated
 *
 * The stack does not check packets that the module routes. Refused are the
 * addresses of the host and of VMs, and with strict rp_filter those routed by
 * another device.
 *
 * Context: RCU read side.
 * Return: false if the packet must be dropped.
 */
bool vns_addr_outside_ok4(const struct net_device *dev,
			  const struct sk_buff *skb)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	struct flowi4 fl4 = { .daddr = ip_hdr(skb)->saddr };
	struct net *net = dev_net(dev);
	struct rtable *rt;
	bool ok;

	if (!in_dev || inet_addr_type(net, fl4.daddr) != RTN_UNICAST)
		return false;
	if (IN_DEV_SRC_VMARK(in_dev))
		fl4.flowi4_mark = skb->mark;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return false;

	ok = !vns_network_is(rt->dst.dev) &&
	     (IN_DEV_RPFILTER(in_dev) != 1 || rt->dst.dev == dev);
	ip_rt_put(rt);
	return ok;
}

/**
 * vns_addr_outside_ok6() - check the source address of a packet from outside
 * @dev: the incoming device, not a network's
 * @skb: an IPv6 packet, its source not yet translated
 *
 * Refused are the addresses of the host and of VMs, link-local addresses, and
 * addresses without a route.
 *
 * Context: RCU read side.
 * Return: false if the packet must be dropped.
 */
bool vns_addr_outside_ok6(const struct net_device *dev,
			  const struct sk_buff *skb)
{
	struct flowi6 fl6 = { .daddr = ipv6_hdr(skb)->saddr };
	int type = ipv6_addr_type(&fl6.daddr);
	struct net *net = dev_net(dev);
	struct dst_entry *dst;
	bool ok;

	if (!(type & IPV6_ADDR_UNICAST) ||
	    type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL) ||
	    ipv6_chk_addr(net, &fl6.daddr, NULL, 0))
		return false;

	dst = ip6_route_output(net, NULL, &fl6);
	ok = !dst->error && !vns_network_is(dst->dev);
	dst_release(dst);
	return ok;
}
