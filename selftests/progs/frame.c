// SPDX-License-Identifier: GPL-2.0
/*
 * Sends Ethernet frames that no honest VM sends.
 *
 *   frame DEV KEY=VALUE... [-]
 *
 * "-": for each line of standard input, too, with the KEY=VALUEs in it on top
 * of those before
 *
 *	src, dst	Ethernet addresses; src=random: another one each frame
 *	type		Ethernet type, default 0x88b5 (local experiment)
 *	tags		802.1Q tags of VLAN 0 in front of the type, default 0
 *	encap		what stands between the addresses and the IP header, in
 *			hexadecimal, instead of tags and type
 *	count		frames to send, default 1; 0: until the end comes by a signal
 *	len		bytes of payload behind the headers, default 46
 *	body		the payload itself, in hexadecimal; sets len
 *	arp		OPERATION,MAC,IP,MAC,IP: an ARP message, sender's first
 *	rate		frames a second at most, default 0: no limit
 *   with an IPv4 header, when sip is given:
 *	sip, dip	addresses
 *	proto		udp (default), tcp, icmp, or a number (payload only)
 *	sport, dport	ports
 *	ttl, id, df, mf	header fields, default 64, 1, 0, 0
 *	off		fragment offset in bytes; other than 0: no UDP header
 *	ulen		the UDP header's length field, default the right one
 *	nosum=1		a UDP checksum of zero
 *	flags		TCP flags, default 2 (SYN)
 *	icmp		TYPE.CODE of an ICMP message, default 8.0
 *	quote		SIP:SPORT:DIP:DPORT of the UDP packet that an ICMP error
 *			quotes
 *	opt		IP options in hexadecimal, a multiple of 4 bytes
 *	badsum=1	a wrong IP header checksum
 *   with an IPv6 header, when sip is an IPv6 address, the same and:
 *	nh, ext		next header and the extension headers that it begins, in
 *			hexadecimal; the last one has to name proto
 *	nd		TYPE,TARGET[,FLAGS]: a neighbour solicitation (135) or
 *			advertisement (136) with the sender's MAC, unless sip is ::
 *	ra		LIFETIME: a router advertisement, without options
 *	cut		bytes of the frame to send at most
 *	csum		START,OFFSET: a checksum of all from START on is still to be
 *			put in at START+OFFSET, by whichever device sends the frame
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct spec {
	unsigned char src[6], dst[6];
	bool random;
	unsigned int type, tags, len, cut, rate;
	unsigned long count;
	bool ip, ip6, df, mf, badsum, nosum;
	struct in_addr sip, dip;
	struct in6_addr sip6, dip6;
	unsigned int proto, sport, dport, ttl, id, off, flags, ulen;
	unsigned char icmp_type, icmp_code;
	struct in_addr qsip, qdip;
	unsigned int qsport, qdport;
	unsigned char opt[40], encap[64], ext[512], body[1500];
	unsigned int optlen, encaplen, extlen, nh;
	bool csum;
	unsigned short csum_start, csum_offset;
};

static unsigned char frame[65536];

static void usage(const char *what)
{
	fprintf(stderr, "frame: %s\n", what);
	exit(2);
}

static void parse_mac(unsigned char *mac, const char *text)
{
	if (!ether_aton_r(text, (void *)mac))
		usage(text);
}

/* Returns the number of bytes */
static unsigned int parse_hex(unsigned char *bytes, size_t size,
			      const char *hex)
{
	unsigned int n = 0;

	for (; hex[0] && hex[1] && n < size; hex += 2)
		if (sscanf(hex, "%2hhx", &bytes[n++]) != 1)
			usage(hex);
	if (*hex)
		usage(hex);
	return n;
}

static void parse_opt(struct spec *s, const char *hex)
{
	s->optlen = parse_hex(s->opt, sizeof(s->opt), hex);
	if (s->optlen % 4)
		usage("opt: not a multiple of 4 bytes");
}

