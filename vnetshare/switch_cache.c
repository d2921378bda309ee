// SPDX-License-Identifier: GPL-2.0
/*
 * The switch's memory of recent pairs of addresses. See switch_cache.h.
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
#include "switch_cache.h"

#define VNS_SWITCH_CACHE_TIME		(HZ / 2)
#define VNS_SWITCH_CACHE_BITS		7

/* How many generations a port may have before another one's begin. */
#define VNS_SWITCH_CACHE_GENS		BIT(16)

/**
 * struct vns_switch_cache_entry - a pair of Ethernet addresses
 * @from: the port that its frames come in by; NULL: nothing here
 * @to: the port that they go to; &vns_bridge.port: the outside
 * @source: vns_fdb_key() of the sender
 * @dest: vns_fdb_key() of the receiver
 * @saddr: the sender's IP address, IPv4 in the first word; of what comes from
 *	outside, it does not matter
 * @gen: generation of @from
 * @to_gen: generation of @to
 * @until: jiffies32 until which the entry is good, VNS_SWITCH_CACHE_TIME at most
 * @proto: ETH_P_IP or ETH_P_IPV6, in network order
 * @good: all of that was checked while the generations were these
 */
struct vns_switch_cache_entry {
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

struct vns_switch_cache {
	struct vns_switch_cache_entry slots[BIT(VNS_SWITCH_CACHE_BITS)];
};

static struct vns_switch_cache __percpu *vns_switch_cache __read_mostly;
static atomic_t vns_switch_cache_gens;

/**
 * vns_switch_cache_first_gen() - where the generations of a new port begin
 *
 * Context: any.
 * Return: that.
 */
u32 vns_switch_cache_first_gen(void)
{
	return atomic_add_return(VNS_SWITCH_CACHE_GENS, &vns_switch_cache_gens);
}

static __always_inline struct vns_switch_cache_entry *
vns_switch_cache_slot(u64 source, u64 dest, __be16 proto)
{
	/* what tells neighbours apart is in the upper bytes of both */
	u64 pair = ror64(source, 32) ^ dest ^ (__force u16)proto;

	return &this_cpu_ptr(vns_switch_cache)
			->slots[hash_64(pair, VNS_SWITCH_CACHE_BITS)];
}

static noinline bool vns_switch_cache_settle_odd_csum(struct sk_buff *skb)
{
	struct vns_parse parse;

	vns_parse(skb, &parse);
	return vns_guard_settle_csum(skb, &parse);
}

/* Is it TCP, or UDP that is not DHCP's, of that sender? */
static __always_inline bool
vns_switch_cache_is_plain4(const struct vns_switch_cache_entry *entry,
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
	if (!vns_port_is_uplink(entry->from) &&
	    unlikely((__force u32)iph->saddr != entry->saddr[0]))
		return false;
	if (iph->protocol == IPPROTO_TCP)
		return true;
	if (iph->protocol != IPPROTO_UDP || unlikely(ip_is_fragment(iph)))
		return false;

	uh = (const struct udphdr *)(iph + 1);
	return likely(uh->dest != htons(VNS_PARSE_DHCP_SERVER) &&
		      uh->source != htons(VNS_PARSE_DHCP_SERVER));
}

static __always_inline bool
vns_switch_cache_is_plain6(const struct vns_switch_cache_entry *entry,
			   struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;

	if (unlikely(!pskb_may_pull(skb, sizeof(*ip6h))))
		return false;
	ip6h = (const struct ipv6hdr *)skb->data;
	if (unlikely(ipv6_addr_loopback(&ip6h->daddr)))
		return false;
	if (!vns_port_is_uplink(entry->from) &&
	    unlikely(get_unaligned((const u64 *)&ip6h->saddr) !=
			     entry->saddr[0] ||
		     get_unaligned((const u64 *)&ip6h->saddr + 1) !=
			     entry->saddr[1]))
		return false;
	return ip6h->nexthdr == IPPROTO_TCP || ip6h->nexthdr == IPPROTO_UDP;
}

/* Is what is left to be summed up the checksum of plain TCP or UDP? */
static __always_inline bool vns_switch_cache_is_plain_csum(struct sk_buff *skb)
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
static __always_inline bool vns_switch_cache_settle_csum(struct sk_buff *skb)
{
	return likely(vns_switch_cache_is_plain_csum(skb)) ||
	       vns_switch_cache_settle_odd_csum(skb);
}

static __always_inline bool
vns_switch_cache_is_good(const struct vns_switch_cache_entry *entry, u32 gen)
{
	u32 left = entry->until - (u32)jiffies;

	return entry->gen == gen && entry->good &&
	       left <= VNS_SWITCH_CACHE_TIME &&
	       entry->to_gen == atomic_read(&entry->to->flow_gen);
}

/**
 * vns_switch_cache_find() - where a frame goes that is like one before
 * @from: the port it came in by; &vns_bridge.port: it is from outside
 * @skb: not shared, skb->data behind the MAC header, skb->protocol set
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: the port, for vns_bridge_output(); NULL if the frame has to go the slow
 * way.
 */
struct vns_port *vns_switch_cache_find(struct vns_port *from,
				       struct sk_buff *skb)
{
	const struct ethhdr *eth = eth_hdr(skb);
	u64 source = vns_fdb_key(eth->h_source);
	u64 dest = vns_fdb_key(eth->h_dest);
	const struct vns_switch_cache_entry *entry =
		vns_switch_cache_slot(source, dest, skb->protocol);
	unsigned int flags = from->network->dev->flags;

