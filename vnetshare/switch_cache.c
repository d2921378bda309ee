// SPDX-License-Identifier: GPL-2.0
/*
 * Cache of the switch, see switch_cache.h
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

/* Distance between the first generations of two ports */
#define VNS_SWITCH_CACHE_GENS		BIT(16)

/**
 * struct vns_switch_cache_entry - a pair of Ethernet addresses
 * @from: source port; &vns_bridge.port for the outside; NULL: unused entry
 * @to: destination port; &vns_bridge.port for the outside
 * @source: vns_fdb_key() of the sender
 * @dest: vns_fdb_key() of the receiver
 * @saddr: the sender's IP address, IPv4 in the first word; not used for frames
 *	from the outside
 * @gen: generation of @from
 * @to_gen: generation of @to
 * @until: low 32 bits of the jiffies at which the entry expires
 * @proto: ETH_P_IP or ETH_P_IPV6, in network order
 * @good: valid: a frame was checked since @gen and @to_gen were read
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

/* First generation of a new port, which no stale entry has. Context: any. */
u32 vns_switch_cache_first_gen(void)
{
	return atomic_add_return(VNS_SWITCH_CACHE_GENS, &vns_switch_cache_gens);
}

static __always_inline struct vns_switch_cache_entry *
vns_switch_cache_slot(u64 source, u64 dest, __be16 proto)
{
	/* MAC addresses of one vendor differ in the upper bytes of the keys */
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

/* Is it TCP, or UDP other than DHCP, from the entry's IP address? */
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

/* Does CHECKSUM_PARTIAL fill in the checksum of plain TCP or UDP? */
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

/* vns_guard_settle_csum(), fast for plain TCP and UDP */
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
 * vns_switch_cache_find() - look up where a frame goes
 * @from: the source port; &vns_bridge.port for the outside
 * @skb: not shared, skb->data behind the MAC header, skb->protocol set
 *
 * May reallocate skb data.
 *
 * Context: softirq or BH disabled, RCU read side.
 * Return: the port, for vns_bridge_output(); NULL if the frame has to take the
 * slow path. The caller keeps the skb.
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

	/* another frame may be processed in between on the same CPU */
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
 * vns_switch_cache_note() - cache the result of the slow path
 * @from: the source port; &vns_bridge.port for the outside
 * @to: the destination port; &vns_bridge.port for the outside
 * @skb: a frame that passed all checks, skb->data behind the MAC header
 * @parse: its parsed headers
 *
 * The entry becomes valid with the second frame that writes it unchanged.
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

	/* memcmp() below compares the padding, too */
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
	smp_mb(); /* the checks of the next frame come after these reads */

	entry = vns_switch_cache_slot(new.source, new.dest, new.proto);
	new.until = entry->until;
	new.good = entry->good;
	new.good = !memcmp(entry, &new, sizeof(new));
	new.until = (u32)jiffies + VNS_SWITCH_CACHE_TIME;
	*entry = new;
}

int __init vns_switch_cache_init(void)
{
	vns_switch_cache = alloc_percpu(struct vns_switch_cache);
	return vns_switch_cache ? 0 : -ENOMEM;
}

/* Context: process; no frame comes any more. */
void vns_switch_cache_exit(void)
{
	free_percpu(vns_switch_cache);
}
