// SPDX-License-Identifier: GPL-2.0
/*
 * The keywords of "network add", "network set" and "network share".
 */
#include <string.h>

#include "network.h"
#include "parse.h"

static int vns_network_parse_mode(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_choice("mode", word, vns_genl_modes, &opt->mode);
}

static int vns_network_parse_uplink(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	opt->uplink_auto = !strcmp(word, "auto");
	if (opt->uplink_auto) {
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

static int vns_network_parse_macnat(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_choice("macnat", word, vns_genl_macnats,
				&opt->macnat);
}

static int vns_network_parse_groups(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_groups("group_forward", word, &opt->group_forward);
}

static int vns_network_parse_flood_limit(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	opt->flood_limit = 0;
	if (!strcmp(word, "off"))
		return VNS_OK;
	if (vns_parse_u32("flood_limit", word, &opt->flood_limit))
		return VNS_USAGE;
	if (!opt->flood_limit)
		return vns_usage_error("flood_limit 0 would stop ARP; \"off\" means no limit");
	return VNS_OK;
}

static int vns_network_parse_fastpath(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	return vns_parse_onoff("fastpath", word, &opt->fastpath);
}

static int vns_network_parse_confirm(const char *word, void *options)
{
	struct vns_network_options *opt = options;

	if (vns_parse_u32("confirm", word, &opt->confirm))
		return VNS_USAGE;
	if (!opt->confirm || opt->confirm > VNS_NETWORK_MAX_CONFIRM)
		return vns_usage_error("confirm is a number of seconds from 1 to %u, not \"%s\"",
				       VNS_NETWORK_MAX_CONFIRM, word);
	return VNS_OK;
}

/* keywords that "add" and "set" have in common */
#define VNS_NETWORK_KEYS						\
	[VNS_NETWORK_MODE] = {						\
		"mode", "nat|bridged|hostonly|isolated",		\
		vns_network_parse_mode					\
	},								\
	[VNS_NETWORK_UPLINK] = {					\
		"uplink", "auto|DEV", vns_network_parse_uplink		\
	},								\
	[VNS_NETWORK_SUBNET] = {					\
		"subnet", "auto|CIDR|off", vns_network_parse_subnet	\
	},								\
	[VNS_NETWORK_SUBNET6] = {					\
		"subnet6", "auto|CIDR|off", vns_network_parse_subnet6	\
	},								\
	[VNS_NETWORK_DHCP] = {						\
		"dhcp", "on|off", vns_network_parse_dhcp		\
	},								\
	[VNS_NETWORK_ISOLATE] = {					\
		"isolate", "on|off", vns_network_parse_isolate		\
	},								\
	[VNS_NETWORK_FIREWALL] = {					\
		"firewall", "forward|host|off",				\
		vns_network_parse_firewall				\
	},								\
	[VNS_NETWORK_MTU] = { "mtu", "BYTES", vns_network_parse_mtu },	\
	[VNS_NETWORK_AGEING] = {					\
		"ageing", "SECONDS", vns_network_parse_ageing		\
	},								\
	[VNS_NETWORK_MAC] = { "mac", "MAC", vns_network_parse_mac },	\
	[VNS_NETWORK_MACNAT] = {					\
		"macnat", "auto|on|off", vns_network_parse_macnat	\
	},								\
	[VNS_NETWORK_GROUP_FORWARD] = {					\
		"group_forward", "none|eapol|lldp|MASK[,...]",		\
		vns_network_parse_groups				\
	},								\
	[VNS_NETWORK_FLOOD_LIMIT] = {					\
		"flood_limit", "FRAMES|off",				\
		vns_network_parse_flood_limit				\
	},								\
	[VNS_NETWORK_FASTPATH] = {					\
		"fastpath", "on|off", vns_network_parse_fastpath	\
	}

const struct vns_key vns_network_add_keys[] = {
	VNS_NETWORK_KEYS,
	{ }
};

const struct vns_key vns_network_set_keys[] = {
	VNS_NETWORK_KEYS,
	[VNS_NETWORK_CONFIRM] = {
		"confirm", "SECONDS", vns_network_parse_confirm
	},
	{ }
};

const struct vns_key vns_network_share_keys[] = {
	{ "uplink", "auto|DEV", vns_network_parse_uplink },
	{ }
};
