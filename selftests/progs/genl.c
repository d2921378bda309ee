// SPDX-License-Identifier: GPL-2.0
/*
 * Sends netlink messages as they stand, sound or not. Each line of standard
 * input is one message; each gets one line of answer.
 *
 *   COMMAND [dump] [version=N] [short=BYTES] [ATTRIBUTE:FORMAT:VALUE]...
 *
 *	COMMAND		as in uapi/linux/vnetshare.h: network_new, port_get, or
 *			a number
 *	short		cut so many bytes off the message's end
 *	ATTRIBUTE	network.name, port.mac, forward.port, or a number
 *	FORMAT		u8, u16, u32, u64; str (with its end), raw (without);
 *			hex; flag; nest (marked as a nest of a flag); idx (u32,
 *			the interface index of a name), ip (an address)
 *
 * The answer is "OK REPLIES" or "ERRNO attr=NAME miss=NAME msg=TEXT", with
 * the attribute that the kernel's offset points at, the one it misses and its
 * message, "-" where it gave none.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/vnetshare.h"

static const char * const commands[] = {
	[VNETSHARE_CMD_NETWORK_GET] = "network_get",
	[VNETSHARE_CMD_NETWORK_NEW] = "network_new",
	[VNETSHARE_CMD_NETWORK_SET] = "network_set",
	[VNETSHARE_CMD_NETWORK_DEL] = "network_del",
	[VNETSHARE_CMD_PORT_GET] = "port_get",
	[VNETSHARE_CMD_PORT_NEW] = "port_new",
	[VNETSHARE_CMD_PORT_SET] = "port_set",
	[VNETSHARE_CMD_PORT_DEL] = "port_del",
	[VNETSHARE_CMD_FDB_GET] = "fdb_get",
	[VNETSHARE_CMD_FORWARD_GET] = "forward_get",
	[VNETSHARE_CMD_FORWARD_NEW] = "forward_new",
	[VNETSHARE_CMD_FORWARD_DEL] = "forward_del",
	[VNETSHARE_CMD_NEIGH_GET] = "neigh_get",
	[VNETSHARE_CMD_FLOW_GET] = "flow_get",
};

static const struct attr_name {
	unsigned int cmd_from, cmd_to, type;
	const char *name;
} attrs[] = {
#define NETWORK(attr, name) { VNETSHARE_CMD_NETWORK_GET, \
	VNETSHARE_CMD_NETWORK_DEL, VNETSHARE_A_NETWORK_ ## attr, "network." name }
#define PORT(attr, name) { VNETSHARE_CMD_PORT_GET, VNETSHARE_CMD_PORT_DEL, \
	VNETSHARE_A_PORT_ ## attr, "port." name }
#define FDB(attr, name) { VNETSHARE_CMD_FDB_GET, VNETSHARE_CMD_FDB_GET, \
	VNETSHARE_A_FDB_ ## attr, "fdb." name }
#define NEIGH(attr, name) { VNETSHARE_CMD_NEIGH_GET, VNETSHARE_CMD_NEIGH_GET, \
	VNETSHARE_A_NEIGH_ ## attr, "neigh." name }
#define FLOW(attr, name) { VNETSHARE_CMD_FLOW_GET, VNETSHARE_CMD_FLOW_GET, \
	VNETSHARE_A_FLOW_ ## attr, "flow." name }
#define FORWARD(attr, name) { VNETSHARE_CMD_FORWARD_GET, \
	VNETSHARE_CMD_FORWARD_DEL, VNETSHARE_A_FORWARD_ ## attr, "forward." name }
	NETWORK(IFINDEX, "ifindex"), NETWORK(NAME, "name"),
	NETWORK(MODE, "mode"), NETWORK(UPLINK, "uplink"), NETWORK(MAC, "mac"),
	NETWORK(MTU, "mtu"), NETWORK(AGEING, "ageing"),
	NETWORK(ISOLATE, "isolate"), NETWORK(SHARE, "share"),
	NETWORK(FIREWALL, "firewall"), NETWORK(FORWARDS, "forwards"),
	NETWORK(UPLINK_AUTO, "uplink_auto"), NETWORK(MACNAT, "macnat"),
	NETWORK(GROUP_FORWARD, "group_forward"),
	NETWORK(FLOOD_LIMIT, "flood_limit"),
	NETWORK(UPLINK_IFINDEX, "uplink_ifindex"),
	NETWORK(UPLINK_RUNNING, "uplink_running"), NETWORK(BRIDGE, "bridge"),
	NETWORK(MACNAT_ACTIVE, "macnat_active"), NETWORK(PORTS, "ports"),
	NETWORK(FDB_ENTRIES, "fdb_entries"), NETWORK(FASTPATH, "fastpath"),
	NETWORK(FLOWS, "flows"),
	PORT(IFINDEX, "ifindex"), PORT(NAME, "name"), PORT(NETWORK, "network"),
	PORT(ID, "id"), PORT(TYPE, "type"), PORT(MAC, "mac"),
	PORT(LOCK, "lock"), PORT(ADDRESSES, "addresses"),
	PORT(LEARNED, "learned"), PORT(NETNSID, "netnsid"),
	PORT(RUNNING, "running"), PORT(FDB_ENTRIES, "fdb_entries"),
	FDB(NETWORK, "network"), FDB(MAC, "mac"), FDB(PORT_ID, "port_id"),
	FDB(PORT_NAME, "port_name"), FDB(AGE, "age"), FDB(PINNED, "pinned"),
	NEIGH(NETWORK, "network"), NEIGH(ADDRESS, "address"), NEIGH(MAC, "mac"),
	NEIGH(PORT_ID, "port_id"), NEIGH(PORT_NAME, "port_name"),
	NEIGH(AGE, "age"), NEIGH(HOLDER, "holder"),
	FLOW(NETWORK, "network"), FLOW(DIRECTION, "direction"),
	FLOW(PROTOCOL, "protocol"), FLOW(SOURCE, "source"),
	FLOW(DESTINATION, "destination"), FLOW(SOURCE_PORT, "source_port"),
	FLOW(DESTINATION_PORT, "destination_port"),
	FORWARD(NETWORK, "network"), FORWARD(ID, "id"),
	FORWARD(PROTOCOLS, "protocols"), FORWARD(ADDRESS, "address"),
	FORWARD(PORT, "port"), FORWARD(PORT_LAST, "port_last"),
	FORWARD(TO_ADDRESS, "to_address"), FORWARD(TO_PORT, "to_port"),
	FORWARD(ACTIVE, "active"), FORWARD(CONNECTIONS, "connections"),
	FORWARD(PACKETS, "packets"), FORWARD(BYTES, "bytes"),
};

static char request[8192], answer[65536];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void wrong(const char *what)
{
	fprintf(stderr, "genl: what is '%s'?\n", what);
	exit(2);
}

static const char *attr_name(unsigned int cmd, unsigned int type)
{
	static char number[2][16];
	static int turn;
	size_t i;

	for (i = 0; i < MNL_ARRAY_SIZE(attrs); i++)
		if (attrs[i].type == type && cmd >= attrs[i].cmd_from &&
		    cmd <= attrs[i].cmd_to)
			return attrs[i].name;
	turn ^= 1;
	snprintf(number[turn], sizeof(number[turn]), "%u", type);
	return number[turn];
}

static unsigned int parse_command(const char *word)
{
	size_t i;

	for (i = 1; i < MNL_ARRAY_SIZE(commands); i++)
		if (commands[i] && !strcmp(commands[i], word))
			return i;
	if (word[0] < '0' || word[0] > '9')
		wrong(word);
	return strtoul(word, NULL, 0);
}

static unsigned int parse_type(const char *word)
{
	size_t i;

	for (i = 0; i < MNL_ARRAY_SIZE(attrs); i++)
		if (!strcmp(attrs[i].name, word))
			return attrs[i].type;
	if (word[0] < '0' || word[0] > '9')
		wrong(word);
	return strtoul(word, NULL, 0);
}

static void put_attr(struct nlmsghdr *nlh, char *word)
{
	char *format = strchr(word, ':'), *value;
	unsigned char hex[256];
	unsigned int type;
	size_t n = 0;

	value = format ? strchr(format + 1, ':') : NULL;
	if (!value)
		wrong(word);
	*format++ = 0;
	*value++ = 0;
	type = parse_type(word);

	if (!strcmp(format, "u8")) {
		mnl_attr_put_u8(nlh, type, strtol(value, NULL, 0));
	} else if (!strcmp(format, "u16")) {
		mnl_attr_put_u16(nlh, type, strtol(value, NULL, 0));
	} else if (!strcmp(format, "u32")) {
		mnl_attr_put_u32(nlh, type, strtoll(value, NULL, 0));
	} else if (!strcmp(format, "u64")) {
		mnl_attr_put_u64(nlh, type, strtoull(value, NULL, 0));
	} else if (!strcmp(format, "idx")) {
		mnl_attr_put_u32(nlh, type, if_nametoindex(value));
	} else if (!strcmp(format, "str")) {
		mnl_attr_put_strz(nlh, type, value);
	} else if (!strcmp(format, "raw")) {
		mnl_attr_put(nlh, type, strlen(value), value);
	} else if (!strcmp(format, "flag")) {
		mnl_attr_put(nlh, type, 0, NULL);
	} else if (!strcmp(format, "nest")) {
		struct nlattr *nest = mnl_attr_nest_start(nlh, type);

		mnl_attr_put(nlh, 1, 0, NULL);
		mnl_attr_nest_end(nlh, nest);
	} else if (!strcmp(format, "ip")) {
		if (inet_pton(AF_INET, value, hex) == 1)
			n = 4;
		else if (inet_pton(AF_INET6, value, hex) == 1)
			n = 16;
		else
			wrong(value);
		mnl_attr_put(nlh, type, n, hex);
	} else if (!strcmp(format, "hex")) {
		for (; value[0] && value[1] && n < sizeof(hex); value += 2)
			if (sscanf(value, "%2hhx", &hex[n++]) != 1)
				wrong(value);
		mnl_attr_put(nlh, type, n, hex);
	} else {
		wrong(format);
	}
}

/* The type of the attribute that starts at @offset of the request */
static const char *attr_at(unsigned int cmd, unsigned int offset)
{
	const struct nlmsghdr *nlh = (void *)request;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if ((const char *)attr - request == offset)
			return attr_name(cmd, mnl_attr_get_type(attr));
	return "astray";
}