static void parse_address(struct spec *s, const char *text, bool source)
{
	if (inet_aton(text, source ? &s->sip : &s->dip)) {
		s->ip |= source;
		s->ip6 &= !source;
	} else if (inet_pton(AF_INET6, text, source ? &s->sip6 : &s->dip6) ==
		   1) {
		s->ip6 |= source;
		s->ip &= !source;
	} else {
		usage(text);
	}
}

static void parse_arp(struct spec *s, const char *text)
{
	static const unsigned char head[] = { 0, 1, 8, 0, 6, 4, 0 };
	char smac[18], sip[16], tmac[18], tip[16];
	struct in_addr ip;
	unsigned int op;

	if (sscanf(text, "%u,%17[^,],%15[^,],%17[^,],%15s", &op, smac, sip,
		   tmac, tip) != 5)
		usage(text);
	memcpy(s->body, head, sizeof(head));
	s->body[7] = op;
	parse_mac(s->body + 8, smac);
	if (!inet_aton(sip, &ip))
		usage(sip);
	memcpy(s->body + 14, &ip, 4);
	parse_mac(s->body + 18, tmac);
	if (!inet_aton(tip, &ip))
		usage(tip);
	memcpy(s->body + 24, &ip, 4);
	s->len = 28;
	s->type = ETHERTYPE_ARP;
}

/* Neighbour discovery: the body is what follows type, code and checksum */
static void parse_nd(struct spec *s, const char *text)
{
	char target[INET6_ADDRSTRLEN];
	unsigned int type, flags = 0x60;

	if (sscanf(text, "%u,%45[^,],%x", &type, target, &flags) < 2)
		usage(text);
	memset(s->body, 0, sizeof(s->body));
	if (type == 136)
		s->body[0] = flags;
	if (inet_pton(AF_INET6, target, s->body + 4) != 1)
		usage(target);
	s->len = 20;
	if (!IN6_IS_ADDR_UNSPECIFIED(&s->sip6)) {
		/* the option of its own link-layer address */
		s->body[20] = type == 136 ? 2 : 1;
		s->body[21] = 1;
		memcpy(s->body + 22, s->src, 6);
		s->len = 28;
	}
	s->icmp_type = type;
	s->icmp_code = 0;
	s->proto = IPPROTO_ICMPV6;
	s->ttl = 255;
}

static void parse_ra(struct spec *s, unsigned int lifetime)
{
	memset(s->body, 0, sizeof(s->body));
	s->body[0] = 64;
	s->body[2] = lifetime >> 8;
	s->body[3] = lifetime;
	s->len = 12;
	s->icmp_type = 134;
	s->icmp_code = 0;
	s->proto = IPPROTO_ICMPV6;
	s->ttl = 255;
}

static void parse_quote(struct spec *s, const char *text)
{
	char sip[16], dip[16];

	if (sscanf(text, "%15[0-9.]:%u:%15[0-9.]:%u", sip, &s->qsport, dip,
		   &s->qdport) != 4 ||
	    !inet_aton(sip, &s->qsip) || !inet_aton(dip, &s->qdip))
		usage(text);
}

static unsigned int parse_proto(const char *text)
{
	if (!strcmp(text, "udp"))
		return IPPROTO_UDP;
	if (!strcmp(text, "tcp"))
		return IPPROTO_TCP;
	if (!strcmp(text, "icmp"))
		return IPPROTO_ICMP;
	if (!strcmp(text, "icmp6"))
		return IPPROTO_ICMPV6;
	return strtoul(text, NULL, 0);
}

