// SPDX-License-Identifier: GPL-2.0
/*
 * vnetshare port: where VMs and containers are plugged in.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "lease.h"
#include "parse.h"
#include "port.h"
#include "rtnl.h"
#include "tap.h"

/* the kernel's limit */
#define VNS_PORT_MAX_ADDRESSES	16

/* room for a cell of the text table */
#define VNS_PORT_CELL		2048

/* MAC addresses of a port that the text shows */
#define VNS_PORT_MAX_SEEN	4

/**
 * enum vns_port_key - places of the keywords in their tables
 * @VNS_PORT_NETWORK: network
 * @VNS_PORT_MAC: mac
 * @VNS_PORT_LOCK: lock
 * @VNS_PORT_ADDR: addr
 * @VNS_PORT_TYPE: type, of "add"
 * @VNS_PORT_ID: id, of the others
 */
enum vns_port_key {
	VNS_PORT_NETWORK,
	VNS_PORT_MAC,
	VNS_PORT_LOCK,
	VNS_PORT_ADDR,
	VNS_PORT_TYPE,
	VNS_PORT_ID = VNS_PORT_TYPE,
};

/**
 * struct vns_port_options - values of the keywords
 * @seen: mask of the keywords given, by enum vns_port_key
 * @network: name of the network
 * @type: enum vnetshare_port_type
 * @id: number of the port in its network
 * @mac: MAC address of the VM
 * @lock: drop frames that do not come from @mac and an address of the port
 * @addresses: IP addresses that a locked port may use
 */
struct vns_port_options {
	unsigned int seen;
	const char *network;
	unsigned int type;
	uint32_t id;
	uint8_t mac[6];
	bool lock;
	struct vns_ips addresses;
};

static int vns_port_parse_network(const char *word, void *options)
{
	((struct vns_port_options *)options)->network = word;
	return VNS_OK;
}

static int vns_port_parse_type(const char *word, void *options)
{
	struct vns_port_options *opt = options;

	return vns_parse_choice("type", word, vns_genl_port_types, &opt->type);
}

static int vns_port_parse_id(const char *word, void *options)
{
	struct vns_port_options *opt = options;

	return vns_parse_u32("id", word, &opt->id);
}

static int vns_port_parse_mac(const char *word, void *options)
{
	struct vns_port_options *opt = options;

	return vns_parse_mac("mac", word, opt->mac);
}

static int vns_port_parse_lock(const char *word, void *options)
{
	struct vns_port_options *opt = options;

	return vns_parse_onoff("lock", word, &opt->lock);
}

static int vns_port_parse_addr(const char *word, void *options)
{
	struct vns_ips *ips = &((struct vns_port_options *)options)->addresses;
	char address[VNS_IP_TEXT];
	size_t len;

	if (!strcmp(word, "none"))
		return VNS_OK;
	for (;;) {
		if (ips->count == VNS_PORT_MAX_ADDRESSES)
			return vns_usage_error("addr takes %d addresses at most",
					       VNS_PORT_MAX_ADDRESSES);
		len = strcspn(word, ",");
		snprintf(address, sizeof(address), "%.*s", (int)len, word);
		if (len >= sizeof(address) ||
		    !vns_ip_parse(address, &ips->ip[ips->count++]))
			return vns_usage_error("addr: \"%.*s\" is not an address",
					       (int)len, word);
		if (!word[len])
			return VNS_OK;
		word += len + 1;
	}
}

static const struct vns_key vns_port_add_keys[] = {
	[VNS_PORT_NETWORK] = { "network", "NET", vns_port_parse_network },
	[VNS_PORT_MAC] = { "mac", "MAC", vns_port_parse_mac },
	[VNS_PORT_LOCK] = { "lock", "on|off", vns_port_parse_lock },
	[VNS_PORT_ADDR] = {
		"addr", "ADDR[,ADDR]...|none", vns_port_parse_addr
	},
	[VNS_PORT_TYPE] = { "type", "attached|native", vns_port_parse_type },
	{ }
};

