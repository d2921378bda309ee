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

	return vns_subnet_parse("subnet", word, AF_INET, &opt->subnet_kind,
				&opt->subnet);
}

static int vns_network_parse_subnet6(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_subnet_parse("subnet6", word, AF_INET6, &opt->subnet6_kind,
				&opt->subnet6);
}

static int vns_network_parse_dhcp(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_onoff("dhcp", word, &opt->dhcp);
}

static int vns_network_parse_isolate(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_onoff("isolate", word, &opt->isolate);
}

static int vns_network_parse_firewall(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_choice("firewall", word, vns_genl_firewalls,
				&opt->firewall);
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
	[VNS_NETWORK_MODE] = {
		"mode", "nat|hostonly|isolated", vns_network_parse_mode
	},
	[VNS_NETWORK_UPLINK] = {
		"uplink", "auto|DEV", vns_network_parse_uplink
	},
	[VNS_NETWORK_SUBNET] = {
		"subnet", "auto|CIDR|off", vns_network_parse_subnet
	},
	[VNS_NETWORK_SUBNET6] = {
		"subnet6", "auto|CIDR|off", vns_network_parse_subnet6
	},
	[VNS_NETWORK_DHCP] = { "dhcp", "on|off", vns_network_parse_dhcp },
	[VNS_NETWORK_ISOLATE] = {
		"isolate", "on|off", vns_network_parse_isolate
	},
	[VNS_NETWORK_FIREWALL] = {
		"firewall", "forward|host|off", vns_network_parse_firewall
	},
	[VNS_NETWORK_MTU] = { "mtu", "BYTES", vns_network_parse_mtu },
	[VNS_NETWORK_AGEING] = {
		"ageing", "SECONDS", vns_network_parse_ageing
	},
	[VNS_NETWORK_MAC] = { "mac", "MAC", vns_network_parse_mac },
	{ }
};

const struct vns_key vns_network_share_keys[] = {
	{ "uplink", "auto|DEV", vns_network_parse_uplink },
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
}

/* what the command does by itself */
#define VNS_NETWORK_OWN_KEYS	(VNS_BIT(VNS_NETWORK_SUBNET) |	\
				 VNS_BIT(VNS_NETWORK_SUBNET6) |	\
				 VNS_BIT(VNS_NETWORK_DHCP))

/* what decides whether packets get through to the outside */
#define VNS_NETWORK_WAY_KEYS	(VNS_BIT(VNS_NETWORK_MODE) |	\
				 VNS_BIT(VNS_NETWORK_UPLINK) |	\
				 VNS_BIT(VNS_NETWORK_FIREWALL) |	\
				 VNS_BIT(VNS_NETWORK_SHARE))

static int vns_network_send(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    const struct vns_network_options *options)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct nlmsghdr *nlh;

	if (!(options->seen & ~VNS_NETWORK_OWN_KEYS))
		return VNS_OK;
	snprintf(what, sizeof(what), "change network %s", network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_NETWORK_SET);
	mnl_attr_put_u32(nlh, VNETSHARE_A_NETWORK_IFINDEX, network->ifindex);
	vns_network_put(nlh, options);
	return vns_genl_send(ctx, nlh, what);
}

static int vns_network_take_gateway(struct vns_ctx *ctx,
				    const struct vns_network *network,
				    const struct vns_subnet *old,
				    const struct vns_subnet *new)
{
	if (!old->plen || vns_subnet_equal(old, new))
		return VNS_OK;
	return vns_rtnl_addr_change(ctx, false, network->ifindex,
				    network->name, &old->gateway, old->plen);
}

/*
 * From one set of settings to another. Old addresses go first: a new one in the
 * same subnet would be secondary to it, and go with it; and with too small an
 * MTU, the kernel knows no IPv6 address any more.
 */
