/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink: requests with the kernel's own words on what was wrong, the
 * vnetshare family, and what we use of route netlink.
 */
#ifndef VNS_NETLINK_H
#define VNS_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/vnetshare.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct vns_ctx;

/* enough for every request that we make */
#define VNS_NL_REQUEST_SIZE	1024

/**
 * struct vns_nl - a netlink socket and the outcome of its last request
 * @sock: the socket, NULL while not open
 * @seq: sequence number of the last request
 * @error: 0 or the negative errno that it was refused with
 * @message: what the kernel said (extack), empty when it said nothing
 * @attr_offset: where the attribute that it blames starts in the request, 0:
 *	none named
 * @attr_missing: number of the attribute that it missed, 0: none named
 * @has_range: it said what the attribute may be
 * @min: from this
 * @max: to this
 */
struct vns_nl {
	struct mnl_socket *sock;
	unsigned int seq;
	int error;
	char message[256];
	uint32_t attr_offset;
	uint32_t attr_missing;
	bool has_range;
	uint64_t min;
	uint64_t max;
};

/**
 * struct vns_array - items of one size, as many as come
 * @items: the items
 * @count: how many
 * @size: bytes of one item; set by the owner
 */
struct vns_array {
	void *items;
	size_t count;
	size_t size;
};

/* netlink.c */
int vns_nl_open(struct vns_nl *nl, int bus);
void vns_nl_close(struct vns_nl *nl);
struct nlmsghdr *vns_nl_begin(char *buf);
int vns_nl_talk(struct vns_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		void *data);
int vns_nl_dump(struct vns_nl *nl, struct nlmsghdr *nlh, mnl_cb_t cb,
		struct vns_array *out);
const char *vns_nl_reason(const struct vns_nl *nl, int error);
void *vns_array_add(struct vns_array *array);
void vns_array_free(struct vns_array *array);

/**
 * struct vns_ip - an IP address
 * @family: AF_INET, AF_INET6, or 0: none
 * @bytes: the address, 4 or 16 bytes
 */
struct vns_ip {
	uint8_t family;
	uint8_t bytes[16];
};

/* more than the kernel has of one sort on a port */
#define VNS_IPS_MAX		64

/**
 * struct vns_ips - some IP addresses
 * @count: how many
 * @ip: the addresses
 */
struct vns_ips {
	unsigned int count;
	struct vns_ip ip[VNS_IPS_MAX];
};

/* ip.c: room for an address, and for "[address]:port-port" */
#define VNS_IP_TEXT		46
#define VNS_IP_ENDPOINT_TEXT	64

size_t vns_ip_size(const struct vns_ip *ip);
bool vns_ip_parse(const char *word, struct vns_ip *ip);
bool vns_ip_read(struct vns_ip *ip, const void *bytes, size_t size);
bool vns_ip_equal(const struct vns_ip *a, const struct vns_ip *b);
bool vns_ip_in(const struct vns_ip *ip, const struct vns_ip *subnet,
	       unsigned int plen);
bool vns_ip_is_group(const struct vns_ip *ip);
bool vns_ip_is_link_local(const struct vns_ip *ip);
void vns_ip_to_mapped(const struct vns_ip *ip, uint8_t mapped[16]);
void vns_ip_from_mapped(struct vns_ip *ip, const uint8_t mapped[16]);
const char *vns_ip_format(const struct vns_ip *ip, char *text);
const char *vns_ip_format_endpoint(const struct vns_ip *ip, uint16_t port,
				   uint16_t last, char *text);

/**
 * struct vns_network - a network, as the kernel describes it
 * @ifindex: of its device
 * @name: of its device
 * @mode: enum vnetshare_mode
 * @uplink: name of the device to the outside, empty: routing table decides
 * @uplink_auto: in mode bridged, @uplink was found, not asked for
 * @uplink_ifindex: that device, 0 when there is none now or, in mode bridged,
 *	when the network is not bridged to it
 * @uplink_running: in mode bridged, frames can pass it
 * @bridge: name of the Linux bridge that the network is a port of, or empty
 * @macnat: enum vnetshare_macnat
 * @macnat_active: VMs share the uplink's MAC address now
 * @group_forward: mask of the groups 01:80:c2:00:00:0x that are let through
 * @flood_limit: frames a second, 0: no limit
 * @fastpath: sessions with the outside may go the fast path
 * @flows: how many do, each direction for itself
 * @mac: of its device
 * @mtu: bytes
 * @ageing: seconds
 * @isolate: ports do not talk to each other
 * @share: a network of mode hostonly has a way out
 * @firewall: enum vnetshare_firewall
 * @ports: how many
 * @fdb_entries: how many MAC addresses are known
 * @forwards: how many port forwards it has
 */