	/* there, another frame may come in between on the same CPU */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return NULL;

	if (entry->from != from || entry->source != source ||
	    entry->dest != dest || entry->proto != skb->protocol ||
	    unlikely(skb_vlan_tag_present(skb) ||
		     (flags & (IFF_UP | IFF_PROMISC)) != IFF_UP) ||
	    !vns_switch_cache_is_good(entry, atomic_read(&from->flow_gen)))
		return NULL;
	if (!vns_port_is_uplink(from) && skb->ip_summed == CHECKSUM_PARTIAL &&
	    unlikely(!vns_switch_cache_settle_csum(skb)))
		return NULL;
	if (!(entry->proto == htons(ETH_P_IP) ?
	      vns_switch_cache_is_plain4(entry, skb) :
	      vns_switch_cache_is_plain6(entry, skb)))
		return NULL;

	return entry->to;
}

/**
 * vns_switch_cache_note() - a frame of one sender to one receiver went the slow way
 * @from: the port it came in by; &vns_bridge.port: it is from outside
 * @to: where it goes; &vns_bridge.port: to the outside
 * @skb: the frame, skb->data behind the MAC header; all checks have been made
 * @parse: what is in it
 *
 * Context: softirq or BH disabled, RCU read side.
 */
void vns_switch_cache_note(struct vns_port *from, struct vns_port *to,
			   const struct sk_buff *skb,
			   const struct vns_parse *parse)
{
	bool v4 = vns_parse_has_ip(parse, htons(ETH_P_IP));
	struct vns_switch_cache_entry *entry;
	struct vns_switch_cache_entry new;

	if ((!v4 && !vns_parse_has_ip(parse, htons(ETH_P_IPV6))) ||
	    parse->network || skb_vlan_tag_present(skb))
		return;

	/* it is compared with its padding */
	memset(&new, 0, sizeof(new));
	new.from = from;
	new.to = to;
	if (!vns_port_is_uplink(from) && v4)
		new.saddr[0] = (__force u32)parse->saddr4;
	else if (!vns_port_is_uplink(from))
		memcpy(new.saddr, &parse->saddr6, sizeof(new.saddr));
	new.proto = parse->type;
	new.source = vns_fdb_key(eth_hdr(skb)->h_source);
	new.dest = vns_fdb_key(eth_hdr(skb)->h_dest);
	new.gen = atomic_read(&from->flow_gen);
	new.to_gen = atomic_read(&to->flow_gen);
	smp_mb(); /* what is checked the next time is checked behind this */

	entry = vns_switch_cache_slot(new.source, new.dest, new.proto);
	new.until = entry->until;
	new.good = entry->good;
	new.good = !memcmp(entry, &new, sizeof(new));
	new.until = (u32)jiffies + VNS_SWITCH_CACHE_TIME;
	*entry = new;
}

/**
 * vns_switch_cache_init() - remember nothing yet
 *
 * Return: 0 or -ENOMEM.
 */
int __init vns_switch_cache_init(void)
{
	vns_switch_cache = alloc_percpu(struct vns_switch_cache);
	return vns_switch_cache ? 0 : -ENOMEM;
}

/**
 * vns_switch_cache_exit() - the inverse of vns_switch_cache_init()
 *
 * Context: process; no frame comes any more.
 */
void vns_switch_cache_exit(void)
{
	free_percpu(vns_switch_cache);
}