static void print_error(unsigned int cmd, const struct nlmsghdr *nlh,
			int error, size_t skip)
{
	const char *at = "-", *miss = "-", *msg = "-";
	const struct nlattr *attr;

	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(attr, nlh, skip) {
			switch (mnl_attr_get_type(attr)) {
			case NLMSGERR_ATTR_MSG:
				msg = mnl_attr_get_str(attr);
				break;
			case NLMSGERR_ATTR_OFFS:
				at = attr_at(cmd, mnl_attr_get_u32(attr));
				break;
			case NLMSGERR_ATTR_MISS_TYPE:
				miss = attr_name(cmd, mnl_attr_get_u32(attr));
				break;
			}
		}
	}
	printf("%s attr=%s miss=%s msg=%s\n", strerrorname_np(error), at, miss,
	       msg);
}

/* Reads until the end of the answer; prints its line */
static void receive(struct mnl_socket *nl, unsigned int cmd, bool dump)
{
	unsigned int replies = 0;

	for (;;) {
		int n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		const struct nlmsghdr *nlh = (void *)answer;

		if (n < 0)
			die("recv");
		for (; mnl_nlmsg_ok(nlh, n); nlh = mnl_nlmsg_next(nlh, &n)) {
			const int *error = mnl_nlmsg_get_payload(nlh);

			if (nlh->nlmsg_type == NLMSG_ERROR && *error) {
				print_error(cmd, nlh, -*error,
					    sizeof(struct nlmsgerr));
				return;
			}
			if (nlh->nlmsg_type == NLMSG_DONE && *error) {
				print_error(cmd, nlh, -*error, sizeof(int));
				return;
			}
			if (nlh->nlmsg_type == NLMSG_DONE ||
			    (nlh->nlmsg_type == NLMSG_ERROR && !dump)) {
				printf("OK %u\n", replies);
				return;
			}
			if (nlh->nlmsg_type >= NLMSG_MIN_TYPE)
				replies++;
		}
	}
}