static bool parse_number(struct spec *s, const char *key, unsigned long n)
{
	const struct {
		const char *key;
		unsigned int *value;
	} numbers[] = {
		{ "type", &s->type }, { "len", &s->len }, { "rate", &s->rate },
		{ "sport", &s->sport }, { "dport", &s->dport },
		{ "ttl", &s->ttl }, { "id", &s->id }, { "off", &s->off },
		{ "ulen", &s->ulen }, { "flags", &s->flags },
		{ "cut", &s->cut }, { "nh", &s->nh }, { }
	}, *number;

	for (number = numbers; number->key; number++) {
		if (!strcmp(number->key, key)) {
			*number->value = n;
			return true;
		}
	}
	if (!strcmp(key, "tags"))
		s->tags = n < 4 ? n : 4;
	else if (!strcmp(key, "count"))
		s->count = n;
	else if (!strcmp(key, "df"))
		s->df = n;
	else if (!strcmp(key, "mf"))
		s->mf = n;
	else if (!strcmp(key, "badsum"))
		s->badsum = n;
	else if (!strcmp(key, "nosum"))
		s->nosum = n;
	else if (!strcmp(key, "ra"))
		parse_ra(s, n);
	else
		return false;
	return true;
}

static void parse(struct spec *s, char *arg)
{
	char *value = strchr(arg, '=');

	if (!value)
		usage(arg);
	*value++ = 0;

	if (!strcmp(arg, "src") && !strcmp(value, "random"))
		s->random = true;
	else if (!strcmp(arg, "src"))
		parse_mac(s->src, value);
	else if (!strcmp(arg, "dst"))
		parse_mac(s->dst, value);
	else if (!strcmp(arg, "sip"))
		parse_address(s, value, true);
	else if (!strcmp(arg, "dip"))
		parse_address(s, value, false);
	else if (!strcmp(arg, "proto"))
		s->proto = parse_proto(value);
	else if (!strcmp(arg, "icmp"))
		sscanf(value, "%hhu.%hhu", &s->icmp_type, &s->icmp_code);
	else if (!strcmp(arg, "quote"))
		parse_quote(s, value);
	else if (!strcmp(arg, "opt"))
		parse_opt(s, value);
	else if (!strcmp(arg, "encap"))
		s->encaplen = parse_hex(s->encap, sizeof(s->encap), value);
	else if (!strcmp(arg, "ext"))
		s->extlen = parse_hex(s->ext, sizeof(s->ext), value);
	else if (!strcmp(arg, "body"))
		s->len = parse_hex(s->body, sizeof(s->body), value);
	else if (!strcmp(arg, "csum"))
		s->csum = sscanf(value, "%hu,%hu", &s->csum_start,
				 &s->csum_offset) == 2;
	else if (!strcmp(arg, "arp"))
		parse_arp(s, value);
	else if (!strcmp(arg, "nd"))
		parse_nd(s, value);
	else if (!parse_number(s, arg, strtoul(value, NULL, 0)))
		usage(arg);
}