static const struct vns_key vns_port_set_keys[] = {
	[VNS_PORT_NETWORK] = { "network", "NET", vns_port_parse_network },
	[VNS_PORT_MAC] = { "mac", "MAC", vns_port_parse_mac },
	[VNS_PORT_LOCK] = { "lock", "on|off", vns_port_parse_lock },
	[VNS_PORT_ADDR] = {
		"addr", "ADDR[,ADDR]...|none", vns_port_parse_addr
	},
	[VNS_PORT_ID] = { "id", "NUMBER", vns_port_parse_id },
	{ }
};

/* "del" and "show" only select a port */
static const struct vns_key vns_port_choose_keys[] = {
	{ "network", "NET", vns_port_parse_network },
	{ "id", "NUMBER", vns_port_parse_id },
	{ }
};

static void vns_port_put(struct nlmsghdr *nlh,
			 const struct vns_port_options *options)
{
	uint8_t mapped[VNS_PORT_MAX_ADDRESSES][16];
	unsigned int i;

	if (options->seen & VNS_BIT(VNS_PORT_MAC))
		mnl_attr_put(nlh, VNETSHARE_A_PORT_MAC, sizeof(options->mac),
			     options->mac);
	if (options->seen & VNS_BIT(VNS_PORT_LOCK))
		mnl_attr_put_u8(nlh, VNETSHARE_A_PORT_LOCK, options->lock);
	if (!(options->seen & VNS_BIT(VNS_PORT_ADDR)))
		return;
	for (i = 0; i < options->addresses.count; i++)
		vns_ip_to_mapped(&options->addresses.ip[i], mapped[i]);
	mnl_attr_put(nlh, VNETSHARE_A_PORT_ADDRESSES, i * sizeof(mapped[0]),
		     mapped);
}

static int vns_port_print(struct vns_ctx *ctx, struct json_object *list)
{
	static const struct vns_column columns[] = {
		{ "name", "PORT", NULL },
		{ "network", "NETWORK", NULL },
		{ "id", "ID", NULL },
		{ "type", "TYPE", NULL },
		{ "mac", "MAC", NULL },
		{ "lock", "LOCK", NULL },
		{ "running", "STATE", "running" },
		{ "fdb_entries", "MACS", NULL },
		{ "vm", "VM", NULL },
		{ "seen_text", "SEEN", NULL },
		{ "allowed", "ALLOWED", NULL },
		{ "netns", "NETNS", NULL },
		{ }
	};

	return vns_output_table(ctx, list, columns);
}

/* The kernel reports that the device has a master, but not which. Name it. */
static void vns_port_tell_master(struct vns_ctx *ctx, uint32_t ifindex)
{
	char master[IFNAMSIZ];
	struct vns_link link;

	if (!vns_rtnl_link_find(ctx, ifindex, NULL, &link) && link.master &&
	    if_indextoname(link.master, master))
		vns_hint("%s belongs to %s", link.name, master);
}

static int vns_port_new(struct vns_ctx *ctx, const char *name,
			const struct vns_port_options *options,
			const struct vns_network *network,
			struct vns_port *port)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	unsigned int ifindex = 0;
	struct nlmsghdr *nlh;

	if (options->type == VNETSHARE_PORT_TYPE_ATTACHED) {
		ifindex = if_nametoindex(name);
		if (!ifindex) {
			vns_error("there is no device %s", name);
			return VNS_FAIL;
		}
	}
	snprintf(what, sizeof(what), "plug %s into %s", name, network->name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_PORT_NEW);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_NETWORK, network->ifindex);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_TYPE, options->type);
	if (ifindex)
		mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_IFINDEX, ifindex);
	else
		mnl_attr_put_strz(nlh, VNETSHARE_A_PORT_NAME, name);
	vns_port_put(nlh, options);
	if (!vns_genl_port_talk(ctx, nlh, what, port))
		return VNS_OK;
	if (ifindex)
		vns_port_tell_master(ctx, ifindex);
	return VNS_FAIL;
}