struct vns_network {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	uint32_t mode;
	char uplink[IFNAMSIZ];
	bool uplink_auto;
	uint32_t uplink_ifindex;
	bool uplink_running;
	char bridge[IFNAMSIZ];
	uint32_t macnat;
	bool macnat_active;
	uint32_t group_forward;
	uint32_t flood_limit;
	bool fastpath;
	uint32_t flows;
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t ageing;
	bool isolate;
	bool share;
	uint32_t firewall;
	uint32_t ports;
	uint32_t fdb_entries;
	uint32_t forwards;
};

/**
 * struct vns_port - a port, as the kernel describes it
 * @ifindex: of its device, in the namespace where that lives
 * @name: of its device
 * @network: ifindex of its network
 * @id: number in its network
 * @type: enum vnetshare_port_type
 * @has_mac: is @mac set?
 * @mac: the VM's
 * @lock: only @mac may send, and only from the addresses of the port
 * @addresses: those set by the administrator
 * @learned: those from DHCP and neighbour discovery
 * @has_netnsid: the device lives in another namespace
 * @netnsid: which
 * @running: frames can pass
 * @fdb_entries: how many MAC addresses are known here
 */
struct vns_port {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	uint32_t network;
	uint32_t id;
	uint32_t type;
	bool has_mac;
	uint8_t mac[6];
	bool lock;
	struct vns_ips addresses;
	struct vns_ips learned;
	bool has_netnsid;
	int32_t netnsid;
	bool running;
	uint32_t fdb_entries;
};

/**
 * struct vns_fdb_entry - where a MAC address lives
 * @network: ifindex of the network
 * @mac: the address
 * @port_id: number of the port, 0: the uplink of a bridged network
 * @port_name: name of that device
 * @age: seconds since it was seen
 * @pinned: configured, not learned
 */
struct vns_fdb_entry {
	uint32_t network;
	uint8_t mac[6];
	uint32_t port_id;
	char port_name[IFNAMSIZ];
	uint32_t age;
	bool pinned;
};

/**
 * struct vns_neigh - an IP address that a VM of a bridged network has
 * @network: ifindex of the network
 * @ip: the address
 * @mac: of the VM
 * @port_id: number of the VM's port
 * @port_name: name of the port's device
 * @age: seconds since it was seen
 * @holder: of a conflict: MAC address of who has @ip, too
 */
struct vns_neigh {
	uint32_t network;
	struct vns_ip ip;
	uint8_t mac[6];
	uint32_t port_id;
	char port_name[IFNAMSIZ];
	uint32_t age;
	uint8_t holder[6];
};

/**
 * struct vns_forward - a port forward, as the kernel describes it
 * @network: ifindex of its network
 * @id: number in its network
 * @protocols: enum vnetshare_protocol combined
 * @address: of the host; family 0: every local one
 * @port: of the host, the first
 * @port_last: the last
 * @to: the VM's address
 * @to_port: the VM's, the first
 * @active: the network has a way to the outside
 * @connections: accepted so far
 * @packets: sent to the VM so far
 * @bytes: likewise
 */
struct vns_forward {
	uint32_t network;
	uint32_t id;
	uint32_t protocols;
	struct vns_ip address;
	uint16_t port;
	uint16_t port_last;
	struct vns_ip to;
	uint16_t to_port;
	bool active;
	uint64_t connections;
	uint64_t packets;
	uint64_t bytes;
};

/* genl_forward.c */
int vns_genl_forward_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_forward *forward);
void vns_genl_forward_read(const struct nlmsghdr *nlh,
			   struct vns_forward *forward);
int vns_genl_forwards(struct vns_ctx *ctx, uint32_t network,
		      struct vns_array *forwards);

/**
 * struct vns_flow - one direction of a session that goes the fast path
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @from: source address of packets as they arrive
 * @to: destination address, likewise
 * @from_port: source port, likewise
 * @to_port: destination port, likewise
 */
struct vns_flow {
	uint8_t proto;
	struct vns_ip from, to;
	uint16_t from_port, to_port;
};

/* genl_flow.c */
int vns_genl_flows(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *flows);

/* genl_neigh.c */
void vns_genl_neigh_read(const struct nlmsghdr *nlh, struct vns_neigh *neigh);
int vns_genl_neighs(struct vns_ctx *ctx, uint32_t network,
		    struct vns_array *neighs);

/* genl_names.c */
const char *vns_genl_attr_name(uint8_t cmd, uint32_t type);

/* genl.c */
int vns_genl_open(struct vns_ctx *ctx);
struct nlmsghdr *vns_genl_request(struct vns_ctx *ctx, char *buf, uint8_t cmd);
int vns_genl_report(const struct vns_ctx *ctx, const struct nlmsghdr *nlh,
		    const char *what, int error);
