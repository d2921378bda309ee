// SPDX-License-Identifier: GPL-2.0
/* The settings of a network: defaults, dependencies, and their attributes. */
#include <string.h>

#include "network.h"

#define VNS_NETWORK_DEFAULT_MTU	1500

/**
 * vns_network_defaults - the settings of a network when the user gives none
 * @options: set; vns_network_complete() sets what depends on others
 */
void vns_network_defaults(struct vns_network_options *options)
{
	memset(options, 0, sizeof(*options));
	options->mode = VNETSHARE_MODE_NAT;
	options->uplink_auto = true;
	options->mtu = VNS_NETWORK_DEFAULT_MTU;
}

/* Does the user want a subnet? */
static bool vns_network_wants(const struct vns_network_options *options,
			      enum vns_network_key key,
			      enum vns_subnet_kind kind)
{
	return (options->seen & VNS_BIT(key)) &&
	       (kind == VNS_SUBNET_AUTO || kind == VNS_SUBNET_CIDR);
}

/**
 * vns_network_misfit - find a setting that contradicts the mode
 *
 * Return: the error message, or NULL
 */
const char *vns_network_misfit(const struct vns_network_options *options)
{
	bool dhcp = (options->seen & VNS_BIT(VNS_NETWORK_DHCP)) &&
		    options->dhcp;

	if (options->mode == VNETSHARE_MODE_ISOLATED && dhcp)
		return "a network of mode isolated has no DHCP";
	if (options->mode != VNETSHARE_MODE_BRIDGED)
		return NULL;
	if (vns_network_wants(options, VNS_NETWORK_SUBNET,
			      options->subnet_kind) ||
	    vns_network_wants(options, VNS_NETWORK_SUBNET6,
			      options->subnet6_kind))
		return "a network of mode bridged has no subnet: its VMs are on the LAN's";
	if (dhcp)
		return "a network of mode bridged has no DHCP: its VMs ask the LAN's";
	return NULL;
}

/**
 * vns_network_complete - derive settings that were not given
 * @options: the settings given; subnets and DHCP are completed
 *
 * Return: VNS_OK, or VNS_USAGE for a contradiction
 */
int vns_network_complete(struct vns_network_options *options)
{
	const char *misfit = vns_network_misfit(options);
	bool gateway = vns_genl_has_gateway(options->mode);
	bool bare;

	if (misfit)
		return vns_usage_error("%s", misfit);
	if (!(options->seen & VNS_BIT(VNS_NETWORK_SUBNET)))
		options->subnet_kind = gateway ? VNS_SUBNET_AUTO :
						 VNS_SUBNET_OFF;
	if (!(options->seen & VNS_BIT(VNS_NETWORK_SUBNET6)))
		options->subnet6_kind = options->subnet_kind == VNS_SUBNET_OFF ?
					VNS_SUBNET_OFF : VNS_SUBNET_AUTO;
	bare = options->subnet_kind == VNS_SUBNET_OFF &&
	       options->subnet6_kind == VNS_SUBNET_OFF;
	if (!(options->seen & VNS_BIT(VNS_NETWORK_DHCP)))
		options->dhcp = gateway && !bare;
	if (options->dhcp && bare)
		return vns_usage_error("dhcp on needs a subnet");
	return VNS_OK;
}

static void vns_network_put_uplink(struct nlmsghdr *nlh,
				   const struct vns_network_options *options)
{
	mnl_attr_put_strz(nlh, VNETSHARE_A_NETWORK_UPLINK, options->uplink);
	/* other modes choose no uplink in advance */
	if (options->mode == VNETSHARE_MODE_BRIDGED)
		mnl_attr_put_u8(nlh, VNETSHARE_A_NETWORK_UPLINK_AUTO,
				options->uplink_auto);
}

/**
 * vns_network_put - add the settings given to a request
 * @options: the settings; the mode is valid even if it was not given
 */
void vns_network_put(struct nlmsghdr *nlh,
		     const struct vns_network_options *options)
{
	unsigned int seen = options->seen;

	if (seen & VNS_BIT(VNS_NETWORK_MODE))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_MODE, options->mode);
	if (seen & VNS_BIT(VNS_NETWORK_UPLINK))
		vns_network_put_uplink(nlh, options);
	if (seen & VNS_BIT(VNS_NETWORK_SHARE))
		mnl_attr_put_u8(nlh, VNETSHARE_A_NETWORK_SHARE, options->share);
	if (seen & VNS_BIT(VNS_NETWORK_ISOLATE))
		mnl_attr_put_u8(nlh, VNETSHARE_A_NETWORK_ISOLATE,
				options->isolate);
	if (seen & VNS_BIT(VNS_NETWORK_FIREWALL))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_FIREWALL,
				 options->firewall);
	if (seen & VNS_BIT(VNS_NETWORK_MTU))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_MTU, options->mtu);
	if (seen & VNS_BIT(VNS_NETWORK_AGEING))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_AGEING,
				 options->ageing);
	if (seen & VNS_BIT(VNS_NETWORK_MAC))
		mnl_attr_put(nlh, VNETSHARE_A_NETWORK_MAC,
			     sizeof(options->mac), options->mac);
	if (seen & VNS_BIT(VNS_NETWORK_MACNAT))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_MACNAT,
				 options->macnat);
	if (seen & VNS_BIT(VNS_NETWORK_GROUP_FORWARD))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_GROUP_FORWARD,
				 options->group_forward);
	if (seen & VNS_BIT(VNS_NETWORK_FLOOD_LIMIT))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_FLOOD_LIMIT,
				 options->flood_limit);
	if (seen & VNS_BIT(VNS_NETWORK_FASTPATH))
		mnl_attr_put_u8(nlh, VNETSHARE_A_NETWORK_FASTPATH,
				options->fastpath);
}