static int vns_port_add_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_port_options options = {
		.type = VNETSHARE_PORT_TYPE_ATTACHED,
	};
	struct vns_network network;
	struct json_object *list;
	struct vns_port port;
	char ifname[IFNAMSIZ];
	const char *name;
	int ret;

	ret = vns_args_name(args, "port's name", &name);
	if (!ret)
		ret = vns_parse_ifname("port", name, ifname);
	if (!ret)
		ret = vns_args_keys(args, vns_port_add_keys, &options,
				    &options.seen);
	if (ret)
		return ret;
	if (!options.network)
		return vns_usage_error("\"network NET\" is missing");
	if (vns_genl_network_get(ctx, options.network, &network) ||
	    vns_port_new(ctx, ifname, &options, &network, &port))
		return VNS_FAIL;
	if (!ctx->json)
		return VNS_OK;
	list = vns_output_list(vns_port_describe(ctx, &port, network.name));
	return vns_port_print(ctx, list);
}

static bool vns_port_matches(const struct vns_port *port, const char *name,
			     const struct vns_port_options *options)
{
	if (options->id && port->id != options->id)
		return false;
	return !name || !strcmp(port->name, name);
}

/*
 * Find the port with a name. Ports in several network namespaces may have the
 * same name: a port in this namespace comes first.
 */
static int vns_port_choose(struct vns_ctx *ctx, const char *name,
			   const struct vns_port_options *options,
			   struct vns_port *chosen)
{
	struct vns_network network = { };
	struct vns_array ports = { };
	const struct vns_port *port;
	size_t i, count = 0;
	int ret;

	if (options->network &&
	    vns_genl_network_get(ctx, options->network, &network))
		return VNS_FAIL;
	ret = vns_genl_ports(ctx, network.ifindex, &ports);
	port = ports.items;
	for (i = 0; !ret && i < ports.count; i++, port++) {
		if (!vns_port_matches(port, name, options))
			continue;
		*chosen = *port;
		count++;
		if (!port->has_netnsid) {
			count = 1;
			break;
		}
	}
	vns_array_free(&ports);
	if (ret || count == 1)
		return ret;
	if (count)
		vns_error("several ports are called %s", name);
	else
		vns_error("there is no port %s%s%s", name,
			  options->network ? " in network " : "",
			  options->network ? options->network : "");
	if (count)
		vns_hint("select one with \"network NET\" and \"id NUMBER\" (see \"port show\")");
	return VNS_FAIL;
}

static int vns_port_set_run(struct vns_ctx *ctx, struct vns_args *args)
{
	const unsigned int change = VNS_BIT(VNS_PORT_MAC) |
				    VNS_BIT(VNS_PORT_LOCK) |
				    VNS_BIT(VNS_PORT_ADDR);
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct vns_port_options options = { };
	struct nlmsghdr *nlh;
	struct vns_port port;
	const char *name;
	int ret;

	ret = vns_args_name(args, "port's name", &name);
	if (!ret)
		ret = vns_args_keys(args, vns_port_set_keys, &options,
				    &options.seen);
	if (ret)
		return ret;
	if (!(options.seen & change))
		return vns_usage_error("nothing to change was given");
	if (vns_port_choose(ctx, name, &options, &port))
		return VNS_FAIL;
	snprintf(what, sizeof(what), "change port %s", port.name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_PORT_SET);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_NETWORK, port.network);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_ID, port.id);
	vns_port_put(nlh, &options);
	return vns_genl_send(ctx, nlh, what);
}

static int vns_port_del_run(struct vns_ctx *ctx, struct vns_args *args)
{
	char buf[VNS_NL_REQUEST_SIZE], what[64];
	struct vns_port_options options = { };
	struct nlmsghdr *nlh;
	struct vns_port port;
	const char *name;
	bool made;
	int ret;

	ret = vns_args_name(args, "port's name", &name);
	if (!ret)
		ret = vns_args_keys(args, vns_port_choose_keys, &options,
				    &options.seen);
	if (ret)
		return ret;
	if (vns_port_choose(ctx, name, &options, &port))
		return VNS_FAIL;
	made = vns_tap_is_ours(ctx, &port);
	snprintf(what, sizeof(what), "unplug %s", port.name);
	nlh = vns_genl_request(ctx, buf, VNETSHARE_CMD_PORT_DEL);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_NETWORK, port.network);
	mnl_attr_put_u32(nlh, VNETSHARE_A_PORT_ID, port.id);
	ret = vns_genl_send(ctx, nlh, what);
	if (!ret && made)
		ret = vns_rtnl_link_del(ctx, port.ifindex, port.name);
	return ret;
}

