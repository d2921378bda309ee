// SPDX-License-Identifier: GPL-2.0
/*
 * Writes one TCP segment of many kilobytes into a tap as a guest with
 * segmentation offload does, and says how it arrives at another tap:
 *
 *   tapgso FROM TO SRC-MAC DST-MAC SRC-IP DST-IP [MAC [MSS]]
 *
 * where FROM and TO may each end in @FILE, the network namespace that the tap is
 * in, and MAC is the address under which TO makes itself known by ARP before; and
 * which
 * prints "frame LENGTH gso TYPE SIZE", one line each frame of that TCP
 * connection that is read from TO within 500 ms after the first. When none
 * comes, it is written again.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PAYLOAD	40000
#define MSS	1448

struct packet {
	struct virtio_net_hdr vnet;
	struct ether_header eth;
	struct iphdr ip;
	struct tcphdr tcp;
	unsigned char payload[PAYLOAD];
};

static_assert(offsetof(struct packet, payload) ==
	      sizeof(struct virtio_net_hdr) + sizeof(struct ether_header) +
	      sizeof(struct iphdr) + sizeof(struct tcphdr),
	      "headers follow each other without gaps");

static struct packet packet;
static unsigned char in[70000];

static int tap_open(char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	unsigned int offload = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	int home = open("/proc/self/ns/net", O_RDONLY), there = home, fd;
	char *netns = strchr(name, '@');

	if (netns) {
		*netns++ = 0;
		there = open(netns, O_RDONLY);
	}
	if (setns(there, CLONE_NEWNET)) {
		perror(netns);
		exit(2);
	}
	/* it belongs to the namespace where it is opened */
	fd = open("/dev/net/tun", O_RDWR);
	if (setns(home, CLONE_NEWNET)) {
		perror("setns");
		exit(2);
	}

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) ||
	    ioctl(fd, TUNSETOFFLOAD, offload)) {
		perror(name);
		exit(2);
	}
	return fd;
}

static unsigned int sum(unsigned int sum, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Returns how many frames came, and prints them */
static int receive(int to)
{
	const struct virtio_net_hdr *vnet = (void *)in;
	const struct tcphdr *tcp = &((struct packet *)in)->tcp;
	int wait = 1500, frames = 0;
	struct pollfd pfd = { .fd = to, .events = POLLIN };
	ssize_t n;

	while (poll(&pfd, 1, wait) > 0) {
		n = read(to, in, sizeof(in));
		if (n < (ssize_t)(sizeof(packet) - PAYLOAD) ||
		    tcp->source != packet.tcp.source ||
		    tcp->dest != packet.tcp.dest)
			continue;
		printf("frame %zd gso %u %u\n", n - sizeof(*vnet),
		       vnet->gso_type, vnet->gso_size);
		frames++;
		wait = 500;
	}
	return frames;
}

/* Has DST-IP under an address of its own */
static void announce(int to, const char *mac, const char *ip)
{
	struct {
		struct virtio_net_hdr vnet;
		struct ether_header eth;
		struct ether_arp arp;
	} frame = { };

	static_assert(sizeof(frame) == 10 + 14 + 28, "no gaps");
	memset(frame.eth.ether_dhost, 0xff, ETH_ALEN);
	frame.eth.ether_type = htons(ETHERTYPE_ARP);
	frame.arp.arp_hrd = htons(ARPHRD_ETHER);
	frame.arp.arp_pro = htons(ETHERTYPE_IP);
	frame.arp.arp_hln = ETH_ALEN;
	frame.arp.arp_pln = 4;
	frame.arp.arp_op = htons(ARPOP_REPLY);
	if (!ether_aton_r(mac, (void *)frame.eth.ether_shost)) {
		fprintf(stderr, "tapgso: not an Ethernet address\n");
		exit(2);
	}
	memcpy(frame.arp.arp_sha, frame.eth.ether_shost, ETH_ALEN);
	memcpy(frame.arp.arp_tha, frame.eth.ether_shost, ETH_ALEN);
	memcpy(frame.arp.arp_spa, &(in_addr_t){ inet_addr(ip) }, 4);
	memcpy(frame.arp.arp_tpa, frame.arp.arp_spa, 4);
	if (write(to, &frame, sizeof(frame)) != sizeof(frame)) {
		perror("announce");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct packet *p = &packet;
	int from, to, tries, frames = 0;
	unsigned int tcp_len = sizeof(p->tcp) + PAYLOAD;

	if (argc < 7 || argc > 9) {
		fprintf(stderr,
			"usage: tapgso FROM TO SMAC DMAC SIP DIP [MAC [MSS]]\n");
		return 2;
	}
	from = tap_open(argv[1]);
	to = tap_open(argv[2]);

	if (!ether_aton_r(argv[3], (void *)p->eth.ether_shost) ||
	    !ether_aton_r(argv[4], (void *)p->eth.ether_dhost)) {
		fprintf(stderr, "tapgso: not an Ethernet address\n");
		return 2;
	}
	p->eth.ether_type = htons(ETHERTYPE_IP);

	p->ip.version = 4;
	p->ip.ihl = 5;
	p->ip.tot_len = htons(sizeof(p->ip) + tcp_len);
	p->ip.id = htons(1);
	p->ip.ttl = 64;
	p->ip.protocol = IPPROTO_TCP;
	p->ip.saddr = inet_addr(argv[5]);
	p->ip.daddr = inet_addr(argv[6]);
	p->ip.check = htons(~sum(0, &p->ip, sizeof(p->ip)));

	p->tcp.source = htons(40000);
	p->tcp.dest = htons(40001);
	p->tcp.seq = htonl(1);
	p->tcp.ack = 1;
	p->tcp.psh = 1;
	p->tcp.doff = 5;
	p->tcp.window = htons(1000);
	/* the pseudo header's sum: the device completes it */
	p->tcp.check = htons(sum(sum(tcp_len + IPPROTO_TCP, &p->ip.saddr, 4),
				 &p->ip.daddr, 4));

	p->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p->vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	p->vnet.hdr_len = sizeof(p->eth) + sizeof(p->ip) + sizeof(p->tcp);
	p->vnet.gso_size = argc == 9 ? atoi(argv[8]) : MSS;
	p->vnet.csum_start = sizeof(p->eth) + sizeof(p->ip);
	p->vnet.csum_offset = offsetof(struct tcphdr, check);

	/* a bridge may not have noticed yet that the taps are in use */
	for (tries = 0; tries < 6 && !frames; tries++) {
		if (argc > 7)
			announce(to, argv[7], argv[6]);
		if (write(from, p, sizeof(*p)) != sizeof(*p)) {
			perror("write");
			return 2;
		}
		frames = receive(to);
	}
	return !frames;
}