static struct nlmsghdr *start(int family, unsigned int cmd, unsigned int seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = VNETSHARE_GENL_VERSION;
	return nlh;
}

static int family_id(struct mnl_socket *nl)
{
	struct nlmsghdr *nlh = start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	const struct nlattr *attr;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, VNETSHARE_GENL_NAME);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ||
	    mnl_socket_recvfrom(nl, answer, sizeof(answer)) < 0)
		die("family");
	nlh = (void *)answer;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		return 0;
	/* the acknowledgment comes by itself */
	if (mnl_socket_recvfrom(nl, request, sizeof(request)) < 0)
		die("family");
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			return mnl_attr_get_u16(attr);
	return 0;
}

int main(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_GENERIC);
	unsigned int seq = 1;
	char line[4096];
	int one = 1, family;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID))
		die("socket");
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &one, sizeof(one));
	/* or else the request would stand in front of what we want to read */
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	family = family_id(nl);
	if (!family) {
		fprintf(stderr, "genl: no family " VNETSHARE_GENL_NAME "\n");
		return 2;
	}

	for (; fgets(line, sizeof(line), stdin); seq++) {
		char *save, *word = strtok_r(line, "\n ", &save);
		unsigned int cmd, cut = 0;
		struct nlmsghdr *nlh;
		bool dump = false;

		if (!word || *word == '#')
			continue;
		cmd = parse_command(word);
		memset(request, 0, sizeof(request));
		nlh = start(family, cmd, seq);
		while ((word = strtok_r(NULL, "\n ", &save))) {
			if (!strcmp(word, "dump"))
				dump = true;
			else if (!strncmp(word, "version=", 8))
				((struct genlmsghdr *)(nlh + 1))->version =
					atoi(word + 8);
			else if (!strncmp(word, "short=", 6))
				cut = atoi(word + 6);
			else
				put_attr(nlh, word);
		}
		if (dump)
			nlh->nlmsg_flags |= NLM_F_DUMP;
		nlh->nlmsg_len -= cut;
		if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
			die("send");
		receive(nl, cmd, dump);
		fflush(stdout);
	}
	return 0;
}