/**
 * struct vns_port_table - the data for "show"
 * @networks: of struct vns_network
 * @known: of struct vns_known, one a network
 * @fdb: of struct vns_fdb_entry
 */
struct vns_port_table {
	struct vns_array networks;
	struct vns_array known;
	struct vns_array fdb;
};

static int vns_port_table_read(struct vns_ctx *ctx,
			       struct vns_port_table *table)
{
	const struct vns_network *network;
	size_t i;
	int ret;

	table->known.size = sizeof(struct vns_known);
	ret = vns_genl_networks(ctx, &table->networks);
	if (!ret)
		ret = vns_genl_fdb(ctx, 0, &table->fdb);
	network = table->networks.items;
	for (i = 0; !ret && i < table->networks.count; i++)
		ret = vns_known_read(ctx, &network[i],
				     vns_array_add(&table->known));
	return ret;
}

static void vns_port_table_free(struct vns_port_table *table)
{
	struct vns_known *known = table->known.items;
	size_t i;

	for (i = 0; i < table->known.count; i++)
		vns_known_free(&known[i]);
	vns_array_free(&table->networks);
	vns_array_free(&table->known);
	vns_array_free(&table->fdb);
}

static const struct vns_known *
vns_port_table_known(const struct vns_port_table *table, uint32_t network)
{
	const struct vns_known *known = table->known.items;
	size_t i;

	for (i = 0; i < table->known.count; i++)
		if (known[i].network == network)
			return &known[i];
	return NULL;
}

/**
 * struct vns_port_seen - the MAC addresses seen at a port
 * @known: addresses and names of its network's VMs
 * @list: of JSON objects, one a MAC address
 * @vm: cell of the text table: names
 * @text: cell of the text table: addresses
 */
struct vns_port_seen {
	const struct vns_known *known;
	struct json_object *list;
	char vm[VNS_PORT_CELL];
	char text[VNS_PORT_CELL];
};

/* Add a MAC address, with the name and the IP addresses of its VM. */
static void vns_port_see_mac(struct vns_port_seen *seen, const uint8_t mac[6])
{
	struct json_object *object = json_object_new_object();
	const struct vns_lease *lease;
	struct vns_ips ips;

	lease = vns_lease_of_mac(&seen->known->leases, mac);
	vns_known_ips(seen->known, mac, &ips);
	vns_output_mac(object, "mac", mac);
	vns_output_string(object, "name", lease && lease->name[0] ?
			  lease->name : NULL);
	vns_output_ips(object, "addresses", &ips);
	if (lease && lease->name[0])
		vns_output_join(seen->vm, VNS_PORT_CELL, lease->name);
	vns_output_join(seen->text, VNS_PORT_CELL, vns_format_mac(mac));
	vns_output_join_ips(seen->text, VNS_PORT_CELL, &ips);
	json_object_array_add(seen->list, object);
}

/* Is the MAC address in the list already? */
static bool vns_port_has_seen(const struct vns_port_seen *seen,
			      const uint8_t mac[6])
{
	const char *text = vns_format_mac(mac);
	struct json_object *object;
	size_t i;

	for (i = 0; i < json_object_array_length(seen->list); i++) {
		object = json_object_array_get_idx(seen->list, i);
		if (!strcmp(vns_output_text(object, "mac"), text))
			return true;
	}
	return false;
}

/*
 * Add VMs whose MAC address has aged out: the module keeps IP addresses longer.
 */
static void vns_port_see_neighbours(struct vns_port_seen *seen,
				    const struct vns_port *port,
				    struct json_object *object)
{
	const struct vns_neighbour *item = seen->known->neighbours.items;
	struct json_object *list = json_object_new_array(), *one;
	size_t i;

	for (i = 0; i < seen->known->neighbours.count; i++, item++) {
		if (item->port_id != port->id)
			continue;
		if (!vns_port_has_seen(seen, item->mac))
			vns_port_see_mac(seen, item->mac);
		one = json_object_new_object();
		vns_output_ip(one, "address", &item->ip);
		vns_output_mac(one, "mac", item->mac);
		vns_output_number(one, "age", item->age);
		json_object_array_add(list, one);
	}
	json_object_object_add(object, "neighbours", list);
}

