// SPDX-License-Identifier: GPL-2.0
/* Subnets: parsing, comparing and formatting; the current one of a network. */
#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "rtnl.h"
#include "subnet.h"

#define VNS_SUBNET_MIN_PLEN		8
#define VNS_SUBNET_MAX_PLEN		30

/* Clear or set all bits of an address after the prefix. */
static void vns_subnet_fill(struct vns_ip *ip, uint8_t plen, bool set)
{
	size_t i, size = vns_ip_size(ip);
	uint8_t mask;

	for (i = plen / 8; i < size; i++) {
		mask = i == plen / 8u ? 0xff >> plen % 8 : 0xff;
		if (set)
			ip->bytes[i] |= mask;
		else
			ip->bytes[i] &= ~mask;
	}
}

/* Write a subnet as "ADDRESS/LENGTH"; @text has VNS_SUBNET_TEXT bytes. */
void vns_subnet_format(const struct vns_subnet *subnet, char *text)
{
	struct vns_ip base = subnet->gateway;
	char ip[VNS_IP_TEXT];

	vns_subnet_fill(&base, subnet->plen, false);
	snprintf(text, VNS_SUBNET_TEXT, "%s/%u", vns_ip_format(&base, ip),
		 subnet->plen);
}

/* Are both the subnets and their gateways equal? */
bool vns_subnet_equal(const struct vns_subnet *a, const struct vns_subnet *b)
{
	return a->plen == b->plen &&
	       (!a->plen || vns_ip_equal(&a->gateway, &b->gateway));
}

bool vns_subnet_holds(const struct vns_subnet *subnet, const struct vns_ip *ip)
{
	return subnet->plen && vns_ip_in(ip, &subnet->gateway, subnet->plen);
}

/* Is it an address that no machine on a network can have? */
static bool vns_subnet_is_reserved(const struct vns_ip *ip)
{
	if (vns_ip_is_group(ip))
		return true;
	if (ip->family == AF_INET)
		return !ip->bytes[0] || ip->bytes[0] == 127;
	/* ::/8 contains the loopback and the IPv4-mapped addresses */
	return !ip->bytes[0] || vns_ip_is_link_local(ip);
}

/* The gateway is the address given, or the first of the subnet. */
static int vns_subnet_parse_gateway(const char *key, const char *word,
				    struct vns_subnet *subnet)
{
	struct vns_ip *gateway = &subnet->gateway;
	struct vns_ip base = *gateway, last = *gateway;

	if (vns_subnet_is_reserved(gateway))
		return vns_usage_error("%s %s: these addresses are reserved",
				       key, word);
	vns_subnet_fill(&base, subnet->plen, false);
	vns_subnet_fill(&last, subnet->plen, true);
	if (gateway->family == AF_INET && vns_ip_equal(gateway, &last))
		return vns_usage_error("%s %s: that is the broadcast address",
				       key, word);
	if (vns_ip_equal(gateway, &base))
		gateway->bytes[vns_ip_size(gateway) - 1]++;
	return VNS_OK;
}

/**
 * vns_subnet_parse - read "auto", "off" or a prefix
 * @key: the keyword, for the message
 * @family: AF_INET or AF_INET6, the family of the prefix
 * @subnet: set when @word is a prefix; the gateway is the address given, or the
 *	first of the subnet if the address is the subnet's own
 */
int vns_subnet_parse(const char *key, const char *word, uint8_t family,
		     enum vns_subnet_kind *kind, struct vns_subnet *subnet)
{
	uint32_t plen, min = VNS_SUBNET_MIN_PLEN, max = VNS_SUBNET_MAX_PLEN;
	char text[VNS_IP_TEXT];
	const char *slash;

	if (!strcmp(word, "auto") || !strcmp(word, "off")) {
		*kind = *word == 'a' ? VNS_SUBNET_AUTO : VNS_SUBNET_OFF;
		return VNS_OK;
	}
	slash = strchr(word, '/');
	if (!slash || slash - word >= (int)sizeof(text))
		goto bad;
	snprintf(text, sizeof(text), "%.*s", (int)(slash - word), word);
	if (!vns_ip_parse(text, &subnet->gateway) ||
	    subnet->gateway.family != family)
		goto bad;
	if (vns_parse_u32("prefix length", slash + 1, &plen))
		return VNS_USAGE;
	if (family == AF_INET6 && plen != VNS_SUBNET6_PLEN)
		return vns_usage_error("%s %s: the prefix length is %u", key,
				       word, VNS_SUBNET6_PLEN);
	if (family == AF_INET && (plen < min || plen > max))
		return vns_usage_error("%s %s: the prefix length is %u to %u",
				       key, word, min, max);
	subnet->plen = plen;
	*kind = VNS_SUBNET_CIDR;
	return vns_subnet_parse_gateway(key, word, subnet);
bad:
	return vns_usage_error("%s is auto, off or a subnet like %s, not \"%s\"",
			       key, family == AF_INET ? "10.20.30.0/24" :
			       "fd12:3456:789a:1::/64", word);
}

/*
 * Can the address be the gateway? The device also has a link-local IPv6
 * address, and may have others.
 */
static bool vns_subnet_is_gateway(const struct vns_addr *addr)
{
	if (addr->local.family == AF_INET)
		return !addr->secondary;
	return addr->permanent && addr->plen == VNS_SUBNET6_PLEN &&
	       !vns_ip_is_link_local(&addr->local);
}

/**
 * vns_subnet_of - read the current subnet of a network
 * @ifindex: the network's device
 * @family: AF_INET or AF_INET6
 * @subnet: set to the subnet of the family's first address on the device;
 *	plen 0: it has none
 */
int vns_subnet_of(struct vns_ctx *ctx, uint32_t ifindex, uint8_t family,
		  struct vns_subnet *subnet)
{
	struct vns_array addrs = { };
	const struct vns_addr *addr;
	size_t i;
	int ret;

	memset(subnet, 0, sizeof(*subnet));
	ret = vns_rtnl_addrs(ctx, &addrs);
	addr = addrs.items;
	for (i = 0; !ret && i < addrs.count; i++, addr++) {
		if (addr->ifindex != ifindex || addr->local.family != family ||
		    !vns_subnet_is_gateway(addr))
			continue;
		subnet->gateway = addr->local;
		subnet->plen = addr->plen;
		/* the kernel lists the oldest IPv4 address first, IPv6 last */
		if (family == AF_INET)
			break;
	}
	vns_array_free(&addrs);
	return ret;
}