static int vns_network_switch(struct vns_ctx *ctx,
			      const struct vns_network *network,
			      const struct vns_network_options *from,
			      const struct vns_network_options *to)
{
	if (vns_network_take_gateway(ctx, network, &from->subnet,
				     &to->subnet) ||
	    vns_network_take_gateway(ctx, network, &from->subnet6,
				     &to->subnet6) ||
	    vns_network_send(ctx, network, to) ||
	    vns_network_give_gateway(ctx, network, &to->subnet) ||
	    vns_network_give_gateway(ctx, network, &to->subnet6))
		return VNS_FAIL;
	return VNS_OK;
}

/* What a change may have to go back to. */
static int vns_network_read(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    struct vns_network_options *options)
{
	struct vns_dhcp_status dhcp;

	memset(options, 0, sizeof(*options));
	options->mode = network->mode;
	strcpy(options->uplink, network->uplink);
	options->isolate = network->isolate;
	options->share = network->share;
	options->firewall = network->firewall;
	options->mtu = network->mtu;
	options->ageing = network->ageing;
	memcpy(options->mac, network->mac, sizeof(options->mac));
	vns_dhcp_status(ctx, network->name, &dhcp);
	options->dhcp = dhcp.on;
	if (vns_subnet_of(ctx, network->ifindex, AF_INET, &options->subnet))
		return VNS_FAIL;
	return vns_subnet_of(ctx, network->ifindex, AF_INET6,
			     &options->subnet6);
}

/* Fill in what was not said. */
static void vns_network_merge(const struct vns_network_options *old,
			      struct vns_network_options *new)
{
	unsigned int seen = new->seen;

	if (!(seen & VNS_BIT(VNS_NETWORK_MODE)))
		new->mode = old->mode;
	if (!(seen & VNS_BIT(VNS_NETWORK_UPLINK)))
		strcpy(new->uplink, old->uplink);
	if (!(seen & VNS_BIT(VNS_NETWORK_SHARE)))
		new->share = old->share && new->mode == old->mode;
	if (!(seen & VNS_BIT(VNS_NETWORK_MTU)))
		new->mtu = old->mtu;
	if (!(seen & VNS_BIT(VNS_NETWORK_DHCP)))
		new->dhcp = old->dhcp;
	if (!(seen & VNS_BIT(VNS_NETWORK_SUBNET))) {
		new->subnet_kind = VNS_SUBNET_KEEP;
		new->subnet = old->subnet;
	}
	if (!(seen & VNS_BIT(VNS_NETWORK_SUBNET6))) {
		new->subnet6_kind = VNS_SUBNET_KEEP;
		new->subnet6 = old->subnet6;
	}
}

static bool vns_network_isolated(const struct vns_network_options *options)
{
	return options->mode == VNETSHARE_MODE_ISOLATED;
}

/* Refuse what cannot be, and find out what is to be. */
static int vns_network_plan(struct vns_ctx *ctx,
			    const struct vns_network *network,
			    const struct vns_network_options *old,
			    struct vns_network_options *new)
{
	vns_network_merge(old, new);
	/* it has never had what a network of the other modes begins with */
	if (vns_network_isolated(old) && !vns_network_isolated(new) &&
	    !old->subnet.plen && !old->subnet6.plen &&
	    vns_network_complete(new))
		return VNS_FAIL;
	if (vns_network_isolated(new) && new->dhcp &&
	    (new->seen & VNS_BIT(VNS_NETWORK_DHCP))) {
		vns_error("a network of mode isolated has no DHCP");
		vns_hint("vnetshare network set %s mode nat", network->name);
		return VNS_FAIL;
	}
	if (vns_network_find_subnets(ctx, network->name, network->ifindex, new))
		return VNS_FAIL;
	return new->dhcp ? vns_dhcp_check(network->name) : VNS_OK;
}

/* Does it concern dnsmasq? */
static bool vns_network_same(const struct vns_network_options *a,
			     const struct vns_network_options *b)
{
	return a->mode == b->mode && a->share == b->share &&
	       a->mtu == b->mtu && !strcmp(a->uplink, b->uplink) &&
	       vns_subnet_equal(&a->subnet, &b->subnet) &&
	       vns_subnet_equal(&a->subnet6, &b->subnet6);
}

