/* SPDX-License-Identifier: GPL-2.0 */
/* Frames as a VM or a network card hands them over, and what they look like
 * on arrival.
 */
#ifndef VNS_BENCH_PACKET_H
#define VNS_BENCH_PACKET_H

#include <linux/types.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <stdbool.h>
#include <stddef.h>

#define PACKET_MAX	(sizeof(struct virtio_net_hdr) + 14 + 65535)

/* An IPv4 address is in the first four bytes. */
struct address {
	__u8 byte[16];
};

/* Ports in host order. */
struct tuple {
	struct address src, dst;
	__u16 sport, dport;
};

struct link {
	__u8 src[ETH_ALEN], dst[ETH_ALEN];
};

/* What all frames of a run have in common. */
struct shape {
	bool ipv6;
	__u8 proto;		/* IPPROTO_UDP or IPPROTO_TCP */
	size_t len;		/* with the Ethernet header */
	unsigned int gso;	/* size of a segment; 0: one frame is one */
	bool partial;		/* the device shall do the checksum */
};

/* What differs from frame to frame. */
struct packet {
	struct link link;
	struct tuple tuple;
	__u8 ttl;
	__u8 flags;		/* TCP */
	__u32 seq, ack;	/* TCP */
	__u32 serial;	/* in the payload's last four bytes */
};

/* The shortest frame of that kind that has room for a serial number. */
size_t packet_min_len(const struct shape *shape);

/* Payload of TCP in a frame, in bytes. */
size_t packet_payload(const struct shape *shape);

/*
 * Writes a frame into @buf, which has room for PACKET_MAX and is zero or holds
 * an earlier frame of that shape. A SYN is of its own length. Returns the
 * length with the virtio_net_hdr that it begins with.
 */
size_t packet_build(unsigned char *buf, const struct shape *shape,
		    const struct packet *packet);

/* Is a frame that was read one of ours? */
bool packet_ours(const unsigned char *buf, size_t len,
		 const struct shape *shape);

/*
 * Reads one of ours. Returns NULL and fills @packet, or says what is wrong
 * with its length, its checksums or its offloads.
 */
const char *packet_parse(const unsigned char *buf, size_t len,
			 const struct shape *shape, struct packet *packet);

#endif