static unsigned int sum_add(unsigned int sum, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static unsigned short sum_end(unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static unsigned short sum_pseudo(const struct spec *s, const void *data,
				 size_t len)
{
	unsigned int sum;

	if (s->ip6) {
		sum = sum_add(0, &s->sip6, 16);
		sum = sum_add(sum, &s->dip6, 16);
	} else {
		sum = sum_add(0, &s->sip, 4);
		sum = sum_add(sum, &s->dip, 4);
	}
	return sum_end(sum_add(sum + s->proto + len, data, len));
}

static size_t build_icmp(const struct spec *s, unsigned char *p)
{
	size_t len = sizeof(struct icmphdr) + s->len;
	struct icmphdr *icmp = (void *)p;

	icmp->type = s->icmp_type;
	icmp->code = s->icmp_code;
	icmp->un.echo.id = htons(s->sport);
	if (s->qsport) {
		struct iphdr *ip = (void *)(icmp + 1);
		struct udphdr *udp = (void *)(ip + 1);

		icmp->un.gateway = 0;
		icmp->un.frag.mtu = htons(600);
		ip->version = 4;
		ip->ihl = 5;
		ip->tot_len = htons(1028);
		ip->frag_off = htons(IP_DF);
		ip->ttl = 60;
		ip->protocol = IPPROTO_UDP;
		ip->saddr = s->qsip.s_addr;
		ip->daddr = s->qdip.s_addr;
		ip->check = sum_end(sum_add(0, ip, sizeof(*ip)));
		udp->source = htons(s->qsport);
		udp->dest = htons(s->qdport);
		udp->len = htons(1008);
		len = sizeof(*icmp) + sizeof(*ip) + sizeof(*udp);
	}
	icmp->checksum = sum_end(sum_add(0, p, len));
	return len;
}

static size_t build_icmp6(const struct spec *s, unsigned char *p)
{
	size_t len = 4 + s->len;

	p[0] = s->icmp_type;
	p[1] = s->icmp_code;
	memcpy(p + 4, s->body, s->len < sizeof(s->body) ? s->len :
							  sizeof(s->body));
	memcpy(p + 2, &(unsigned short){ sum_pseudo(s, p, len) }, 2);
	return len;
}

static size_t build_body(const struct spec *s, unsigned char *p)
{
	memcpy(p, s->body, s->len < sizeof(s->body) ? s->len :
						      sizeof(s->body));
	return s->len;
}

/* The header above IP and the payload; returns their length */
static size_t build_l4(const struct spec *s, unsigned char *p)
{
	size_t len = s->len;

	/* a later piece, or a protocol without a header of its own here */
	if (s->off || (s->proto != IPPROTO_UDP && s->proto != IPPROTO_TCP &&
		       s->proto != IPPROTO_ICMP && s->proto != IPPROTO_ICMPV6))
		return build_body(s, p);

	if (s->proto == IPPROTO_UDP) {
		struct udphdr *udp = (void *)p;

		len += sizeof(*udp);
		build_body(s, p + sizeof(*udp));
		udp->source = htons(s->sport);
		udp->dest = htons(s->dport);
		udp->len = htons(s->ulen ? s->ulen : len);
		/* a first fragment's sum would cover the others */
		udp->check = s->mf || s->nosum ? 0 : sum_pseudo(s, p, len);
	} else if (s->proto == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)p;

		len += sizeof(*tcp);
		tcp->source = htons(s->sport);
		tcp->dest = htons(s->dport);
		tcp->seq = htonl(1000);
		tcp->ack_seq = htonl(2000);
		tcp->doff = sizeof(*tcp) / 4;
		((unsigned char *)tcp)[13] = s->flags;
		tcp->window = htons(1000);
		tcp->check = sum_pseudo(s, p, len);
	} else if (s->proto == IPPROTO_ICMPV6) {
		len = build_icmp6(s, p);
	} else {
		len = build_icmp(s, p);
	}
	return len;
}

static void put16(unsigned char *p, unsigned int value)
{
	p[0] = value >> 8;
	p[1] = value;
}

/* Returns the header's length */
static size_t build_ether(const struct spec *s)
{
	unsigned char *p = frame + 2 * ETH_ALEN;
	unsigned int i;

	memcpy(frame, s->dst, ETH_ALEN);
	memcpy(frame + ETH_ALEN, s->src, ETH_ALEN);
	if (s->encaplen) {
		memcpy(p, s->encap, s->encaplen);
		return p + s->encaplen - frame;
	}
	for (i = 0; i < s->tags; i++, p += 4)
		put16(p, ETHERTYPE_VLAN);
	put16(p, s->ip ? ETHERTYPE_IP : s->ip6 ? ETHERTYPE_IPV6 : s->type);
	return p + 2 - frame;
}

/* Returns the length with what is above it */
static size_t build_ip6(const struct spec *s, unsigned char *p)
{
	struct ip6_hdr *ip6 = (void *)p;
	size_t len;

	memcpy(p + sizeof(*ip6), s->ext, s->extlen);
	len = s->extlen + build_l4(s, p + sizeof(*ip6) + s->extlen);
	ip6->ip6_flow = htonl(6u << 28);
	ip6->ip6_plen = htons(len);
	ip6->ip6_nxt = s->extlen ? s->nh : s->proto;
	ip6->ip6_hlim = s->ttl;
	ip6->ip6_src = s->sip6;
	ip6->ip6_dst = s->dip6;
	return sizeof(*ip6) + len;
}

static size_t build(const struct spec *s)
{
	size_t hlen, len, ether;
	unsigned char *p;
	struct iphdr *ip;

	memset(frame, 0, sizeof(frame));
	ether = build_ether(s);
	p = frame + ether;
	if (s->ip6)
		return ether + build_ip6(s, p);
	if (!s->ip)
		return ether + build_body(s, p);
	ip = (void *)p;

	hlen = sizeof(*ip) + s->optlen;
	len = hlen + build_l4(s, p + hlen);
	ip->version = 4;
	ip->ihl = hlen / 4;
	ip->tot_len = htons(len);
	ip->id = htons(s->id);
	ip->frag_off = htons(s->off / 8 | s->df << 14 | s->mf << 13);
	ip->ttl = s->ttl;
	ip->protocol = s->proto;
	ip->saddr = s->sip.s_addr;
	ip->daddr = s->dip.s_addr;
	memcpy(p + sizeof(*ip), s->opt, s->optlen);
	ip->check = sum_end(sum_add(0, p, hlen));
	if (s->badsum)
		ip->check ^= 0x5555;
	return ether + len;
}

static int transmit(int fd, const struct spec *s, int ifindex)
{
	static unsigned int seed;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = ifindex,
		.sll_halen = 6,
	};
	struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = s->csum_start,
		.csum_offset = s->csum_offset,
	};
	struct iovec iov[] = {
		{ &vnet, s->csum ? sizeof(vnet) : 0 }, { frame, build(s) },
	};
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = iov, .msg_iovlen = 2,
	};
	int with_vnet = s->csum;
	unsigned long i;

	if (!seed)
		seed = getpid() * 2654435761u;
	if (s->cut && s->cut < iov[1].iov_len)
		iov[1].iov_len = s->cut;
	memcpy(to.sll_addr, frame, 6);
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &with_vnet,
		       sizeof(with_vnet))) {
		perror("PACKET_VNET_HDR");
		return 1;
	}

	for (i = 0; !s->count || i < s->count; i++) {
		if (s->random) {
			/* a full-period generator: no address comes twice */
			seed = seed * 1664525 + 1013904223;
			frame[6] = 2;
			frame[7] = 0xfe;
			memcpy(frame + 8, &seed, 4);
		}
		while (sendmsg(fd, &msg, 0) < 0) {
			if (errno != ENOBUFS && errno != EAGAIN) {
				perror("sendmsg");
				return 1;
			}
			usleep(1000);
		}
		if (s->rate)
			usleep(1000000 / s->rate);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct spec s = {
		.src = { 2, 0, 0, 0, 9, 1 },
		.dst = { 255, 255, 255, 255, 255, 255 },
		.type = 0x88b5, .count = 1, .len = 46,
		.proto = IPPROTO_UDP, .sport = 1024, .dport = 9,
		.ttl = 64, .id = 1, .flags = 2, .icmp_type = ICMP_ECHO,
	};
	char line[4096], *word, *save;
	bool lines = false;
	int fd, i, ifindex;

	if (argc < 2)
		usage("DEV KEY=VALUE...");
	for (i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "-"))
			lines = true;
		else
			parse(&s, argv[i]);
	}

	ifindex = if_nametoindex(argv[1]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || !ifindex) {
		perror(argv[1]);
		return 2;
	}
	if (!lines)
		return transmit(fd, &s, ifindex);

	while (fgets(line, sizeof(line), stdin)) {
		struct spec one = s;

		word = strtok_r(line, "\t\n ", &save);
		if (!word || *word == '#')
			continue;
		for (; word; word = strtok_r(NULL, "\t\n ", &save))
			parse(&one, word);
		if (transmit(fd, &one, ifindex))
			return 1;
	}
	return 0;
}