int vns_genl_send(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what);
int vns_genl_dump(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what,
		  mnl_cb_t cb, struct vns_array *out);
void vns_genl_copy_name(char *to, const struct nlattr *attr);
void vns_genl_copy_mac(uint8_t *to, const struct nlattr *attr);
int vns_genl_network_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_network *network);
int vns_genl_port_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
		       const char *what, struct vns_port *port);
void vns_genl_network_read(const struct nlmsghdr *nlh,
			   struct vns_network *network);
void vns_genl_port_read(const struct nlmsghdr *nlh, struct vns_port *port);
int vns_genl_networks(struct vns_ctx *ctx, struct vns_array *networks);
int vns_genl_ports(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *ports);
int vns_genl_fdb(struct vns_ctx *ctx, uint32_t network, struct vns_array *fdb);
int vns_genl_network_find(struct vns_ctx *ctx, const char *name,
			  struct vns_network *network);
int vns_genl_network_get(struct vns_ctx *ctx, const char *name,
			 struct vns_network *network);
int vns_genl_network_del(struct vns_ctx *ctx, const char *name,
			 uint32_t ifindex);
const char *vns_genl_mode_name(uint32_t mode);
const char *vns_genl_firewall_name(uint32_t firewall);
const char *vns_genl_macnat_name(uint32_t macnat);
bool vns_genl_has_gateway(uint32_t mode);
bool vns_genl_has_outside(const struct vns_network *network);
const char *vns_genl_network_name(const struct vns_array *networks,
				  uint32_t ifindex);
extern const char *const vns_genl_modes[];
extern const char *const vns_genl_firewalls[];
extern const char *const vns_genl_macnats[];
extern const char *const vns_genl_port_types[];

/**
 * struct vns_link - a network device
 * @ifindex: its number
 * @type: ARPHRD_*
 * @master: the device that it belongs to, 0: none
 * @lower: the device that it is on top of, 0: none in this namespace
 * @name: its name
 * @kind: its rtnl kind, empty for hardware
 * @alias: its alias
 * @mac: its Ethernet address
 * @mtu: bytes
 * @flags: IFF_*
 */
struct vns_link {
	uint32_t ifindex;
	unsigned int type;
	uint32_t master;
	uint32_t lower;
	char name[IFNAMSIZ];
	char kind[32];
	char alias[256];
	uint8_t mac[6];
	uint32_t mtu;
	unsigned int flags;
};

/**
 * struct vns_addr - an address of a device
 * @ifindex: the device
 * @local: the address
 * @peer: the other end's, or the same again
 * @plen: prefix length
 * @secondary: not the first one of its subnet
 * @permanent: somebody put it there; else it came by router advertisement
 */
struct vns_addr {
	uint32_t ifindex;
	struct vns_ip local;
	struct vns_ip peer;
	uint8_t plen;
	bool secondary;
	bool permanent;
};

/**
 * struct vns_route - a route
 * @dst: destination
 * @plen: its prefix length
 * @type: RTN_*
 * @table: routing table
 * @metric: the lower, the better
 * @oif: device, 0: none
 */
struct vns_route {
	struct vns_ip dst;
	uint8_t plen;
	uint8_t type;
	uint32_t table;
	uint32_t metric;
	uint32_t oif;
};

/* rtnl.c */
int vns_rtnl_open(struct vns_ctx *ctx);
int vns_rtnl_link_find(struct vns_ctx *ctx, uint32_t ifindex, const char *name,
		       struct vns_link *link);
int vns_rtnl_links(struct vns_ctx *ctx, struct vns_array *links);
int vns_rtnl_link_up(struct vns_ctx *ctx, uint32_t ifindex, const char *name);
int vns_rtnl_link_alias(struct vns_ctx *ctx, uint32_t ifindex,
			const char *name, const char *alias);
int vns_rtnl_link_del(struct vns_ctx *ctx, uint32_t ifindex, const char *name);
int vns_rtnl_addr_change(struct vns_ctx *ctx, bool add, uint32_t ifindex,
			 const char *name, const struct vns_ip *addr,
			 uint8_t plen);
int vns_rtnl_addrs(struct vns_ctx *ctx, struct vns_array *addrs);
int vns_rtnl_routes(struct vns_ctx *ctx, struct vns_array *routes);
bool vns_rtnl_uplink(struct vns_ctx *ctx, const struct vns_network *network,
		     uint8_t family, char *name);
int vns_rtnl_nsid(struct vns_ctx *ctx, int fd, int32_t *nsid);

#endif /* VNS_NETLINK_H */
