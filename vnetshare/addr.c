// SPDX-License-Identifier: GPL-2.0
/*
 * Questions about IP addresses: which belong to a network's VMs, which of the
 * host's may they talk to. The module keeps no subnet of its own: the addresses
 * on the network's device are what counts.
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

/**
 * vns_addr_is_host6() - does the host have an address
 * @net: the namespace
 * @addr: any address
 * @dev: on the link of this device; NULL: anywhere
 *
 * Where the kernel was told to be without IPv6 (ipv6.disable=1), it has not even a
 * table to look in.
 *
 * Context: RCU read side.
 * Return: true if so, also while it is looked whether somebody else has it.
 */
bool vns_addr_is_host6(struct net *net, const struct in6_addr *addr,
		       const struct net_device *dev)
{
	return ipv6_mod_enabled() &&
	       ipv6_chk_addr_and_flags(net, addr, dev, false, 0, 0);
}

/**
 * vns_addr_on_subnet4() - is an address on the subnet of a network
 * @network: the network
 * @addr: any address
 *
 * Context: RCU read side.
 * Return: true if so.
 */
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

/**
 * vns_addr_on_subnet6() - is an address on a (not link-local) subnet of a
 *	network
 * @network: the network
 * @addr: any address
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool vns_addr_on_subnet6(const struct vns_network *network,
			 const struct in6_addr *addr)
{
	return !(ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL) &&
	       ipv6_chk_prefix(addr, network->dev);
}

/**
 * vns_addr_source_ok4() - does a VM of a network rightly send from an address
 * @network: the network
 * @addr: source address of a packet
 *
 * One of the network's subnets, never the host's own.
 *
 * Context: RCU read side.
 * Return: true if so.
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
		/* the first address of a subnet is nobody's */
		if (ifa->ifa_prefixlen < 31 &&
		    addr == (ifa->ifa_address & ifa->ifa_mask))
			return false;
		on_subnet |= inet_ifa_match(addr, ifa);
	}
	return on_subnet;
}

/**
 * vns_addr_source_ok6() - does a VM of a network rightly send from an address
 * @network: the network
 * @addr: source address of a packet
 *
 * One of the network's subnets, never the host's own. Link-local addresses are
 * right as far as this network goes.
 *
 * Context: RCU read side.
 * Return: true if so.
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

/**
 * vns_addr_is_own4() - is an address the host's on a device
 * @dev: the device
 * @addr: any address
 *
 * Context: RCU read side.
 * Return: true if so.
 */
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

/**
 * vns_addr_is_own6() - is an address the host's on a device
 * @dev: the device
 * @addr: any address
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool vns_addr_is_own6(const struct net_device *dev, const struct in6_addr *addr)
{
	/* also while it is looked whether somebody else has it */
	return ipv6_mod_enabled() &&
	       ipv6_chk_addr_and_flags(dev_net(dev), addr, dev, false, 1, 0);
}

/**
 * vns_addr_is_tentative6() - does the host ask just now whether an address that
 *	it wants is free
 * @dev: the device
 * @addr: any address
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool vns_addr_is_tentative6(const struct net_device *dev,
			    const struct in6_addr *addr)
{
	return vns_addr_is_own6(dev, addr) &&
	       !ipv6_chk_addr_and_flags(dev_net(dev), addr, dev, false, 1,
					IFA_F_TENTATIVE);
}

/*
 * A gateway's address is for its own VMs; other addresses of the host are on
 * the outside.
 */
static bool vns_addr_host_ok(const struct vns_network *network,
			     const struct net_device *owner)
{
	if (owner == network->dev)
		return true;
	return READ_ONCE(network->mode)->outside && !vns_network_is(owner);
}

/**
 * vns_addr_host_ok4() - may VMs of a network talk to an address of the host
 * @network: the network
 * @addr: an address of the host
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool vns_addr_host_ok4(const struct vns_network *network, __be32 addr)
{
	return vns_addr_host_ok(network, __ip_dev_find(dev_net(network->dev),
						       addr, false));
}

/**
 * vns_addr_host_ok6() - may VMs of a network talk to an address of the host
 * @network: the network
 * @addr: an address of the host
 *
 * Context: RCU read side.
 * Return: true if so.
 */
bool vns_addr_host_ok6(const struct vns_network *network,
		       const struct in6_addr *addr)
{
	return ipv6_mod_enabled() &&
	       vns_addr_host_ok(network, ipv6_dev_find(dev_net(network->dev),
						       addr, NULL));
}

/**
 * vns_addr_outside_ok4() - may what comes in by a device be from its source
 * @dev: not a network
 * @skb: an IPv4 packet, its source not yet translated
 *
 * The stack would ask, but does not see what we route: never from an address of
 * the host or of a VM, and by the way back only where rp_filter is strict.
 *
 * Context: RCU read side.
 * Return: true if so.
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
 * vns_addr_outside_ok6() - may what comes in by a device be from its source
 * @dev: not a network
 * @skb: an IPv6 packet, its source not yet translated
 *
 * Never from an address of the host or of a VM, nor from one that a VM could
 * not answer to because it belongs to another link.
 *
 * Context: RCU read side.
 * Return: true if so.
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
