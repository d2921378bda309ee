/* SPDX-License-Identifier: GPL-2.0 */
/* Networks: their settings; making, changing, deleting and describing them. */
#ifndef VNS_NETWORK_H
#define VNS_NETWORK_H

#include "args.h"
#include "genl.h"
#include "output.h"
#include "subnet.h"

/* the network of "up" and "down" when no name is given */
#define VNS_NETWORK_DEFAULT_NAME	"nat0"

/**
 * enum vns_network_key - places of the keywords in their table
 * @VNS_NETWORK_MODE: mode
 * @VNS_NETWORK_UPLINK: uplink
 * @VNS_NETWORK_SUBNET: subnet
 * @VNS_NETWORK_SUBNET6: subnet6
 * @VNS_NETWORK_DHCP: dhcp
 * @VNS_NETWORK_ISOLATE: isolate
 * @VNS_NETWORK_FIREWALL: firewall
 * @VNS_NETWORK_MTU: mtu
 * @VNS_NETWORK_AGEING: ageing
 * @VNS_NETWORK_MAC: mac
 * @VNS_NETWORK_MACNAT: macnat
 * @VNS_NETWORK_GROUP_FORWARD: group_forward
 * @VNS_NETWORK_FLOOD_LIMIT: flood_limit
 * @VNS_NETWORK_FASTPATH: fastpath
 * @VNS_NETWORK_CONFIRM: confirm, of "set"
 * @VNS_NETWORK_SHARE: set by "network share", not by a keyword
 */
enum vns_network_key {
	VNS_NETWORK_MODE,
	VNS_NETWORK_UPLINK,
	VNS_NETWORK_SUBNET,
	VNS_NETWORK_SUBNET6,
	VNS_NETWORK_DHCP,
	VNS_NETWORK_ISOLATE,
	VNS_NETWORK_FIREWALL,
	VNS_NETWORK_MTU,
	VNS_NETWORK_AGEING,
	VNS_NETWORK_MAC,
	VNS_NETWORK_MACNAT,
	VNS_NETWORK_GROUP_FORWARD,
	VNS_NETWORK_FLOOD_LIMIT,
	VNS_NETWORK_FASTPATH,
	VNS_NETWORK_CONFIRM,
	VNS_NETWORK_SHARE,
};

/**
 * struct vns_network_options - settings of a network
 * @seen: mask of the settings given, by enum vns_network_key
 * @mode: enum vnetshare_mode
 * @uplink: name of a device; empty: the routing table decides or, in mode
 *	bridged, an uplink has to be chosen
 * @uplink_auto: @uplink is chosen automatically
 * @subnet_kind: the wish for an IPv4 subnet
 * @subnet: the IPv4 subnet, given or chosen
 * @subnet6_kind: the wish for an IPv6 subnet
 * @subnet6: the IPv6 subnet, given or chosen
 * @dhcp: DHCP and DNS
 * @isolate: ports do not talk to each other
 * @share: mode hostonly: the network has a way to the outside
 * @firewall: enum vnetshare_firewall
 * @mtu: bytes
 * @ageing: seconds
 * @mac: of the network's device
 * @macnat: enum vnetshare_macnat
 * @group_forward: mask of the groups that are let through
 * @flood_limit: frames a second, 0: no limit
 * @fastpath: sessions with the outside may use the fast path
 * @confirm: seconds until the change is undone, 0: it is not
 */
struct vns_network_options {
	unsigned int seen;
	unsigned int mode;
	char uplink[IFNAMSIZ];
	bool uplink_auto;
	enum vns_subnet_kind subnet_kind;
	struct vns_subnet subnet;
	enum vns_subnet_kind subnet6_kind;
	struct vns_subnet subnet6;
	bool dhcp;
	bool isolate;
	bool share;
	unsigned int firewall;
	uint32_t mtu;
	uint32_t ageing;
	uint8_t mac[6];
	unsigned int macnat;
	uint32_t group_forward;
	uint32_t flood_limit;
	bool fastpath;
	uint32_t confirm;
};

/* settings that decide whether packets reach the outside */
#define VNS_NETWORK_WAY_KEYS	(VNS_BIT(VNS_NETWORK_MODE) |	\
				 VNS_BIT(VNS_NETWORK_UPLINK) |	\
				 VNS_BIT(VNS_NETWORK_FIREWALL) |	\
				 VNS_BIT(VNS_NETWORK_SHARE))

/* one day, in seconds */
#define VNS_NETWORK_MAX_CONFIRM	86400

/* network_options.c */
void vns_network_defaults(struct vns_network_options *options);
const char *vns_network_misfit(const struct vns_network_options *options);
int vns_network_complete(struct vns_network_options *options);
void vns_network_put(struct nlmsghdr *nlh,
		     const struct vns_network_options *options);

/* network_keys.c */
extern const struct vns_key vns_network_add_keys[];
extern const struct vns_key vns_network_set_keys[];
extern const struct vns_key vns_network_share_keys[];

/* network.c */
int vns_network_give_gateway(struct vns_ctx *ctx,
			     const struct vns_network *network,
			     const struct vns_subnet *subnet);
int vns_network_find_subnets(struct vns_ctx *ctx, const char *name,
			     uint32_t ifindex,
			     struct vns_network_options *options);
int vns_network_make(struct vns_ctx *ctx, const char *name,
		     struct vns_network_options *options,
		     struct vns_network *network);
int vns_network_remove(struct vns_ctx *ctx, const struct vns_network *network);

/* network_change.c */
int vns_network_change(struct vns_ctx *ctx, const char *name,
		       struct vns_network_options *options);

/* network_list.c */
int vns_network_list(struct vns_ctx *ctx, struct vns_args *args,
		     int (*add)(struct vns_ctx *ctx,
				const struct vns_network *network,
				struct json_object *list),
		     struct json_object **list);

/* network_describe.c */
void vns_network_describe_uplink(const struct vns_network *network,
				 struct json_object *object);
void vns_network_describe_bridged(const struct vns_network *network,
				  struct json_object *object);
struct json_object *vns_network_describe(struct vns_ctx *ctx,
					 const struct vns_network *network);

#endif /* VNS_NETWORK_H */
