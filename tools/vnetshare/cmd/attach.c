// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare attach: make a tap for a VM and plug it in. The tap is made
 * persistent as the last step: until then, the kernel deletes it when the
 * command ends, also after a failure.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cmd.h"
#include "parse.h"
#include "port.h"
#include "rtnl.h"
#include "tap.h"

/**
 * struct vns_attach_options - values of the keywords
 * @user: the user that may open the tap, besides root
 * @mac: the VM's address
 */
struct vns_attach_options {
	uid_t user;
	uint8_t mac[6];
};

enum {
	VNS_ATTACH_USER,
	VNS_ATTACH_MAC,
};

/* Read a user id; the largest 32-bit number means no user. */
static bool vns_attach_parse_uid(const char *word, uid_t *user)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno ||
	    number >= UINT32_MAX)
		return false;
	*user = number;
	return true;
}

/*
 * A tap without an owner can be opened by anybody. The default owner is the
 * user that runs the command, before sudo.
 */
static uid_t vns_attach_default_user(void)
{
	const char *word = getenv("SUDO_UID");
	uid_t user;

	if (!word || getuid() || !vns_attach_parse_uid(word, &user))
		return getuid();
	return user;
}

static int vns_attach_parse_user(const char *word, void *options)
{
	struct vns_attach_options *opt = options;
	const struct passwd *entry;

	entry = getpwnam(word);
	if (entry) {
		opt->user = entry->pw_uid;
		return VNS_OK;
	}
	if (!vns_attach_parse_uid(word, &opt->user))
		return vns_usage_error("there is no user \"%s\"", word);
	return VNS_OK;
}

static int vns_attach_parse_mac(const char *word, void *options)
{
	struct vns_attach_options *opt = options;

	return vns_parse_mac("mac", word, opt->mac);
}

const struct vns_key vns_cmd_attach_keys[] = {
	[VNS_ATTACH_USER] = { "user", "USER", vns_attach_parse_user },
	[VNS_ATTACH_MAC] = { "mac", "MAC", vns_attach_parse_mac },
	{ }
};

/* Choose a random MAC address: locally administered, unicast. */
static int vns_attach_choose_mac(uint8_t mac[6])
{
	if (getrandom(mac, 6, 0) != 6) {
		vns_error("cannot get random numbers: %s", strerror(errno));
		return VNS_FAIL;
	}
	mac[0] = (mac[0] & 0xfc) | 0x02;
	return VNS_OK;
}

static int vns_attach_plug(struct vns_ctx *ctx, const char *name,
			   const struct vns_network *network,
			   const uint8_t mac[6], struct vns_port *port)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	uint32_t ifindex = if_nametoindex(name);
	struct nlmsghdr *nlh;

	snprintf(what, sizeof(what), "plug %s into %s", name, network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_PORT_NEW);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_NETWORK, network->ifindex);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_TYPE,
			 VNETSHARE_PORT_TYPE_ATTACHED);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_IFINDEX, ifindex);
	mnl_attr_put(nlh, VNETSHARE_A_PORT_MAC, 6, mac);
	if (vns_tap_mark(ctx, ifindex, name) ||
	    vns_genl_port_talk(ctx, nlh, what, port) ||
	    vns_rtnl_link_up(ctx, ifindex, name))
		return VNS_FAIL;
	return VNS_OK;
}

static void vns_attach_print(struct json_object *object)
{
	printf("%s %s\n", vns_output_text(object, "name"),
	       vns_output_text(object, "mac"));
}

int vns_cmd_attach(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_attach_options options = {
		.user = vns_attach_default_user(),
	};
	struct vns_network network;
	struct json_object *list;
	char tap[IFNAMSIZ];
	struct vns_port port;
	unsigned int seen;
	const char *name;
	int fd, ret;

	ret = vns_args_name(args, "network's name", &name);
	if (!ret)
		ret = vns_args_keys(args, vns_cmd_attach_keys, &options, &seen);
	if (!ret)
		ret = vns_genl_network_get(ctx, name, &network);
	if (!ret && !(seen & VNS_BIT(VNS_ATTACH_MAC)))
		ret = vns_attach_choose_mac(options.mac);
	if (ret)
		return ret;
	fd = vns_tap_open(options.user, tap);
	if (fd < 0)
		return VNS_FAIL;
	ret = vns_attach_plug(ctx, tap, &network, options.mac, &port);
	if (!ret)
		ret = vns_tap_keep(fd, tap);
	close(fd);
	if (ret)
		return ret;
	list = vns_output_list(vns_port_describe(ctx, &port, network.name));
	return vns_output_print(ctx, list, vns_attach_print);
}