/*
 * DHCP as it is to be; with mode isolated it waits for another one, its leases
 * kept.
 */
static int vns_network_serve(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_options *options)
{
	struct vns_dhcp_status dhcp;

	if (!options->dhcp)
		return vns_dhcp_stop(ctx, network->name, false);
	if (vns_network_isolated(options))
		return VNS_OK;
	vns_dhcp_status(ctx, network->name, &dhcp);
	return dhcp.pid ? VNS_OK :
	       vns_dhcp_start(ctx, network->name, network->ifindex);
}

/* Do VMs lose the IPv6 router that dnsmasq has told them of? */
static bool vns_network_resigns(const struct vns_network_options *old,
				const struct vns_network_options *new)
{
	return old->dhcp && old->subnet6.plen && !vns_network_isolated(old) &&
	       (!new->dhcp || vns_network_isolated(new) ||
		!vns_subnet_equal(&old->subnet6, &new->subnet6));
}

static int vns_network_apply(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_options *old,
			     const struct vns_network_options *new)
{
	/* an address that goes must not be taken for one that was lost */
	if (old->dhcp && (!vns_network_same(old, new) || !new->dhcp) &&
	    vns_dhcp_stop(ctx, network->name, true))
		return VNS_FAIL;
	if (vns_network_resigns(old, new))
		vns_ra_resign(network->ifindex, &old->subnet6);
	if (vns_network_switch(ctx, network, old, new))
		return VNS_FAIL;
	return vns_network_serve(ctx, network, new);
}

/*
 * Back to what was, from wherever the change got to. A change of the mode has
 * ended the sharing.
 */
static void vns_network_undo(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_network_options *new,
			     struct vns_network_options *old)
{
	old->seen = new->seen;
	if (old->mode != new->mode && old->share)
		old->seen |= VNS_BIT(VNS_NETWORK_SHARE);
	vns_network_switch(ctx, network, new, old);
	vns_network_serve(ctx, network, old);
}

/**
 * vns_network_change - change a network, all that was asked for or nothing
 * @ctx: the invocation
 * @name: of the network
 * @options: what was asked for
 *
 * Return: VNS_OK or VNS_FAIL
 */
int vns_network_change(struct vns_ctx *ctx, const char *name,
		       struct vns_network_options *options)
{
	struct vns_network_options old;
	struct vns_network network;
	int lock, ret = VNS_FAIL;

	lock = vns_state_begin();
	if (lock < 0)
		return VNS_FAIL;
	if (!vns_genl_network_get(ctx, name, &network) &&
	    !vns_network_read(ctx, &network, &old) &&
	    !vns_network_plan(ctx, &network, &old, options)) {
		ret = vns_network_apply(ctx, &network, &old, options);
		if (ret)
			vns_network_undo(ctx, &network, options, &old);
	}
	vns_state_end(lock);
	if (!ret && (options->seen & VNS_NETWORK_WAY_KEYS))
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret && (options->seen & VNS_NETWORK_WAY_KEYS))
		vns_firewall_warn(ctx, &network);
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

/**
 * vns_network_share_run - the command "network share"
 * @ctx: the invocation
 * @args: its words
 *
 * Return: exit status
 */
int vns_network_share_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_network_options options = { };
	const char *name, *word;
	unsigned int seen;
	int ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_name(args, "word \"on\" or \"off\"", &word);
	if (!ret)
		ret = vns_parse_onoff("share", word, &options.share);
	if (!ret)
		ret = vns_args_keys(args, vns_network_share_keys, &options,
				    &seen);
	if (ret)
		return ret;
	options.seen = VNS_BIT(VNS_NETWORK_SHARE);
	if (seen)
		options.seen |= VNS_BIT(VNS_NETWORK_UPLINK);
	ret = vns_network_change(ctx, name, &options);
	return ret ? ret : vns_network_print_made(ctx, name);
}
