// SPDX-License-Identifier: GPL-2.0
/*
 * The last router advertisement of a network that loses its IPv6 subnet (RFC
 * 4861, 6.2.5). dnsmasq sends the others but none at its end: without this one,
 * VMs would continue to use a router that is gone.
 */
#include <netinet/icmp6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dhcp.h"

/* minimum lifetime that hosts keep for an address in use (RFC 4862) */
#define VNS_RA_VALID_SECONDS	7200

/* A router advertisement with one prefix */
struct vns_ra {
	struct nd_router_advert head;
	struct nd_opt_prefix_info prefix;
};

static int vns_ra_open(uint32_t ifindex)
{
	int fd, hops = 255, index = ifindex;

	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (fd < 0)
		return -1;
	/* receivers require this hop limit; the kernel adds the checksum */
	if (!setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops,
			sizeof(hops)) &&
	    !setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
			sizeof(index)))
		return fd;
	close(fd);
	return -1;
}

/**
 * vns_ra_resign - tell VMs that the host is no router any more
 * @ifindex: the network's device, which still has the subnet
 * @subnet: the IPv6 subnet; VMs stop using its addresses for new connections
 *
 * Failures are ignored: the network may have no running port.
 */
void vns_ra_resign(uint32_t ifindex, const struct vns_subnet *subnet)
{
	struct sockaddr_in6 all = {
		.sin6_family = AF_INET6,
		.sin6_addr = { .s6_addr = { 0xff, 2, [15] = 1 } },
		.sin6_scope_id = ifindex,
	};
	struct vns_ra ra = {
		.head.nd_ra_type = ND_ROUTER_ADVERT,
		.prefix = {
			.nd_opt_pi_type = ND_OPT_PREFIX_INFORMATION,
			.nd_opt_pi_len = sizeof(ra.prefix) / 8,
			.nd_opt_pi_prefix_len = subnet->plen,
			.nd_opt_pi_flags_reserved = ND_OPT_PI_FLAG_ONLINK |
						    ND_OPT_PI_FLAG_AUTO,
			.nd_opt_pi_valid_time = htonl(VNS_RA_VALID_SECONDS),
		},
	};
	int fd = vns_ra_open(ifindex);

	if (fd < 0)
		return;
	memcpy(&ra.prefix.nd_opt_pi_prefix, subnet->gateway.bytes,
	       subnet->plen / 8);
	sendto(fd, &ra, sizeof(ra), 0, (struct sockaddr *)&all, sizeof(all));
	close(fd);
}
