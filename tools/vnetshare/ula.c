// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6 subnets from unique local addresses (RFC 4193): a random /48, made once
 * a host, and in it a number for each name of a network. Both are kept in a
 * file, so that a network that is made again gets the same addresses.
 *
 * The first line of the file is the /48. Each other line, oldest first, is a
 * name ("net1", or "net1@NETNS" in a network namespace) and its number.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seed.h"
#include "subnet.h"

#define VNS_ULA_FILE		VNS_LIB_DIR "/ula"
#define VNS_ULA_NEW		VNS_LIB_DIR "/ula.new"

/* the oldest names are forgotten */
#define VNS_ULA_MAX_NAMES	4096

#define VNS_ULA_IDS		65536

/**
 * struct vns_ula_name - a name and its number
 * @name: the name
 * @id: bits 48 to 63 of the network's addresses
 */
struct vns_ula_name {
	char name[256];
	uint32_t id;
};

/**
 * struct vns_ula - the content of the file
 * @prefix: the /48; family 0: there is none yet
 * @names: of struct vns_ula_name
 */
struct vns_ula {
	struct vns_ip prefix;
	struct vns_array names;
};

static FILE *vns_ula_open_setting(const char *device, const char *setting,
				  const char *mode)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", device,
		 setting);
	return fopen(path, mode);
}

/*
 * The setting of a device, or the default if the device does not exist or has
 * no IPv6 because of its MTU.
 */
static bool vns_ula_is_disabled(const char *name)
{
	FILE *file = vns_ula_open_setting(name, "disable_ipv6", "re");
	int value;

	if (!file)
		file = vns_ula_open_setting("default", "disable_ipv6", "re");
	if (!file)
		return true;
	value = fgetc(file);
	fclose(file);
	return value != '0';
}

/**
 * vns_ula_obstacle - the reason why a network cannot have IPv6
 * @name: of the network, which need not exist
 * @mtu: current or wanted MTU
 *
 * Return: the reason, or NULL when it can
 */
const char *vns_ula_obstacle(const char *name, uint32_t mtu)
{
	if (vns_ula_is_disabled(name))
		return "IPv6 is off on this host";
	if (mtu < VNS_SUBNET6_MIN_MTU)
		return "IPv6 needs an MTU of 1280";
	return NULL;
}

static bool vns_ula_load_prefix(struct vns_ula *ula, const char *line)
{
	char word[VNS_IP_TEXT];

	return sscanf(line, "%45[0-9a-f:]/48", word) == 1 &&
	       vns_ip_parse(word, &ula->prefix) &&
	       ula->prefix.bytes[0] == 0xfd;
}

static void vns_ula_load(struct vns_ula *ula)
{
	struct vns_ula_name item;
	char line[512];
	FILE *file;

	memset(ula, 0, sizeof(*ula));
	ula->names.size = sizeof(item);
	file = fopen(VNS_ULA_FILE, "re");
	if (!file)
		return;
	if (!fgets(line, sizeof(line), file) || !vns_ula_load_prefix(ula, line))
		ula->prefix.family = 0;
	while (ula->prefix.family && fgets(line, sizeof(line), file))
		if (sscanf(line, "%255s %x", item.name, &item.id) == 2 &&
		    item.id < VNS_ULA_IDS)
			*(struct vns_ula_name *)vns_array_add(&ula->names) =
				item;
	fclose(file);
}

static void vns_ula_write(FILE *file, const struct vns_ula *ula)
{
	const struct vns_ula_name *item = ula->names.items;
	char prefix[VNS_IP_TEXT];
	size_t i = 0;

	if (ula->names.count > VNS_ULA_MAX_NAMES)
		i = ula->names.count - VNS_ULA_MAX_NAMES;
	fprintf(file, "%s/48\n", vns_ip_format(&ula->prefix, prefix));
	for (; i < ula->names.count; i++)
		fprintf(file, "%s %04x\n", item[i].name, item[i].id);
}

/* Replace the file atomically. */
static int vns_ula_save(const struct vns_ula *ula)
{
	FILE *file;
	bool good;

	if (mkdir(VNS_LIB_DIR, 0755) && errno != EEXIST)
		return -errno;
	file = fopen(VNS_ULA_NEW, "we");
	if (!file)
		return -errno;
	vns_ula_write(file, ula);
	good = !fflush(file) && !fchmod(fileno(file), 0644) &&
	       !fsync(fileno(file));
	if (!fclose(file) && good && !rename(VNS_ULA_NEW, VNS_ULA_FILE))
		return 0;
	unlink(VNS_ULA_NEW);
	return errno ? -errno : -EIO;
}

