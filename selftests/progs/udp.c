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

static void set(int fd, int option, int value)
{
	if (setsockopt(fd, IPPROTO_IP, option, &value, sizeof(value)))
		die("setsockopt");
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
	char control[512], from[INET_ADDRSTRLEN] = "-";
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
		struct sockaddr_in *sin = (void *)SO_EE_OFFENDER(err);

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR)
			continue;
		if (sin->sin_family == AF_INET)
			inet_ntop(AF_INET, &sin->sin_addr, from, sizeof(from));
		if (err->ee_origin == SO_EE_ORIGIN_ICMP)
			printf("icmp %u %u from %s info %u\n", err->ee_type,
			       err->ee_code, from, err->ee_info);
		else
			printf("local errno %u info %u\n", err->ee_errno,
			       err->ee_info);
	}
	fflush(stdout);
	return true;
}

static void echo(int fd, int length)
{
	char name[INET_ADDRSTRLEN];
	struct sockaddr_in from;

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
		inet_ntop(AF_INET, &from.sin_addr, name, sizeof(name));
		printf("%s %u %zd\n", name, ntohs(from.sin_port), n);
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
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		char name[INET_ADDRSTRLEN];
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
		inet_ntop(AF_INET, &from.sin_addr, name, sizeof(name));
		printf("reply %s %zd\n", name, n);
		return 0;
	}
}

int main(int argc, char **argv)
{
	int length = 0, size = 32, ttl = 0, port = 0, wait = 3000, opt, fd;
	struct sockaddr_in addr = { .sin_family = AF_INET };
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
	    !inet_aton(argv[optind], &addr.sin_addr)) {
		fprintf(stderr, "usage: udp echo|probe [OPTION...] ADDRESS PORT\n");
		return 2;
	}

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");
	set(fd, IP_RECVERR, 1);
	set(fd, IP_MTU_DISCOVER, df ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
	if (ttl)
		set(fd, IP_TTL, ttl);

	if (!strcmp(verb, "echo")) {
		addr.sin_port = htons(atoi(argv[optind + 1]));
		if (bind(fd, (void *)&addr, sizeof(addr)))
			die("bind");
		echo(fd, length);
	}
	if (port) {
		struct sockaddr_in self = {
			.sin_family = AF_INET,
			.sin_port = htons(port),
		};

		if (bind(fd, (void *)&self, sizeof(self)))
			die("bind");
	}
	addr.sin_port = htons(atoi(argv[optind + 1]));
	if (connect(fd, (void *)&addr, sizeof(addr)))
		die("connect");
	return probe(fd, size, wait * (scale ? atol(scale) : 1L));
}
