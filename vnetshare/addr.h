/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VNETSHARE_ADDR_H
#define _VNETSHARE_ADDR_H

#include <linux/in6.h>
#include <linux/types.h>

struct net;
struct net_device;
struct sk_buff;
struct vns_network;

bool vns_addr_is_host6(struct net *net, const struct in6_addr *addr,
		       const struct net_device *dev);
bool vns_addr_on_subnet4(const struct vns_network *network, __be32 addr);
bool vns_addr_on_subnet6(const struct vns_network *network,
			 const struct in6_addr *addr);
bool vns_addr_source_ok4(const struct vns_network *network, __be32 addr);
bool vns_addr_source_ok6(const struct vns_network *network,
			 const struct in6_addr *addr);
bool vns_addr_is_own4(const struct net_device *dev, __be32 addr);
bool vns_addr_is_tentative6(const struct net_device *dev,
			    const struct in6_addr *addr);
bool vns_addr_is_own6(const struct net_device *dev,
		      const struct in6_addr *addr);
bool vns_addr_host_ok4(const struct vns_network *network, __be32 addr);
bool vns_addr_host_ok6(const struct vns_network *network,
		       const struct in6_addr *addr);

bool vns_addr_outside_ok4(const struct net_device *dev,
			  const struct sk_buff *skb);
bool vns_addr_outside_ok6(const struct net_device *dev,
			  const struct sk_buff *skb);

#endif /* _VNETSHARE_ADDR_H */
