/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the supported kernels (6.1 to the newest). Only this
 * directory tests for a kernel version. Headers that older kernels lack are
 * here under the path that they have in newer kernels.
 */
#ifndef _VNETSHARE_COMPAT_H
#define _VNETSHARE_COMPAT_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/socket.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/rtnetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "vnetshare needs Linux 6.1 or newer"
#endif

/* 6.12 made feature flags (this one and the next) members of net_device. */
static inline void vns_compat_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* 6.15 renamed netns_local, and stable releases followed (see Kbuild). */
static inline void vns_compat_set_netns_immutable(struct net_device *dev)
{
#ifdef VNS_COMPAT_NETNS_IMMUTABLE
	dev->netns_immutable = true;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->netns_local = true;
#else
	dev->features |= NETIF_F_NETNS_LOCAL;
#endif
}

/*
 * 6.15 gathered the arguments of rtnl_link_ops.newlink in a struct. Defines
 * @name with the kernel's signature; @impl gets the namespace that IFLA_LINK
 * refers to, the device, the IFLA_* attributes and extack.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define VNS_COMPAT_DEFINE_NEWLINK(name, impl)				\
static int name(struct net_device *dev,					\
		struct rtnl_newlink_params *params,			\
		struct netlink_ext_ack *extack)				\
{									\
	return impl(rtnl_newlink_link_net(params), dev, params->tb,	\
		    extack);						\
}
#else
#define VNS_COMPAT_DEFINE_NEWLINK(name, impl)				\
static int name(struct net *src_net, struct net_device *dev,		\
		struct nlattr *tb[], struct nlattr *data[],		\
		struct netlink_ext_ack *extack)				\
{									\
	return impl(src_net, dev, tb, extack);				\
}
#endif

/* 6.18 replaced the type of service of a flow by a DSCP. */
static inline void vns_compat_set_flow_tos(struct flowi4 *fl4,
					   const struct iphdr *iph)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	fl4->flowi4_dscp = ip4h_dscp(iph);
#else
	fl4->flowi4_tos = iph->tos & (IPTOS_TOS_MASK & ~3);
#endif
}

/* 6.17 changed the type of the address argument. */
static inline int vns_compat_set_mac(struct net_device *dev, const u8 *mac,
				     struct netlink_ext_ack *extack)
{
	struct sockaddr_storage ss = { .ss_family = ARPHRD_ETHER };

	ether_addr_copy(((struct sockaddr *)&ss)->sa_data, mac);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	return dev_set_mac_address(dev, &ss, extack);
#else
	return dev_set_mac_address(dev, (struct sockaddr *)&ss, extack);
#endif
}

/* 6.19 has a new type for socket addresses of any length. */
static inline int vns_compat_bind(struct socket *sock, bool v4,
				  const union nf_inet_addr *addr, __be16 port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} sa = {};
	int len;

	if (v4) {
		sa.v4.sin_family = AF_INET;
		sa.v4.sin_addr = addr->in;
		sa.v4.sin_port = port;
		len = sizeof(sa.v4);
	} else {
		sa.v6.sin6_family = AF_INET6;
		sa.v6.sin6_addr = addr->in6;
		sa.v6.sin6_port = port;
		len = sizeof(sa.v6);
	}
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	return kernel_bind(sock, (struct sockaddr_unsized *)&sa, len);
#else
	return kernel_bind(sock, &sa.any, len);
#endif
}

/* 6.6 added a struct genl_info to the arguments of dumps. */
static inline struct nlattr **
vns_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* 6.6 moved the pointers to the classifiers of a device. Called under RCU. */
static inline bool vns_compat_has_classifier(const struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#ifdef CONFIG_NET_XGRESS
	return rcu_access_pointer(dev->tcx_ingress) ||
	       rcu_access_pointer(dev->tcx_egress);
#else
	return false;
#endif
#else
	bool found = false;

#ifdef CONFIG_NET_CLS_ACT
	found |= !!rcu_access_pointer(dev->miniq_ingress);
#endif
#ifdef CONFIG_NET_EGRESS
	found |= !!rcu_access_pointer(dev->miniq_egress);
#endif
	return found;
#endif
}

/*
 * A number that changes with each transaction of nftables; 0 without nftables.
 * Kernels without base_seq (see Kbuild) have only gencursor, one bit: two
 * transactions between two calls are not noticed there.
 */
static inline u32 vns_compat_rules_cursor(const struct net *net)
{
#if IS_ENABLED(CONFIG_NF_TABLES) && defined(VNS_COMPAT_NFT_BASE_SEQ)
	/*
	 * base_seq changes before the new rules are in force, gencursor when
	 * they are.
	 */
	return READ_ONCE(net->nft.base_seq) << 1 |
	       READ_ONCE(net->nft.gencursor);
#elif IS_ENABLED(CONFIG_NF_TABLES)
	return READ_ONCE(net->nft.gencursor);
#else
	return 0;
#endif
}

#endif /* _VNETSHARE_COMPAT_H */
