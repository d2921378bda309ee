// SPDX-License-Identifier: GPL-2.0
/*
 * The limits that "make bench" measures against: an rx handler on one device
 * that does with a frame the least that can be done.
 *
 *   drop     it is freed: what any frame costs before anybody looks at it
 *   hold     the same, but it is freed later with others: a frame that reaches a
 *	      tap is not freed by who sent it, which counts if it is a large one
 *   pass     it is sent by another device as it is: the least that a switch does
 *   rewrite  IPv4 addresses and MACs are replaced by fixed ones, the TTL goes
 *	      down, checksums follow: the least that NAT does
 *
 * No table, no check that a product could do without. For measurements only.
 */
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/net_namespace.h>

static char *in;
module_param(in, charp, 0444);
MODULE_PARM_DESC(in, "device whose frames are taken");

static char *out;
module_param(out, charp, 0444);
MODULE_PARM_DESC(out, "device that sends them; none: they are dropped");

static bool hold;
module_param(hold, bool, 0444);
MODULE_PARM_DESC(hold, "those that are dropped are freed later");

static char *saddr;
module_param(saddr, charp, 0444);
MODULE_PARM_DESC(saddr, "IPv4 source address to be put in");

static char *smac;
module_param(smac, charp, 0444);
MODULE_PARM_DESC(smac, "source MAC address to be put in");

static char *dmac;
module_param(dmac, charp, 0444);
MODULE_PARM_DESC(dmac, "destination MAC address to be put in");

static unsigned long frames;
module_param(frames, ulong, 0444);
MODULE_PARM_DESC(frames, "how many frames were taken");

#define LIMIT_HELD	64

/* No lock: the generator is one process. */
static struct sk_buff_head limit_held;
static struct net_device *limit_in;
static struct net_device *limit_out;
static struct ethhdr limit_eth = { .h_proto = htons(ETH_P_IP) };
static __be32 limit_saddr;

static rx_handler_result_t limit_drop(struct sk_buff **pskb)
{
	frames++;
	kfree_skb(*pskb);
	return RX_HANDLER_CONSUMED;
}

static rx_handler_result_t limit_hold(struct sk_buff **pskb)
{
	frames++;
	if (skb_queue_len(&limit_held) == LIMIT_HELD)
		__skb_queue_purge(&limit_held);
	__skb_queue_tail(&limit_held, *pskb);
	return RX_HANDLER_CONSUMED;
}

static rx_handler_result_t limit_pass(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;

	frames++;
	skb_push(skb, ETH_HLEN);
	skb->dev = limit_out;
	dev_queue_xmit(skb);
	return RX_HANDLER_CONSUMED;
}

/* The checksum of the header above, which covers the addresses. */
static __sum16 *limit_checksum(struct iphdr *iph)
{
	void *l4 = iph + 1;

	switch (iph->protocol) {
	case IPPROTO_UDP:
		return &((struct udphdr *)l4)->check;
	case IPPROTO_TCP:
		return &((struct tcphdr *)l4)->check;
	}
	return NULL;
}

static rx_handler_result_t limit_rewrite(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct iphdr *iph;
	__sum16 *check;

	if (skb->protocol != htons(ETH_P_IP) ||
	    !pskb_may_pull(skb, sizeof(*iph) + sizeof(struct tcphdr)))
		return RX_HANDLER_PASS;

	frames++;
	iph = ip_hdr(skb);
	check = limit_checksum(iph);
	if (check)
		inet_proto_csum_replace4(check, skb, iph->saddr, limit_saddr,
					 true);
	csum_replace4(&iph->check, iph->saddr, limit_saddr);
	iph->saddr = limit_saddr;
	ip_decrease_ttl(iph);

	skb_push(skb, ETH_HLEN);
	memcpy(skb->data, &limit_eth, ETH_HLEN);
	skb->dev = limit_out;
	dev_queue_xmit(skb);
	return RX_HANDLER_CONSUMED;
}

static int limit_parse(void)
{
	if (!saddr)
		return 0;
	if (!in4_pton(saddr, -1, (u8 *)&limit_saddr, -1, NULL) ||
	    !smac || !mac_pton(smac, limit_eth.h_source) ||
	    !dmac || !mac_pton(dmac, limit_eth.h_dest))
		return -EINVAL;
	return 0;
}

static int __init limit_init(void)
{
	rx_handler_func_t *handler = limit_drop;
	int err;

	err = limit_parse();
	if (err)
		return err;

	limit_in = in ? dev_get_by_name(&init_net, in) : NULL;
	limit_out = out ? dev_get_by_name(&init_net, out) : NULL;
	if (!limit_in || (out && !limit_out)) {
		err = -ENODEV;
		goto err_put;
	}

	if (limit_out)
		handler = saddr ? limit_rewrite : limit_pass;
	else if (hold)
		handler = limit_hold;
	__skb_queue_head_init(&limit_held);
	rtnl_lock();
	err = netdev_rx_handler_register(limit_in, handler, NULL);
	rtnl_unlock();
	if (!err)
		return 0;

err_put:
	dev_put(limit_out);
	dev_put(limit_in);
	return err;
}

static void __exit limit_exit(void)
{
	rtnl_lock();
	netdev_rx_handler_unregister(limit_in);
	rtnl_unlock();
	synchronize_net();
	__skb_queue_purge(&limit_held);
	dev_put(limit_out);
	dev_put(limit_in);
}

module_init(limit_init);
module_exit(limit_exit);
MODULE_DESCRIPTION("The least that can be done with a frame, to measure against");
MODULE_LICENSE("GPL");
