// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses and names of VMs: leases and the host's neighbour tables; in mode
 * bridged, the addresses that the kernel module has seen.
 */
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lease.h"
#include "rtnl.h"

/* Neighbours in these states have no confirmed MAC address. */
#define VNS_KNOWN_NOT	(NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP)

static int vns_known_neighbour_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct vns_neighbour neighbour = { };
	const struct nlattr *attr;
	bool has_mac = false;

	if (!ndm->ndm_state || (ndm->ndm_state & VNS_KNOWN_NOT))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*ndm)) {
		if (mnl_attr_get_type(attr) == NDA_DST)
			vns_nl_ip(&neighbour.ip, attr);
		else if (mnl_attr_get_type(attr) == NDA_LLADDR)
			has_mac = vns_nl_mac(neighbour.mac, attr);
	}
	if (has_mac && neighbour.ip.family)
		*(struct vns_neighbour *)vns_array_add(data) = neighbour;
	return MNL_CB_OK;
}

/* AF_UNSPEC lists the neighbours of both families. */
static int vns_known_neighbours(struct vns_ctx *ctx, uint32_t ifindex,
				struct vns_array *neighbours)
{
	char buf[VNS_NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	neighbours->size = sizeof(struct vns_neighbour);
	if (vns_rtnl_open(ctx))
		return VNS_FAIL;
	nlh = vns_nl_begin(buf);
	nlh->nlmsg_type = RTM_GETNEIGH;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ndmsg));
	mnl_attr_put_u32(nlh, NDA_IFINDEX, ifindex);
	return vns_rtnl_dump(ctx, nlh, "the neighbours",
			     vns_known_neighbour_cb, neighbours);
}

/*
 * In mode bridged, VMs have no leases from this host; the module has seen their
 * addresses.
 */
static int vns_known_seen(struct vns_ctx *ctx, uint32_t ifindex,
			  struct vns_array *neighbours)
{
	struct vns_neighbour *neighbour;
	const struct vns_neigh *neigh;
	struct vns_array neighs = { };
	size_t i;
	int ret;

	neighbours->size = sizeof(*neighbour);
	ret = vns_genl_neighs(ctx, ifindex, &neighs);
	neigh = neighs.items;
	for (i = 0; !ret && i < neighs.count; i++, neigh++) {
		neighbour = vns_array_add(neighbours);
		neighbour->ip = neigh->ip;
		memcpy(neighbour->mac, neigh->mac, 6);
		neighbour->port_id = neigh->port_id;
		neighbour->age = neigh->age;
	}
	vns_array_free(&neighs);
	return ret;
}

/**
 * vns_known_read - read addresses and names of the VMs of a network
 * @known: set; to be freed by the caller, also after a failure
 */
int vns_known_read(struct vns_ctx *ctx, const struct vns_network *network,
		   struct vns_known *known)
{
	memset(known, 0, sizeof(*known));
	known->network = network->ifindex;
	if (network->mode == VNETSHARE_MODE_BRIDGED)
		return vns_known_seen(ctx, network->ifindex,
				      &known->neighbours);
	vns_lease_read(ctx, network->name, &known->leases);
	return vns_known_neighbours(ctx, network->ifindex, &known->neighbours);
}

void vns_known_free(struct vns_known *known)
{
	vns_array_free(&known->leases);
	vns_array_free(&known->neighbours);
}

/**
 * vns_known_name - the name of the VM that has an address
 *
 * Return: the name, valid as long as @known, or NULL
 */
const char *vns_known_name(const struct vns_known *known,
			   const struct vns_ip *ip)
{
	const struct vns_neighbour *neighbour = known->neighbours.items;
	const struct vns_lease *lease = known->leases.items;
	size_t i;

	for (i = 0; i < known->leases.count; i++)
		if (vns_ip_equal(&lease[i].address, ip))
			return lease[i].name[0] ? lease[i].name : NULL;
	for (i = 0; i < known->neighbours.count; i++) {
		if (!vns_ip_equal(&neighbour[i].ip, ip))
			continue;
		lease = vns_lease_of_mac(&known->leases, neighbour[i].mac);
		return lease && lease->name[0] ? lease->name : NULL;
	}
	return NULL;
}

static void vns_known_add_ip(struct vns_ips *ips, const struct vns_ip *ip)
{
	unsigned int i;

	for (i = 0; i < ips->count; i++)
		if (vns_ip_equal(&ips->ip[i], ip))
			return;
	if (ips->count < VNS_IPS_MAX)
		ips->ip[ips->count++] = *ip;
}

/**
 * vns_known_ips - the addresses of the VM that has a MAC address
 * @ips: set; the address of the lease comes first
 */
void vns_known_ips(const struct vns_known *known, const uint8_t mac[6],
		   struct vns_ips *ips)
{
	const struct vns_neighbour *neighbour = known->neighbours.items;
	const struct vns_lease *lease;
	size_t i;

	ips->count = 0;
	lease = vns_lease_of_mac(&known->leases, mac);
	if (lease)
		vns_known_add_ip(ips, &lease->address);
	for (i = 0; i < known->neighbours.count; i++, neighbour++)
		if (!memcmp(neighbour->mac, mac, 6))
			vns_known_add_ip(ips, &neighbour->ip);
}