static void vns_port_describe_seen(const struct vns_ctx *ctx,
				   const struct vns_port *port,
				   const struct vns_port_table *table,
				   struct json_object *object)
{
	const struct vns_fdb_entry *entry = table->fdb.items;
	struct vns_port_seen seen = {
		.known = vns_port_table_known(table, port->network),
		.list = json_object_new_array(),
	};
	size_t i, count = 0;

	for (i = 0; seen.known && i < table->fdb.count; i++, entry++) {
		if (entry->network != port->network ||
		    entry->port_id != port->id)
			continue;
		if (!ctx->json && ++count > VNS_PORT_MAX_SEEN) {
			vns_output_join(seen.text, VNS_PORT_CELL, "...");
			break;
		}
		vns_port_see_mac(&seen, entry->mac);
	}
	if (seen.known && count <= VNS_PORT_MAX_SEEN)
		vns_port_see_neighbours(&seen, port, object);
	json_object_object_add(object, "seen", seen.list);
	if (ctx->json)
		return;
	vns_output_string(object, "vm", seen.vm[0] ? seen.vm : NULL);
	vns_output_string(object, "seen_text", seen.text[0] ? seen.text : NULL);
}

static int vns_port_list(struct vns_ctx *ctx, const char *name,
			 const struct vns_port_options *options,
			 struct json_object *list)
{
	struct vns_port_table table = { };
	struct vns_network network = { };
	struct json_object *object;
	struct vns_array ports = { };
	const struct vns_port *port;
	int ret;
	size_t i;

	ret = vns_port_table_read(ctx, &table);
	if (!ret && options->network)
		ret = vns_genl_network_get(ctx, options->network, &network);
	if (!ret)
		ret = vns_genl_ports(ctx, network.ifindex, &ports);
	port = ports.items;
	for (i = 0; !ret && i < ports.count; i++, port++) {
		if (!vns_port_matches(port, name, options))
			continue;
		object = vns_port_describe(ctx, port,
					   vns_genl_network_name(&table.networks,
								 port->network));
		vns_port_describe_seen(ctx, port, &table, object);
		json_object_array_add(list, object);
	}
	if (!ret && name && !json_object_array_length(list)) {
		vns_error("there is no port %s", name);
		ret = VNS_FAIL;
	}
	vns_port_table_free(&table);
	vns_array_free(&ports);
	return ret;
}

/*
 * The first word is the name of a port, unless the words are pairs of keyword
 * and value.
 */
static int vns_port_show_run(struct vns_ctx *ctx, struct vns_args *args)
{
	struct vns_port_options options = { };
	struct json_object *list;
	const char *name = NULL;
	int ret;

	if (args->count % 2)
		name = vns_args_next(args);
	ret = vns_args_keys(args, vns_port_choose_keys, &options,
			    &options.seen);
	if (ret)
		return ret;
	list = json_object_new_array();
	ret = vns_port_list(ctx, name, &options, list);
	if (!ret)
		return vns_port_print(ctx, list);
	json_object_put(list);
	return ret;
}

const struct vns_command vns_cmd_port[] = {
	{
		.name = "add",
		.args = "DEV",
		.help = "plug a device into a network, or make a native port DEV",
		.keys = vns_port_add_keys,
		.needed = VNS_BIT(VNS_PORT_NETWORK),
		.run = vns_port_add_run,
	}, {
		.name = "set",
		.args = "DEV",
		.help = "change a port; network and id only select it",
		.keys = vns_port_set_keys,
		.run = vns_port_set_run,
	}, {
		.name = "del",
		.args = "DEV",
		.help = "unplug a port, and delete it if it is a tap that attach made",
		.keys = vns_port_choose_keys,
		.run = vns_port_del_run,
	}, {
		.name = "show",
		.args = "[DEV]",
		.help = "show ports",
		.keys = vns_port_choose_keys,
		.run = vns_port_show_run,
	},
	{ }
};
