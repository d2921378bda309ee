// SPDX-License-Identifier: GPL-2.0
/*
 * The switch's memory of recent pairs of addresses. See recent.h.
 */
#include <linux/bitops.h>
#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "fdb.h"
#include "guard.h"
#include "network.h"
#include "parse.h"
#include "port.h"
#include "recent.h"

#define VNS_RECENT_TIME		(HZ / 2)
#define VNS_RECENT_BITS		7

/* How many generations a port may have before another one's begin. */
#define VNS_RECENT_GENS		BIT(16)

/**
 * struct vns_recent - a pair of Ethernet addresses
 * @from: the port that its frames come in by; NULL: nothing here
 * @to: the port that they go to; &vns_bridge.port: the outside
 * @source: vns_fdb_key() of the sender
 * @dest: vns_fdb_key() of the receiver
 * @saddr: the sender's IP address, IPv4 in the first word; of what comes from
 *	outside, it does not matter
 * @gen: generation of @from
 * @to_gen: generation of @to
 * @until: jiffies32 until which the entry is good, VNS_RECENT_TIME at most
 * @proto: ETH_P_IP or ETH_P_IPV6, in network order
 * @good: all of that was checked while the generations were these
 */
struct vns_recent {
	struct vns_port *from;
	struct vns_port *to;
	u64 source;
	u64 dest;
	u64 saddr[2];
	u32 gen;
	u32 to_gen;
	u32 until;
	__be16 proto;
	bool good;
} ____cacheline_aligned_in_smp;

struct vns_recents {
	struct vns_recent slots[BIT(VNS_RECENT_BITS)];
};

static struct vns_recents __percpu *vns_recents __read_mostly;
static atomic_t vns_recent_gens;

/**
 * vns_recent_first_gen() - where the generations of a new port begin
 *
 * Context: any.
 * Return: that.
 */
u32 vns_recent_first_gen(void)
{
	return atomic_add_return(VNS_RECENT_GENS, &vns_recent_gens);
}

static __always_inline struct vns_recent *
vns_recent_slot(u64 source, u64 dest, __be16 proto)
{
	/* what tells neighbours apart is in the upper bytes of both */
	u64 pair = ror64(source, 32) ^ dest ^ (__force u16)proto;

	return &this_cpu_ptr(vns_recents)->slots[hash_64(pair,
							 VNS_RECENT_BITS)];
}

static noinline bool vns_recent_settle_odd_csum(struct sk_buff *skb)
{
	struct vns_parse parse;

	vns_parse(skb, &parse);
	return vns_guard_settle_csum(skb, &parse);
}

/* Is it TCP, or UDP that is not DHCP's, of that sender? */
static __always_inline bool vns_recent_is_plain4(const struct vns_recent *recent,
						 struct sk_buff *skb)
{
	const struct udphdr *uh;
	const struct iphdr *iph;

	if (unlikely(!pskb_may_pull(skb, sizeof(*iph) + sizeof(*uh))))
		return false;
	iph = (const struct iphdr *)skb->data;
	if (unlikely(*(const u8 *)iph != 0x45 || ipv4_is_loopback(iph->saddr) ||
		     ipv4_is_loopback(iph->daddr)))
		return false;
	if (recent->from->id && unlikely((__force u32)iph->saddr != recent->saddr[0]))
		return false;
	if (iph->protocol == IPPROTO_TCP)
		return true;
	if (iph->protocol != IPPROTO_UDP || unlikely(ip_is_fragment(iph)))
		return false;

	uh = (const struct udphdr *)(iph + 1);
	return likely(uh->dest != htons(VNS_PARSE_DHCP_SERVER) &&
		      uh->source != htons(VNS_PARSE_DHCP_SERVER));
}

static __always_inline bool vns_recent_is_plain6(const struct vns_recent *recent,
						 struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;

	if (unlikely(!pskb_may_pull(skb, sizeof(*ip6h))))
		return false;
	ip6h = (const struct ipv6hdr *)skb->data;
	if (unlikely(ipv6_addr_loopback(&ip6h->daddr)))
		return false;
	if (recent->from->id &&
	    unlikely(get_unaligned((const u64 *)&ip6h->saddr) != recent->saddr[0] ||
		     get_unaligned((const u64 *)&ip6h->saddr + 1) !=
		     recent->saddr[1]))
		return false;
	return ip6h->nexthdr == IPPROTO_TCP || ip6h->nexthdr == IPPROTO_UDP;
}

