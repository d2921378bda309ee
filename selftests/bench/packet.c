// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "packet.h"

#define VNET_LEN	sizeof(struct virtio_net_hdr)

/* MSS and window scale, which the window needs that is never acknowledged. */
static const __u8 syn_options[] = { 2, 4, 0x05, 0xb4, 3, 3, 14, 1 };

static size_t ip_len(const struct shape *shape)
{
	return shape->ipv6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
}

static size_t l4_len(const struct shape *shape)
{
	return shape->proto == IPPROTO_TCP ? sizeof(struct tcphdr) :
					     sizeof(struct udphdr);
}

static size_t headers_len(const struct shape *shape)
{
	return ETH_HLEN + ip_len(shape) + l4_len(shape);
}

size_t packet_min_len(const struct shape *shape)
{
	size_t len = headers_len(shape) + sizeof(__u32);

	return len < 60 ? 60 : len;
}

size_t packet_payload(const struct shape *shape)
{
	return shape->len - headers_len(shape);
}

static __u32 sum(__u32 start, const void *data, size_t len)
{
	const __u8 *p = data;
	__u64 sum = start;
	__u16 word;

	for (; len > 1; len -= 2, p += 2) {
		memcpy(&word, p, 2);
		sum += word;
	}
	if (len)
		sum += htons(*p << 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __u32 sum_pseudo(const struct shape *shape,
			const struct tuple *tuple, size_t len)
{
	size_t size = shape->ipv6 ? 16 : 4;
	__u32 start = htons(len) + htons(shape->proto);

	return sum(sum(start, &tuple->src, size), &tuple->dst, size);
}

static void put_ip(unsigned char *p, const struct shape *shape,
		   const struct packet *packet, size_t len)
{
	const struct tuple *tuple = &packet->tuple;

	if (shape->ipv6) {
		struct ip6_hdr *ip = (void *)p;

		ip->ip6_flow = htonl(6u << 28);
		ip->ip6_plen = htons(len - sizeof(*ip));
		ip->ip6_nxt = shape->proto;
		ip->ip6_hlim = packet->ttl;
		memcpy(&ip->ip6_src, &tuple->src, 16);
		memcpy(&ip->ip6_dst, &tuple->dst, 16);
	} else {
		struct iphdr *ip = (void *)p;

		ip->version = 4;
		ip->ihl = 5;
		ip->tot_len = htons(len);
		ip->id = htons(packet->serial);
		ip->frag_off = htons(IP_DF);
		ip->ttl = packet->ttl;
		ip->protocol = shape->proto;
		memcpy(&ip->saddr, &tuple->src, 4);
		memcpy(&ip->daddr, &tuple->dst, 4);
		ip->check = 0;
		ip->check = ~sum(0, ip, sizeof(*ip));
	}
}

/* Returns where the checksum is. */
static __u16 *put_l4(unsigned char *p, const struct shape *shape,
		     const struct packet *packet, size_t len)
{
	struct tcphdr *tcp = (void *)p;
	struct udphdr *udp = (void *)p;

	if (shape->proto == IPPROTO_UDP) {
		udp->source = htons(packet->tuple.sport);
		udp->dest = htons(packet->tuple.dport);
		udp->len = htons(len);
		return &udp->check;
	}

	tcp->source = htons(packet->tuple.sport);
	tcp->dest = htons(packet->tuple.dport);
	tcp->seq = htonl(packet->seq);
	tcp->ack_seq = htonl(packet->ack);
	tcp->doff = sizeof(*tcp) / 4;
	p[13] = packet->flags;
	tcp->window = htons(65535);
	if (packet->flags & TH_SYN) {
		memcpy(tcp + 1, syn_options, sizeof(syn_options));
		tcp->doff += sizeof(syn_options) / 4;
	}
	return &tcp->check;
}

static void put_vnet(struct virtio_net_hdr *vnet, const struct shape *shape,
		     bool gso)
{
	memset(vnet, 0, sizeof(*vnet));
	if (!shape->partial)
		return;

	vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vnet->csum_start = ETH_HLEN + ip_len(shape);
	vnet->csum_offset = shape->proto == IPPROTO_TCP ?
			    offsetof(struct tcphdr, check) :
			    offsetof(struct udphdr, check);
	if (gso) {
		vnet->gso_type = shape->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
					       VIRTIO_NET_HDR_GSO_TCPV4;
		vnet->hdr_len = headers_len(shape);
		vnet->gso_size = shape->gso;
	}
}

size_t packet_build(unsigned char *buf, const struct shape *shape,
		    const struct packet *packet)
{
	bool syn = shape->proto == IPPROTO_TCP && packet->flags & TH_SYN;
	size_t len = syn ? headers_len(shape) + sizeof(syn_options) :
			   shape->len;
	unsigned char *eth = buf + VNET_LEN;
	unsigned char *l4 = eth + ETH_HLEN + ip_len(shape);
	size_t l4_total = len - (l4 - eth);
	__u32 serial = htonl(packet->serial);
	__u16 *check, pseudo;

	put_vnet((void *)buf, shape, shape->gso && !syn);
	memcpy(eth, packet->link.dst, ETH_ALEN);
	memcpy(eth + ETH_ALEN, packet->link.src, ETH_ALEN);
	memcpy(eth + 2 * ETH_ALEN, &(__u16){
	       htons(shape->ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP) }, 2);
	put_ip(eth + ETH_HLEN, shape, packet, len - ETH_HLEN);
	check = put_l4(l4, shape, packet, l4_total);
	if (!syn)
		memcpy(eth + len - sizeof(serial), &serial, sizeof(serial));

	pseudo = sum_pseudo(shape, &packet->tuple, l4_total);
	*check = 0;
	*check = shape->partial ? pseudo : ~sum(pseudo, l4, l4_total);
	if (shape->proto == IPPROTO_UDP && !*check)
		*check = 0xffff;
	return VNET_LEN + len;
}

bool packet_ours(const unsigned char *buf, size_t len,
		 const struct shape *shape)
{
	const unsigned char *eth = buf + VNET_LEN;
	__u16 type;

	if (len < VNET_LEN + headers_len(shape))
		return false;
	memcpy(&type, eth + 2 * ETH_ALEN, 2);
	if (type != htons(shape->ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP))
		return false;
	return eth[ETH_HLEN + (shape->ipv6 ? 6 : 9)] == shape->proto;
}

static const char *parse_ip(const unsigned char *p, const struct shape *shape,
			    struct packet *packet)
{
	struct tuple *tuple = &packet->tuple;

	memset(tuple, 0, sizeof(*tuple));
	if (shape->ipv6) {
		const struct ip6_hdr *ip = (const void *)p;

		packet->ttl = ip->ip6_hlim;
		memcpy(&tuple->src, &ip->ip6_src, 16);
		memcpy(&tuple->dst, &ip->ip6_dst, 16);
	} else {
		const struct iphdr *ip = (const void *)p;

		packet->ttl = ip->ttl;
		memcpy(&tuple->src, &ip->saddr, 4);
		memcpy(&tuple->dst, &ip->daddr, 4);
		if (sum(0, ip, sizeof(*ip)) != 0xffff)
			return "IP checksum";
	}
	return NULL;
}

/* The sum in the header must be right, or be what a device completes. */
static const char *check_l4(const struct virtio_net_hdr *vnet,
			    const unsigned char *l4, size_t len,
			    const struct shape *shape,
			    const struct tuple *tuple)
{
	__u32 pseudo = sum_pseudo(shape, tuple, len);
	__u16 check;

	if (!(vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return sum(pseudo, l4, len) == 0xffff ? NULL : "checksum";

	memcpy(&check, l4 + (shape->proto == IPPROTO_TCP ?
			     offsetof(struct tcphdr, check) :
			     offsetof(struct udphdr, check)), 2);
	/* both are zero */
	if (check % 0xffff != pseudo % 0xffff)
		return "sum of the pseudo header";
	return NULL;
}

const char *packet_parse(const unsigned char *buf, size_t len,
			 const struct shape *shape, struct packet *packet)
{
	const struct virtio_net_hdr *vnet = (const void *)buf;
	const unsigned char *eth = buf + VNET_LEN;
	const unsigned char *l4 = eth + ETH_HLEN + ip_len(shape);
	const struct tcphdr *tcp = (const void *)l4;
	const char *wrong;
	__u32 serial;
	bool syn;

	len -= VNET_LEN;
	memcpy(packet->link.dst, eth, ETH_ALEN);
	memcpy(packet->link.src, eth + ETH_ALEN, ETH_ALEN);
	wrong = parse_ip(eth + ETH_HLEN, shape, packet);
	if (wrong)
		return wrong;

	packet->tuple.sport = ntohs(tcp->source);
	packet->tuple.dport = ntohs(tcp->dest);
	packet->flags = shape->proto == IPPROTO_TCP ? l4[13] : 0;
	memcpy(&serial, eth + len - sizeof(serial), sizeof(serial));
	packet->serial = ntohl(serial);

	syn = packet->flags & TH_SYN;
	if (len != (syn ? headers_len(shape) + sizeof(syn_options) :
			  shape->len))
		return "length";
	if (shape->gso && !syn && vnet->gso_size != shape->gso)
		return "segment size";
	return check_l4(vnet, l4, len - (l4 - eth), shape, &packet->tuple);
}
