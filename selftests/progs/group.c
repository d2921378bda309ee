// SPDX-License-Identifier: GPL-2.0
/*
 * Speaks and listens to groups, as mDNS and its like do.
 *
 *   group hear DEV GROUP,PORT...
 *	joins these groups on DEV; prints "ready", then a line for each
 *	datagram: "ADDRESS GROUP TEXT". A GROUP that is the address of a
 *	broadcast is only listened to.
 *   group tell DEV GROUP,PORT TEXT
 *	sends one datagram there, from DEV's own address
 *   group frames DEV TYPE
 *	prints "ready", then a line for each frame of that Ethernet type that
 *	comes to who asked for this type (tcpdump sees a frame before any bridge
 *	does): "SOURCE DESTINATION BYTES"
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX	16

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static socklen_t addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

/* A socket of that group's family, and its address with the device in it */
static int group_open(char *spec, unsigned int ifindex, union addr *a)
{
	char *port = strchr(spec, ',');
	int fd, one = 1;

	if (!port) {
		fprintf(stderr, "group: no port: %s\n", spec);
		exit(2);
	}
	*port++ = 0;
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, spec, &a->in.sin_addr) == 1) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons(atoi(port));
	} else if (inet_pton(AF_INET6, spec, &a->in6.sin6_addr) == 1) {
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons(atoi(port));
		a->in6.sin6_scope_id = ifindex;
	} else {
		fprintf(stderr, "group: no address: %s\n", spec);
		exit(2);
	}
	fd = socket(a->sa.sa_family, SOCK_DGRAM, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)))
		die("socket");
	return fd;
}

static void group_join(int fd, unsigned int ifindex, const union addr *a)
{
	struct ip_mreqn mreq = { .imr_ifindex = ifindex };
	struct ipv6_mreq mreq6 = { .ipv6mr_interface = ifindex };

	if (a->sa.sa_family == AF_INET6) {
		mreq6.ipv6mr_multiaddr = a->in6.sin6_addr;
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &mreq6,
			       sizeof(mreq6)))
			die("join");
		return;
	}
	mreq.imr_multiaddr = a->in.sin_addr;
	if (IN_MULTICAST(ntohl(a->in.sin_addr.s_addr)) &&
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof(mreq)))
		die("join");
}

static int hear(const char *dev, unsigned int ifindex, int n, char **specs)
{
	char text[64], data[2048];
	struct pollfd polls[MAX];
	union addr a;
	int i;

	for (i = 0; i < n; i++) {
		polls[i].fd = group_open(specs[i], ifindex, &a);
		polls[i].events = POLLIN;
		if (setsockopt(polls[i].fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
			       strlen(dev)) ||
		    bind(polls[i].fd, &a.sa, addr_len(&a)))
			die(specs[i]);
		group_join(polls[i].fd, ifindex, &a);
	}
	puts("ready");
	fflush(stdout);
	while (poll(polls, n, -1) > 0) {
		for (i = 0; i < n; i++) {
			socklen_t len = sizeof(a);
			ssize_t got;

			if (!polls[i].revents)
				continue;
			got = recvfrom(polls[i].fd, data, sizeof(data) - 1,
				       0, &a.sa, &len);
			if (got < 0)
				continue;
			data[got] = 0;
			inet_ntop(a.sa.sa_family, a.sa.sa_family == AF_INET ?
				  (void *)&a.in.sin_addr :
				  (void *)&a.in6.sin6_addr, text, sizeof(text));
			printf("%s %s %s\n", text, specs[i], data);
			fflush(stdout);
		}
	}
	return 1;
}

static int tell(unsigned int ifindex, char *spec, const char *text)
{
	struct ip_mreqn mreq = { .imr_ifindex = ifindex };
	int zero = 0, index = ifindex;
	union addr a;
	int fd = group_open(spec, ifindex, &a);

	/* not to oneself */
	if (a.sa.sa_family == AF_INET ?
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq)) ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &zero, sizeof(zero)) :
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
		       sizeof(index)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &zero,
		       sizeof(zero)))
		die("multicast");
	if (sendto(fd, text, strlen(text), 0, &a.sa, addr_len(&a)) < 0)
		die("sendto");
	return 0;
}

static void mac_print(const unsigned char *m)
{
	printf("%02x:%02x:%02x:%02x:%02x:%02x ", m[0], m[1], m[2], m[3], m[4],
	       m[5]);
}

static int frames(unsigned int ifindex, unsigned int type)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(type),
		.sll_ifindex = ifindex,
	}, from;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	unsigned char data[2048];
	socklen_t len;
	ssize_t got;

	if (fd < 0 || bind(fd, (void *)&to, sizeof(to)))
		die("packet socket");
	puts("ready");
	while (!fflush(stdout)) {
		len = sizeof(from);
		got = recvfrom(fd, data, sizeof(data), MSG_TRUNC,
			       (void *)&from, &len);
		if (got < 14 || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		mac_print(data + 6);
		mac_print(data);
		printf("%zd\n", got);
	}
	return 1;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	unsigned int ifindex = argc > 2 ? if_nametoindex(argv[2]) : 0;

	if (!strcmp(verb, "hear") && ifindex && argc > 3 && argc - 3 <= MAX)
		return hear(argv[2], ifindex, argc - 3, argv + 3);
	if (!strcmp(verb, "tell") && ifindex && argc == 5)
		return tell(ifindex, argv[3], argv[4]);
	if (!strcmp(verb, "frames") && ifindex && argc == 4)
		return frames(ifindex, strtoul(argv[3], NULL, 0));
	fprintf(stderr, "usage: group hear|tell|frames DEV ...\n");
	return 2;
}