static int vns_ula_make_prefix(struct vns_ula *ula)
{
	uint8_t *bytes = ula->prefix.bytes;

	memset(&ula->prefix, 0, sizeof(ula->prefix));
	if (getrandom(bytes + 1, 5, 0) != 5) {
		vns_error("cannot make an IPv6 prefix: no random numbers");
		return VNS_FAIL;
	}
	ula->prefix.family = AF_INET6;
	bytes[0] = 0xfd;
	return VNS_OK;
}

/* The name of a network in the file, with its namespace. */
static void vns_ula_key(const struct vns_ctx *ctx, const char *name, char *key,
			size_t size)
{
	const char *c = ctx->netns ? ctx->netns : "";

	while (*c && isgraph((unsigned char)*c))
		c++;
	if (!ctx->netns_inode)
		snprintf(key, size, "%s", name);
	else if (ctx->netns && !*c)
		snprintf(key, size, "%s@%s", name, ctx->netns);
	else
		snprintf(key, size, "%s@%lu", name, ctx->netns_inode);
}

static struct vns_ula_name *vns_ula_find(const struct vns_ula *ula,
					 const char *key)
{
	struct vns_ula_name *item = ula->names.items;
	size_t i;

	for (i = 0; i < ula->names.count; i++, item++)
		if (!strcmp(item->name, key))
			return item;
	return NULL;
}

static bool vns_ula_id_used(const struct vns_ula *ula, uint32_t id)
{
	const struct vns_ula_name *item = ula->names.items;
	size_t i;

	for (i = 0; i < ula->names.count; i++, item++)
		if (item->id == id)
			return true;
	return false;
}

static void vns_ula_subnet(const struct vns_ula *ula, uint32_t id,
			   struct vns_subnet *subnet)
{
	uint8_t *bytes = subnet->gateway.bytes;

	subnet->gateway = ula->prefix;
	subnet->plen = VNS_SUBNET6_PLEN;
	bytes[6] = id >> 8;
	bytes[7] = id;
	bytes[15] = 1;
}

/* Choose a number that no other name has and whose subnet is free. */
static int vns_ula_take_id(struct vns_ula *ula, const char *key,
			   const struct vns_array *taken,
			   struct vns_subnet *subnet)
{
	struct vns_ula_name *item = vns_ula_find(ula, key);
	uint32_t i, id, seed = vns_seed_add(VNS_SEED_START, key);

	for (i = 0; i < VNS_ULA_IDS; i++) {
		id = (seed + i) % VNS_ULA_IDS;
		vns_ula_subnet(ula, id, subnet);
		if (!vns_ula_id_used(ula, id) && !vns_taken_find(taken, subnet))
			break;
	}
	if (i == VNS_ULA_IDS) {
		vns_error("no IPv6 subnet is free: the host's routes and addresses cover them all");
		vns_hint("choose one with \"subnet6 CIDR\", or \"subnet6 off\"");
		return VNS_FAIL;
	}
	if (!item) {
		item = vns_array_add(&ula->names);
		snprintf(item->name, sizeof(item->name), "%s", key);
	}
	item->id = id;
	return VNS_OK;
}

static int vns_ula_take(struct vns_ctx *ctx, const char *name,
			struct vns_ula *ula, const struct vns_array *taken,
			struct vns_subnet *subnet)
{
	const struct vns_ula_name *item;
	char key[256];
	int ret;

	vns_ula_key(ctx, name, key, sizeof(key));
	item = ula->prefix.family ? vns_ula_find(ula, key) : NULL;
	if (item) {
		vns_ula_subnet(ula, item->id, subnet);
		if (!vns_taken_find(taken, subnet))
			return VNS_OK;
	}
	if ((!ula->prefix.family && vns_ula_make_prefix(ula)) ||
	    vns_ula_take_id(ula, key, taken, subnet))
		return VNS_FAIL;
	ret = vns_ula_save(ula);
	if (ret)
		vns_note("cannot keep the IPv6 subnet of %s in %s: %s", name,
			 VNS_ULA_FILE, strerror(-ret));
	return VNS_OK;
}

/**
 * vns_ula_choose - choose the IPv6 /64 of a network
 * @ctx: the invocation; vns_state_begin() has been called
 * @name: the network's name; a name gets the same subnet each time, if it is free
 * @ifindex: the network's device, whose addresses are ignored; 0: none yet
 * @subnet: set; the gateway is the first address
 */
int vns_ula_choose(struct vns_ctx *ctx, const char *name, uint32_t ifindex,
		   struct vns_subnet *subnet)
{
	struct vns_array taken = { };
	struct vns_ula ula;
	int ret;

	vns_ula_load(&ula);
	ret = vns_taken_collect(ctx, ifindex, &taken);
	if (!ret)
		ret = vns_ula_take(ctx, name, &ula, &taken, subnet);
	vns_array_free(&taken);
	vns_array_free(&ula.names);
	return ret;
}
