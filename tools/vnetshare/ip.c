// SPDX-License-Identifier: GPL-2.0
/*
 * IP addresses of either family.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "ip.h"

static const uint8_t vns_ip_mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* The size in bytes: 4, 16, or 0 for no address */
size_t vns_ip_size(const struct vns_ip *ip)
{
	if (ip->family == AF_INET)
		return 4;
	return ip->family == AF_INET6 ? 16 : 0;
}

/**
 * vns_ip_parse - read an address; prints no error
 *
 * Return: the word is an address
 */
bool vns_ip_parse(const char *word, struct vns_ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	ip->family = strchr(word, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(ip->family, word, ip->bytes) == 1)
		return true;
	ip->family = 0;
	return false;
}

/**
 * vns_ip_read - copy an address from a message
 *
 * Return: @size is that of an address, 4 or 16
 */
bool vns_ip_read(struct vns_ip *ip, const void *bytes, size_t size)
{
	memset(ip, 0, sizeof(*ip));
	if (size != 4 && size != 16)
		return false;
	ip->family = size == 4 ? AF_INET : AF_INET6;
	memcpy(ip->bytes, bytes, size);
	return true;
}

bool vns_ip_equal(const struct vns_ip *a, const struct vns_ip *b)
{
	return a->family == b->family &&
	       !memcmp(a->bytes, b->bytes, vns_ip_size(a));
}

/**
 * vns_ip_in - is an address in the subnet?
 * @subnet: any address of the subnet
 * @plen: prefix length
 */
bool vns_ip_in(const struct vns_ip *ip, const struct vns_ip *subnet,
	       unsigned int plen)
{
	unsigned int whole = plen / 8, rest = plen % 8;

	if (!ip->family || ip->family != subnet->family ||
	    memcmp(ip->bytes, subnet->bytes, whole))
		return false;
	return !rest || (ip->bytes[whole] ^ subnet->bytes[whole]) >>
			(8 - rest) == 0;
}

/* Is it a multicast address or the IPv4 broadcast address? */
bool vns_ip_is_group(const struct vns_ip *ip)
{
	if (ip->family == AF_INET)
		return ip->bytes[0] >= 224;
	return ip->family == AF_INET6 && ip->bytes[0] == 0xff;
}

bool vns_ip_is_link_local(const struct vns_ip *ip)
{
	if (ip->family == AF_INET)
		return ip->bytes[0] == 169 && ip->bytes[1] == 254;
	return ip->family == AF_INET6 && ip->bytes[0] == 0xfe &&
	       (ip->bytes[1] & 0xc0) == 0x80;
}

/* Write an address as 16 bytes; IPv4 becomes ::ffff:a.b.c.d. */
void vns_ip_to_mapped(const struct vns_ip *ip, uint8_t mapped[16])
{
	if (ip->family == AF_INET6) {
		memcpy(mapped, ip->bytes, 16);
		return;
	}
	memcpy(mapped, vns_ip_mapped_prefix, 12);
	memcpy(mapped + 12, ip->bytes, 4);
}

void vns_ip_from_mapped(struct vns_ip *ip, const uint8_t mapped[16])
{
	if (memcmp(mapped, vns_ip_mapped_prefix, 12))
		vns_ip_read(ip, mapped, 16);
	else
		vns_ip_read(ip, mapped + 12, 4);
}

/**
 * vns_ip_format - write an address as text
 * @ip: the address; no address becomes "*"
 * @text: VNS_IP_TEXT bytes
 *
 * Return: @text
 */
const char *vns_ip_format(const struct vns_ip *ip, char *text)
{
	if (!inet_ntop(ip->family, ip->bytes, text, VNS_IP_TEXT))
		strcpy(text, "*");
	return text;
}

/**
 * vns_ip_format_endpoint - write an address with ports as text
 * @ip: the address; no address becomes "*"
 * @port: the first port, 0: none
 * @last: the last port; @port for a single one
 * @text: VNS_IP_ENDPOINT_TEXT bytes, set to "10.0.0.1:80-81" or "[::1]:80"
 *
 * Return: @text
 */
const char *vns_ip_format_endpoint(const struct vns_ip *ip, uint16_t port,
				   uint16_t last, char *text)
{
	bool brackets = port && ip->family == AF_INET6;
	char address[VNS_IP_TEXT], ports[16] = "";

	vns_ip_format(ip, address);
	if (port && last > port)
		snprintf(ports, sizeof(ports), ":%u-%u", port, last);
	else if (port)
		snprintf(ports, sizeof(ports), ":%u", port);
	snprintf(text, VNS_IP_ENDPOINT_TEXT, "%s%s%s%s", brackets ? "[" : "",
		 address, brackets ? "]" : "", ports);
	return text;
}
