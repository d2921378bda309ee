// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare network set: change a network, all that was asked for or nothing.
 */
#include <stdio.h>
#include <string.h>

#include "dhcp.h"
#include "network.h"

static int vns_network_parse_mode(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_choice("mode", word, vns_genl_modes, &opt->mode);
}

static int vns_network_parse_uplink(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	if (!strcmp(word, "auto")) {
		opt->uplink[0] = '\0';
		return VNS_OK;
	}
	return vns_parse_ifname("uplink", word, opt->uplink);
}

static int vns_network_parse_subnet(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_subnet_parse("subnet", word, &opt->subnet_kind,
				&opt->subnet);
}

static int vns_network_parse_dhcp(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_onoff("dhcp", word, &opt->dhcp);
}

static int vns_network_parse_mtu(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_u32("mtu", word, &opt->mtu);
}

static int vns_network_parse_ageing(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_u32("ageing", word, &opt->ageing);
}

static int vns_network_parse_mac(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_mac("mac", word, opt->mac);
}

const struct vns_key vns_network_keys[] = {
	[VNS_NETWORK_MODE] = { "mode", "nat", vns_network_parse_mode },
	[VNS_NETWORK_UPLINK] = {
		"uplink", "auto|DEV", vns_network_parse_uplink
	},
	[VNS_NETWORK_SUBNET] = {
		"subnet", "auto|CIDR|off", vns_network_parse_subnet
	},
	[VNS_NETWORK_DHCP] = { "dhcp", "on|off", vns_network_parse_dhcp },
	[VNS_NETWORK_MTU] = { "mtu", "BYTES", vns_network_parse_mtu },
	[VNS_NETWORK_AGEING] = {
		"ageing", "SECONDS", vns_network_parse_ageing
	},
	[VNS_NETWORK_MAC] = { "mac", "MAC", vns_network_parse_mac },
	{ }
};

/**
 * vns_network_put - add to a request what the user gave
 * @nlh: the request
 * @options: what the keywords say
 */
void vns_network_put(struct nlmsghdr *nlh,
		     const struct vns_network_options *options)
{
	unsigned int seen = options->seen;

	if (seen & VNS_BIT(VNS_NETWORK_MODE))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_MODE, options->mode);
	if (seen & VNS_BIT(VNS_NETWORK_UPLINK))
		mnl_attr_put_strz(nlh, VNETSHARE_A_NETWORK_UPLINK,
				  options->uplink);
	if (seen & VNS_BIT(VNS_NETWORK_MTU))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_MTU, options->mtu);
	if (seen & VNS_BIT(VNS_NETWORK_AGEING))
		mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_AGEING,
				 options->ageing);
	if (seen & VNS_BIT(VNS_NETWORK_MAC))
		mnl_attr_put(nlh, VNETSHARE_A_NETWORK_MAC,
			     sizeof(options->mac), options->mac);
}

#define VNS_NETWORK_KERNEL_KEYS	(VNS_BIT(VNS_NETWORK_MODE) |	\
				 VNS_BIT(VNS_NETWORK_UPLINK) |	\
				 VNS_BIT(VNS_NETWORK_MTU) |	\
				 VNS_BIT(VNS_NETWORK_AGEING) |	\
				 VNS_BIT(VNS_NETWORK_MAC))

/**
 * struct vns_network_state - what a change may have to go back to
 * @options: of the kernel
 * @subnet: plen 0: none
 * @dhcp: on
 */
struct vns_network_state {
	struct vns_network_options options;
	struct vns_subnet subnet;
	bool dhcp;
};

static int vns_network_send(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    const struct vns_network_options *options)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;

	if (!(options->seen & VNS_NETWORK_KERNEL_KEYS))
		return VNS_OK;
	snprintf(what, sizeof(what), "change network %s", network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_SET);
	mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_IFINDEX, network->ifindex);
	vns_network_put(nlh, options);
	return vns_genl_send(ctx, nlh, what);
}

/*
 * The old address goes first: a new one in the same subnet would be secondary
 * to it, and go with it.
 */
static int vns_network_readdress(struct vns_ctx *ctx,
				 const struct vns_network *network,
				 const struct vns_subnet *from,
				 const struct vns_subnet *to)
{
	if (vns_subnet_equal(from, to))
		return VNS_OK;
	if (from->plen &&
	    vns_rtnl_addr_change(ctx, false, network->ifindex, network->name,
				 from->gateway, from->plen))
		return VNS_FAIL;
	if (!to->plen ||
	    !vns_rtnl_addr_change(ctx, true, network->ifindex, network->name,
				  to->gateway, to->plen))
		return VNS_OK;
	if (from->plen)
		vns_rtnl_addr_change(ctx, true, network->ifindex,
				     network->name, from->gateway, from->plen);
	return VNS_FAIL;
}

