// SPDX-License-Identifier: GPL-2.0
/*
 * Making and deleting networks.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "confirm.h"
#include "dhcp.h"
#include "firewall.h"
#include "network.h"
#include "rtnl.h"
#include "seed.h"
#include "state.h"
#include "tap.h"
#include "uplink.h"

/*
 * Choose the gateway's MAC address: the same each time for a network of this
 * name on this machine, for VMs that stay plugged in have it in their ARP
 * cache. Without a machine id, the kernel chooses one.
 */
static void vns_network_choose_mac(const struct vns_ctx *ctx, const char *name,
				   struct vns_network_options *options)
{
	uint64_t seed;

	if (!vns_seed_machine(&seed))
		return;
	seed = vns_seed_add(seed, ctx->netns ? ctx->netns : "");
	seed = vns_seed_add(seed, name);
	memcpy(options->mac, &seed, sizeof(options->mac));
	options->mac[0] = (options->mac[0] & 0xfc) | 0x02;
	options->seen |= VNS_BIT(VNS_NETWORK_MAC);
}

static int vns_network_create(struct vns_ctx *ctx, const char *name,
			      const struct vns_network_options *options,
			      struct vns_network *network)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;

	snprintf(what, sizeof(what), "make network %s", name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_NEW);
	mnl_attr_put_strz(nlh, VNETSHARE_A_NETWORK_NAME, name);
	vns_network_put(nlh, options);
	if (!vns_genl_network_talk(ctx, nlh, what, network))
		return VNS_OK;
	vns_uplink_explain(ctx, options->mode, options->uplink);
	return VNS_FAIL;
}

/* A bridged network needs an uplink whose frames nothing else takes. */
static int vns_network_find_uplink(struct vns_ctx *ctx, const char *name,
				   struct vns_network_options *options)
{
	char what[64];

	if (options->mode != VNETSHARE_MODE_BRIDGED)
		return VNS_OK;
	if (!options->uplink[0] &&
	    vns_uplink_choose(ctx, name, options->uplink))
		return VNS_FAIL;
	options->seen |= VNS_BIT(VNS_NETWORK_UPLINK);
	snprintf(what, sizeof(what), "make network %s", name);
	return vns_uplink_is_taken(ctx, what, options->uplink, 0) ? VNS_FAIL :
								    VNS_OK;
}

/**
 * vns_network_give_gateway - give the device the gateway's address
 * @subnet: the network's subnet; plen 0: none
 */
int vns_network_give_gateway(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_subnet *subnet)
{
	if (!subnet->plen)
		return VNS_OK;
	return vns_rtnl_addr_change(ctx, true, network->ifindex, network->name,
				    &subnet->gateway, subnet->plen);
}

/* Give a new device its addresses, set it up and start DHCP. */
static int vns_network_furnish(struct vns_ctx *ctx,
			       const struct vns_network_options *options,
			       const struct vns_network *network)
{
	if (vns_network_give_gateway(ctx, network, &options->subnet) ||
	    vns_rtnl_link_up(ctx, network->ifindex, network->name) ||
	    vns_network_give_gateway(ctx, network, &options->subnet6))
		return VNS_FAIL;
	/*
	 * files of an earlier network of this name, whose supervisor was killed
	 */
	if (vns_dhcp_stop(ctx, network->name, false))
		return VNS_FAIL;
	if (options->dhcp)
		return vns_dhcp_start(ctx, network->name, network->ifindex);
	return VNS_OK;
}

static int vns_network_find_subnet(struct vns_ctx *ctx, const char *name,
				   uint32_t ifindex,
				   struct vns_network_options *options)
{
	switch (options->subnet_kind) {
	case VNS_SUBNET_AUTO:
		return vns_subnet_choose(ctx, name, ifindex, &options->subnet);
	case VNS_SUBNET_CIDR:
		return vns_subnet_check(ctx, &options->subnet, ifindex);
	case VNS_SUBNET_OFF:
		options->subnet.plen = 0;
		break;
	case VNS_SUBNET_KEEP:
		break;
	}
	return VNS_OK;
}

static int vns_network_find_subnet6(struct vns_ctx *ctx, const char *name,
				    uint32_t ifindex,
				    struct vns_network_options *options)
{
	const char *obstacle = vns_ula_obstacle(name, options->mtu);
	enum vns_subnet_kind kind = options->subnet6_kind;

	if (kind == VNS_SUBNET_KEEP && !options->subnet6.plen)
		kind = VNS_SUBNET_OFF;
	if (kind != VNS_SUBNET_OFF && obstacle) {
		if (kind == VNS_SUBNET_CIDR) {
			vns_error("%s cannot have an IPv6 subnet: %s", name,
				  obstacle);
			return VNS_FAIL;
		}
		vns_note("%s has no IPv6 subnet: %s", name, obstacle);
		kind = VNS_SUBNET_OFF;
	}
	switch (kind) {
	case VNS_SUBNET_AUTO:
		return vns_ula_choose(ctx, name, ifindex, &options->subnet6);
	case VNS_SUBNET_CIDR:
		return vns_subnet_check(ctx, &options->subnet6, ifindex);
	case VNS_SUBNET_OFF:
		options->subnet6.plen = 0;
		break;
	case VNS_SUBNET_KEEP:
		break;
	}
	return VNS_OK;
}

