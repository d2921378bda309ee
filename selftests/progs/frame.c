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
 *	count		frames to send, default 1; 0: until the end comes by a signal
 *	len		bytes of payload behind the headers, default 46
 *	rate		frames a second at most, default 0: no limit
 *   with an IPv4 header, when sip is given:
 *	sip, dip	addresses
 *	proto		udp (default), tcp, icmp, or a number (payload only)
 *	sport, dport	ports
 *	ttl, id, df, mf	header fields, default 64, 1, 0, 0
 *	off		fragment offset in bytes; other than 0: no UDP header
 *	ulen		the UDP header's length field, default the right one
 *	flags		TCP flags, default 2 (SYN)
 *	icmp		TYPE.CODE of an ICMP message, default 8.0
 *	quote		SIP:SPORT:DIP:DPORT of the UDP packet that an ICMP error
 *			quotes
 *	opt		IP options in hexadecimal, a multiple of 4 bytes
 *	badsum=1	a wrong IP header checksum
 *	cut		bytes of the frame to send at most
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
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
	bool ip, df, mf, badsum;
	struct in_addr sip, dip;
	unsigned int proto, sport, dport, ttl, id, off, flags, ulen;
	unsigned char icmp_type, icmp_code;
	struct in_addr qsip, qdip;
	unsigned int qsport, qdport;
	unsigned char opt[40];
	unsigned int optlen;
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

static void parse_opt(struct spec *s, const char *hex)
{
	for (; hex[0] && hex[1] && s->optlen < sizeof(s->opt); hex += 2)
		if (sscanf(hex, "%2hhx", &s->opt[s->optlen++]) != 1)
			usage(hex);
	if (s->optlen % 4)
		usage("opt: not a multiple of 4 bytes");
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
	return strtoul(text, NULL, 0);
}

static void parse(struct spec *s, char *arg)
{
	char *value = strchr(arg, '=');
	unsigned long n;

	if (!value)
		usage(arg);
	*value++ = 0;
	n = strtoul(value, NULL, 0);

	if (!strcmp(arg, "src") && !strcmp(value, "random"))
		s->random = true;
	else if (!strcmp(arg, "src"))
		parse_mac(s->src, value);
	else if (!strcmp(arg, "dst"))
		parse_mac(s->dst, value);
	else if (!strcmp(arg, "type"))
		s->type = n;
	else if (!strcmp(arg, "tags"))
		s->tags = n < 4 ? n : 4;
	else if (!strcmp(arg, "count"))
		s->count = n;
	else if (!strcmp(arg, "len"))
		s->len = n;
	else if (!strcmp(arg, "rate"))
		s->rate = n;
	else if (!strcmp(arg, "sip"))
		s->ip = inet_aton(value, &s->sip);
	else if (!strcmp(arg, "dip"))
		inet_aton(value, &s->dip);
	else if (!strcmp(arg, "proto"))
		s->proto = parse_proto(value);
	else if (!strcmp(arg, "sport"))
		s->sport = n;
	else if (!strcmp(arg, "dport"))
		s->dport = n;
	else if (!strcmp(arg, "ttl"))
		s->ttl = n;
	else if (!strcmp(arg, "id"))
		s->id = n;
	else if (!strcmp(arg, "df"))
		s->df = n;
	else if (!strcmp(arg, "mf"))
		s->mf = n;
	else if (!strcmp(arg, "off"))
		s->off = n;
	else if (!strcmp(arg, "icmp"))
		sscanf(value, "%hhu.%hhu", &s->icmp_type, &s->icmp_code);
	else if (!strcmp(arg, "quote"))
		parse_quote(s, value);
	else if (!strcmp(arg, "ulen"))
		s->ulen = n;
	else if (!strcmp(arg, "flags"))
		s->flags = n;
	else if (!strcmp(arg, "opt"))
		parse_opt(s, value);
	else if (!strcmp(arg, "badsum"))
		s->badsum = n;
	else if (!strcmp(arg, "cut"))
		s->cut = n;
	else
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
	unsigned int sum = sum_add(0, &s->sip, 4);

	sum = sum_add(sum, &s->dip, 4);
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

/* The header above IP and the payload; returns their length */
static size_t build_l4(const struct spec *s, unsigned char *p)
{
	size_t len = s->len;

	/* a later piece, or a protocol without a header of its own here */
	if (s->off || (s->proto != IPPROTO_UDP && s->proto != IPPROTO_TCP &&
		       s->proto != IPPROTO_ICMP))
		return len;

	if (s->proto == IPPROTO_UDP) {
		struct udphdr *udp = (void *)p;

		len += sizeof(*udp);
		udp->source = htons(s->sport);
		udp->dest = htons(s->dport);
		udp->len = htons(s->ulen ? s->ulen : len);
		/* a first fragment's sum would cover the others */
		udp->check = s->mf ? 0 : sum_pseudo(s, p, len);
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
	for (i = 0; i < s->tags; i++, p += 4)
		put16(p, ETHERTYPE_VLAN);
	put16(p, s->ip ? ETHERTYPE_IP : s->type);
	return p + 2 - frame;
}

static size_t build(const struct spec *s)
{
	size_t hlen, len, ether;
	unsigned char *p;
	struct iphdr *ip;

	memset(frame, 0, sizeof(frame));
	ether = build_ether(s);
	if (!s->ip)
		return ether + s->len;

	p = frame + ether;
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
	size_t len = build(s);
	unsigned long i;

	if (!seed)
		seed = getpid() * 2654435761u;
	if (s->cut && s->cut < len)
		len = s->cut;
	memcpy(to.sll_addr, frame, 6);

	for (i = 0; !s->count || i < s->count; i++) {
		if (s->random) {
			/* a full-period generator: no address comes twice */
			seed = seed * 1664525 + 1013904223;
			frame[6] = 2;
			frame[7] = 0xfe;
			memcpy(frame + 8, &seed, 4);
		}
		while (sendto(fd, frame, len, 0, (void *)&to, sizeof(to)) < 0) {
			if (errno != ENOBUFS && errno != EAGAIN) {
				perror("sendto");
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
	char line[1024], *word, *save;
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