/* Is what is left to be summed up the checksum of plain TCP or UDP? */
static __always_inline bool vns_recent_is_plain_csum(struct sk_buff *skb)
{
	bool v4 = skb->protocol == htons(ETH_P_IP);
	unsigned int len = v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	unsigned int end = len + skb->csum_offset + sizeof(__sum16);
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	u8 proto;

	if (skb_headlen(skb) < end || skb_checksum_start_offset(skb) != len ||
	    skb_csum_is_sctp(skb))
		return false;
	if (v4 && (*(const u8 *)iph != 0x45 || ip_is_fragment(iph)))
		return false;

	proto = v4 ? iph->protocol : ip6h->nexthdr;
	if (proto == IPPROTO_TCP)
		return skb->csum_offset == offsetof(struct tcphdr, check);
	return proto == IPPROTO_UDP &&
	       skb->csum_offset == offsetof(struct udphdr, check);
}

/* vns_guard_settle_csum() of a frame that is most likely plain. */
static __always_inline bool vns_recent_settle_csum(struct sk_buff *skb)
{
	return likely(vns_recent_is_plain_csum(skb)) ||
	       vns_recent_settle_odd_csum(skb);
}

static __always_inline bool vns_recent_is_good(const struct vns_recent *recent,
					       u32 gen)
{
	u32 left = recent->until - (u32)jiffies;

	return recent->gen == gen && recent->good && left <= VNS_RECENT_TIME &&
	       recent->to_gen == atomic_read(&recent->to->flow_gen);
}

/**
 * vns_recent_find() - where a frame goes that is like one before
 * @from: the port it came in by; &vns_bridge.port: it is from outside
 * @skb: not shared, skb->data behind the MAC header, skb->protocol set
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: the port, for vns_bridge_output(); NULL if the frame has to go the slow
 * way.
 */
struct vns_port *vns_recent_find(struct vns_port *from, struct sk_buff *skb)
{
	const struct ethhdr *eth = eth_hdr(skb);
	u64 source = vns_fdb_key(eth->h_source);
	u64 dest = vns_fdb_key(eth->h_dest);
	const struct vns_recent *recent = vns_recent_slot(source, dest,
							  skb->protocol);
	unsigned int flags = from->network->dev->flags;

	/* there, another frame may come in between on the same CPU */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return NULL;

	if (recent->from != from || recent->source != source ||
	    recent->dest != dest || recent->proto != skb->protocol ||
	    unlikely(skb_vlan_tag_present(skb) ||
		     (flags & (IFF_UP | IFF_PROMISC)) != IFF_UP) ||
	    !vns_recent_is_good(recent, atomic_read(&from->flow_gen)))
		return NULL;
	if (from->id && skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(!vns_recent_settle_csum(skb)))
		return NULL;
	if (!(recent->proto == htons(ETH_P_IP) ?
	      vns_recent_is_plain4(recent, skb) :
	      vns_recent_is_plain6(recent, skb)))
		return NULL;

	return recent->to;
}

/**
 * vns_recent_note() - a frame of one sender to one receiver went the slow way
 * @from: the port it came in by; &vns_bridge.port: it is from outside
 * @to: where it goes; &vns_bridge.port: to the outside
 * @skb: the frame, skb->data behind the MAC header; all checks have been made
 * @parse: what is in it
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_recent_note(struct vns_port *from, struct vns_port *to,
		     const struct sk_buff *skb, const struct vns_parse *parse)
{
	bool v4 = vns_parse_has_ip(parse, htons(ETH_P_IP));
	struct vns_recent *recent;
	struct vns_recent new;

	if ((!v4 && !vns_parse_has_ip(parse, htons(ETH_P_IPV6))) ||
	    parse->network || skb_vlan_tag_present(skb))
		return;

	/* it is compared with its padding */
	memset(&new, 0, sizeof(new));
	new.from = from;
	new.to = to;
	if (from->id && v4)
		new.saddr[0] = (__force u32)parse->saddr4;
	else if (from->id)
		memcpy(new.saddr, &parse->saddr6, sizeof(new.saddr));
	new.proto = parse->type;
	new.source = vns_fdb_key(eth_hdr(skb)->h_source);
	new.dest = vns_fdb_key(eth_hdr(skb)->h_dest);
	new.gen = atomic_read(&from->flow_gen);
	new.to_gen = atomic_read(&to->flow_gen);
	smp_mb(); /* what is checked the next time is checked behind this */

	recent = vns_recent_slot(new.source, new.dest, new.proto);
	new.until = recent->until;
	new.good = recent->good;
	new.good = !memcmp(recent, &new, sizeof(new));
	new.until = (u32)jiffies + VNS_RECENT_TIME;
	*recent = new;
}

/**
 * vns_recent_init() - remember nothing yet
 *
 * Return: 0 or -ENOMEM.
 */
int __init vns_recent_init(void)
{
	vns_recents = alloc_percpu(struct vns_recents);
	return vns_recents ? 0 : -ENOMEM;
}

/**
 * vns_recent_exit() - the inverse of vns_recent_init()
 *
 * Context: process; no frame comes any more.
 */
void vns_recent_exit(void)
{
	free_percpu(vns_recents);
}