static int vns_network_read_state(struct vns_ctx *ctx,
				  const struct vns_network *network,
				  unsigned int seen,
				  struct vns_network_state *state)
{
	struct vns_network_options *options = &state->options;
	struct vns_dhcp_status dhcp;

	memset(state, 0, sizeof(*state));
	options->seen = seen;
	options->mode = network->mode;
	strcpy(options->uplink, network->uplink);
	options->mtu = network->mtu;
	options->ageing = network->ageing;
	memcpy(options->mac, network->mac, sizeof(options->mac));
	vns_dhcp_status(ctx, network->name, &dhcp);
	state->dhcp = dhcp.on;
	return vns_subnet_of(ctx, network->ifindex, &state->subnet);
}

/* Fill in what was not said, and refuse what cannot be. */
static int vns_network_plan(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    const struct vns_network_state *old,
			    struct vns_network_options *new)
{
	if (!(new->seen & VNS_BIT(VNS_NETWORK_DHCP)))
		new->dhcp = old->dhcp;
	if (!(new->seen & VNS_BIT(VNS_NETWORK_SUBNET))) {
		new->subnet = old->subnet;
	} else if (new->subnet_kind == VNS_SUBNET_AUTO) {
		if (vns_subnet_choose(ctx, network->name, network->ifindex,
				      &new->subnet))
			return VNS_FAIL;
	} else if (new->subnet_kind == VNS_SUBNET_CIDR) {
		if (vns_subnet_check(ctx, &new->subnet, network->ifindex))
			return VNS_FAIL;
	}
	if (!new->dhcp)
		return VNS_OK;
	if (!new->subnet.plen) {
		vns_error("DHCP of %s needs a subnet: give one, or \"dhcp off\"",
			  network->name);
		return VNS_FAIL;
	}
	return vns_dhcp_check(network->name);
}

static int vns_network_apply(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_state *old,
			     const struct vns_network_options *new)
{
	bool same = vns_subnet_equal(&old->subnet, &new->subnet) &&
		    !(new->seen & VNS_BIT(VNS_NETWORK_MTU));
	struct vns_dhcp_status dhcp;

	/* an address that goes must not be taken for one that was lost */
	if (old->dhcp && (!same || !new->dhcp) &&
	    vns_dhcp_stop(ctx, network->name, true))
		return VNS_FAIL;
	if (vns_network_send(ctx, network, new))
		return VNS_FAIL;
	if (vns_network_readdress(ctx, network, &old->subnet, &new->subnet))
		goto err_send;
	vns_dhcp_status(ctx, network->name, &dhcp);
	if (!new->dhcp)
		return vns_dhcp_stop(ctx, network->name, false);
	if (dhcp.pid || !vns_dhcp_start(ctx, network->name, network->ifindex))
		return VNS_OK;

	vns_network_readdress(ctx, network, &new->subnet, &old->subnet);
err_send:
	vns_network_send(ctx, network, &old->options);
	return VNS_FAIL;
}

static int vns_network_change(struct vns_ctx *ctx, const char *name,
			      struct vns_network_options *options)
{
	struct vns_network_state old;
	struct vns_dhcp_status dhcp;
	struct vns_network network;
	int lock, ret = VNS_FAIL;

	lock = vns_state_begin();
	if (lock < 0)
		return VNS_FAIL;
	if (vns_genl_network_get(ctx, name, &network) ||
	    vns_network_read_state(ctx, &network, options->seen, &old) ||
	    vns_network_plan(ctx, &network, &old, options))
		goto out;
	ret = vns_network_apply(ctx, &network, &old, options);
	if (ret && old.dhcp) {
		vns_dhcp_status(ctx, name, &dhcp);
		if (!dhcp.pid)
			vns_dhcp_start(ctx, name, network.ifindex);
	}
out:
	vns_state_end(lock);
	return ret;
}

/**
 * vns_network_set_run - the command "network set"
 * @ctx: the invocation
 * @args: its words
 *
 * Return: exit status
 */
int vns_network_set_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network_options options = { };
	const char *name;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_keys(args, vns_network_keys, &options,
				    &options.seen);
	if (ret)
		return ret;
	if (!options.seen)
		return vns_usage_error("nothing to change was given");
	ret = vns_network_change(ctx, name, &options);
	return ret ? ret : vns_network_print_made(ctx, name);
}
