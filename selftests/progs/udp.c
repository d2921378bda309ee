// SPDX-License-Identifier: GPL-2.0
/*
 * A UDP peer that reports the ICMP errors which come back to its socket.
 *
 *   udp echo [-d] [-l BYTES] ADDRESS PORT
 *	sends every datagram back; a line for each: client, port, length.
 *	-d: don't fragment; -l: answers are BYTES long
 *   udp probe [-d] [-s BYTES] [-t TTL] [-p PORT] [-w MS] ADDRESS PORT
 *	sends one datagram and prints one line, "reply ADDRESS BYTES" or
 *	"icmp TYPE CODE from ADDRESS info INFO", and fails after MS (times
 *	$VNS_TIMEOUT_SCALE) with "timeout". The kernel hands an error to the
 *	socket only when the packet quoted in it carries the socket's own
 *	addresses and ports.
 *
 * Over IPv6 when ADDRESS is one of its addresses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static unsigned char buf[65536], sent[65536];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* each family's names for the same options */
static const struct family {
	int level, recverr, mtu_discover, ttl, pmtu_do, pmtu_dont;
	socklen_t len;
} family4 = {
	IPPROTO_IP, IP_RECVERR, IP_MTU_DISCOVER, IP_TTL,
	IP_PMTUDISC_DO, IP_PMTUDISC_DONT, sizeof(struct sockaddr_in)
}, family6 = {
	IPPROTO_IPV6, IPV6_RECVERR, IPV6_MTU_DISCOVER, IPV6_UNICAST_HOPS,
	IPV6_PMTUDISC_DO, IPV6_PMTUDISC_DONT, sizeof(struct sockaddr_in6)
};

static const struct family *family = &family4;

static void set(int fd, int option, int value)
{
	if (setsockopt(fd, family->level, option, &value, sizeof(value)))
		die("setsockopt");
}

static const char *addr_text(const union addr *a)
{
	static char text[INET6_ADDRSTRLEN];

	if (a->sa.sa_family == AF_INET)
		return inet_ntop(AF_INET, &a->in.sin_addr, text, sizeof(text));
	if (a->sa.sa_family == AF_INET6)
		return inet_ntop(AF_INET6, &a->in6.sin6_addr, text,
				 sizeof(text));
	return "-";
}

/* The address and its family, which is the program's from now on */
static bool addr_parse(union addr *a, const char *text, int port)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->in.sin_addr) == 1) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons(port);
		return true;
	}
	family = &family6;
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons(port);
	return inet_pton(AF_INET6, text, &a->in6.sin6_addr) == 1;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One error from the socket's queue; returns whether there was one */
static bool print_error(int fd)
{
	char control[512];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;

	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		struct sock_extended_err *err = (void *)CMSG_DATA(c);

		if (c->cmsg_level != family->level ||
		    c->cmsg_type != family->recverr)
			continue;
		if (err->ee_origin != SO_EE_ORIGIN_LOCAL)
			printf("icmp %u %u from %s info %u\n", err->ee_type,
			       err->ee_code,
			       addr_text((void *)SO_EE_OFFENDER(err)),
			       err->ee_info);
		else
			printf("local errno %u info %u\n", err->ee_errno,
			       err->ee_info);
	}
	fflush(stdout);
	return true;
}

static void echo(int fd, int length)
{
	union addr from;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		socklen_t len = sizeof(from);
		ssize_t n;

		if (poll(&p, 1, -1) < 0)
			die("poll");
		while (print_error(fd))
			;
		n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
			     (void *)&from, &len);
		if (n < 0)
			continue;
		/* at the same place in both */
		printf("%s %u %zd\n", addr_text(&from),
		       ntohs(from.in.sin_port), n);
		fflush(stdout);
		if (length)
			n = length;
		if (sendto(fd, buf, n, 0, (void *)&from, len) < 0)
			perror("sendto");
	}
}

static int probe(int fd, size_t size, long wait)
{
	long end = now_ms() + wait;
	size_t i;

	for (i = 0; i < size; i++)
		sent[i] = (i * 167 + (i >> 8) + getpid()) & 0xff;
	if (send(fd, sent, size, 0) < 0 && errno != EMSGSIZE)
		perror("send");

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		union addr from;
		socklen_t len = sizeof(from);
		long left = end - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, left) <= 0) {
			puts("timeout");
			return 1;
		}
		if (print_error(fd))
			return 0;
		n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
			     (void *)&from, &len);
		if (n < 0)
			continue;
		if ((size_t)n == size && memcmp(buf, sent, size)) {
			puts("another payload came back");
			return 1;
		}
		printf("reply %s %zd\n", addr_text(&from), n);
		return 0;
	}
}

int main(int argc, char **argv)
{
	int length = 0, size = 32, ttl = 0, port = 0, wait = 3000, opt, fd;
	union addr addr, self = { };
	const char *verb = argc > 1 ? argv[1] : "";
	const char *scale = getenv("VNS_TIMEOUT_SCALE");
	bool df = false;

	optind = 2;
	while ((opt = getopt(argc, argv, "dl:s:t:p:w:")) != -1) {
		switch (opt) {
		case 'd':
			df = true;
			break;
		case 'l':
			length = atoi(optarg);
			break;
		case 's':
			size = atoi(optarg);
			break;
		case 't':
			ttl = atoi(optarg);
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'w':
			wait = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 2 || size < 0 || (size_t)size > sizeof(sent) ||
	    !addr_parse(&addr, argv[optind], atoi(argv[optind + 1]))) {
		fprintf(stderr, "usage: udp echo|probe [OPTION...] ADDRESS PORT\n");
		return 2;
	}

	fd = socket(addr.sa.sa_family, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");
	set(fd, family->recverr, 1);
	set(fd, family->mtu_discover,
	    df ? family->pmtu_do : family->pmtu_dont);
	if (ttl)
		set(fd, family->ttl, ttl);
	if (!strcmp(verb, "echo")) {
		if (bind(fd, &addr.sa, family->len))
			die("bind");
		echo(fd, length);
	}
	if (port) {
		self.sa.sa_family = addr.sa.sa_family;
		self.in.sin_port = htons(port);
		if (bind(fd, &self.sa, family->len))
			die("bind");
	}
	if (connect(fd, &addr.sa, family->len))
		die("connect");
	return probe(fd, size, wait * (scale ? atol(scale) : 1L));
}
