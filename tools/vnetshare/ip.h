/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP addresses of either family.
 */
#ifndef VNS_IP_H
#define VNS_IP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct vns_ip - an IP address
 * @family: AF_INET, AF_INET6, or 0: none
 * @bytes: the address, 4 or 16 bytes
 */
struct vns_ip {
	uint8_t family;
	uint8_t bytes[16];
};

/* more than a port can have of one kind */
#define VNS_IPS_MAX		64

/**
 * struct vns_ips - some IP addresses
 * @count: number of addresses
 */
struct vns_ips {
	unsigned int count;
	struct vns_ip ip[VNS_IPS_MAX];
};

/* room for an address, and for "[address]:port-port" */
#define VNS_IP_TEXT		46
#define VNS_IP_ENDPOINT_TEXT	64

size_t vns_ip_size(const struct vns_ip *ip);
bool vns_ip_parse(const char *word, struct vns_ip *ip);
bool vns_ip_read(struct vns_ip *ip, const void *bytes, size_t size);
bool vns_ip_equal(const struct vns_ip *a, const struct vns_ip *b);
bool vns_ip_in(const struct vns_ip *ip, const struct vns_ip *subnet,
	       unsigned int plen);
bool vns_ip_is_group(const struct vns_ip *ip);
bool vns_ip_is_link_local(const struct vns_ip *ip);
void vns_ip_to_mapped(const struct vns_ip *ip, uint8_t mapped[16]);
void vns_ip_from_mapped(struct vns_ip *ip, const uint8_t mapped[16]);
const char *vns_ip_format(const struct vns_ip *ip, char *text);
const char *vns_ip_format_endpoint(const struct vns_ip *ip, uint16_t port,
				   uint16_t last, char *text);

#endif /* VNS_IP_H */