/**
 * vns_network_find_subnets - choose or check the subnets of a network
 * @ctx: the invocation; vns_state_begin() has been called
 * @name: the network's name
 * @ifindex: of the network's device, 0: there is none yet
 * @options: the wishes, with the MTU; the subnets are set
 */
int vns_network_find_subnets(struct vns_ctx *ctx, const char *name,
			     uint32_t ifindex,
			     struct vns_network_options *options)
{
	/* the subnets are kept for another mode */
	if (options->mode == VNETSHARE_MODE_BRIDGED) {
		if (options->subnet_kind == VNS_SUBNET_OFF)
			options->subnet.plen = 0;
		if (options->subnet6_kind == VNS_SUBNET_OFF)
			options->subnet6.plen = 0;
		return VNS_OK;
	}
	if (vns_network_find_subnet(ctx, name, ifindex, options) ||
	    vns_network_find_subnet6(ctx, name, ifindex, options))
		return VNS_FAIL;
	if (!options->dhcp || options->subnet.plen || options->subnet6.plen)
		return VNS_OK;
	vns_error("DHCP of %s needs a subnet: give one, or \"dhcp off\"", name);
	return VNS_FAIL;
}

/*
 * Remove kept files of a network: its own, or those of an earlier one with the
 * same ifindex.
 */
static void vns_network_forget(struct vns_ctx *ctx, uint32_t ifindex)
{
	vns_confirm_cancel(ctx, ifindex);
	vns_kept_remove(ctx, ifindex);
}

/**
 * vns_network_make - make a network, completely or not at all
 * @options: complete settings; the chosen subnets are set
 */
int vns_network_make(struct vns_ctx *ctx, const char *name,
		     struct vns_network_options *options,
		     struct vns_network *network)
{
	int lock, ret = VNS_FAIL;

	if (options->dhcp && vns_dhcp_check(name))
		return VNS_FAIL;
	if (vns_genl_open(ctx))
		return VNS_FAIL;
	lock = vns_state_begin();
	if (lock < 0)
		return VNS_FAIL;
	/*
	 * the kernel would check this, too, but only after the choice of
	 * subnets
	 */
	if (if_nametoindex(name)) {
		vns_error("there is a device %s already", name);
		goto out;
	}
	if (!(options->seen & VNS_BIT(VNS_NETWORK_MAC)))
		vns_network_choose_mac(ctx, name, options);
	if (vns_network_find_uplink(ctx, name, options) ||
	    vns_network_find_subnets(ctx, name, 0, options) ||
	    vns_network_create(ctx, name, options, network))
		goto out;
	vns_network_forget(ctx, network->ifindex);
	ret = vns_network_furnish(ctx, options, network);
	if (ret) {
		vns_dhcp_stop(ctx, name, false);
		vns_genl_network_del(ctx, name, network->ifindex);
	}
out:
	vns_state_end(lock);
	if (!ret)
		vns_firewall_warn(ctx, network);
	return ret;
}

/* The taps that "attach" has made and that are ports of the network. */
static int vns_network_list_taps(struct vns_ctx *ctx,
				 const struct vns_network *network,
				 struct vns_array *taps)
{
	struct vns_array ports = { };
	const struct vns_port *port;
	size_t i;
	int ret;

	taps->size = sizeof(*port);
	ret = vns_genl_ports(ctx, network->ifindex, &ports);
	port = ports.items;
	for (i = 0; !ret && i < ports.count; i++, port++)
		if (vns_tap_is_ours(ctx, port))
			*(struct vns_port *)vns_array_add(taps) = *port;
	vns_array_free(&ports);
	return ret;
}

/**
 * vns_network_remove - delete a network, its DHCP and its taps
 *
 * Return: VNS_OK, or VNS_FAIL when something of it is left
 */
int vns_network_remove(struct vns_ctx *ctx, const struct vns_network *network)
{
	struct vns_array taps = { };
	const struct vns_port *tap;
	int lock, pidfd, ret = VNS_FAIL;
	size_t i;

	lock = vns_state_begin();
	if (lock < 0)
		return VNS_FAIL;
	if (vns_network_list_taps(ctx, network, &taps))
		goto out;
	pidfd = vns_dhcp_open(ctx, network->name);
	ret = vns_genl_network_del(ctx, network->name, network->ifindex);
	if (ret) {
		if (pidfd >= 0)
			close(pidfd);
		goto out;
	}
	vns_network_forget(ctx, network->ifindex);
	ret = vns_dhcp_finish(ctx, network->name, pidfd);
	tap = taps.items;
	for (i = 0; i < taps.count; i++, tap++)
		if (vns_rtnl_link_del(ctx, tap->ifindex, tap->name))
			ret = VNS_FAIL;
out:
	vns_array_free(&taps);
	vns_state_end(lock);
	return ret;
}
