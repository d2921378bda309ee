/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "vnetshare".
 */
#ifndef VNS_GENL_H
#define VNS_GENL_H

#include <linux/vnetshare.h>

#include "vnetshare.h"

int vns_genl_open(struct vns_ctx *ctx);
struct nlmsghdr *vns_genl_request(struct vns_ctx *ctx, char *buf, uint8_t cmd);
int vns_genl_report(const struct vns_ctx *ctx, const struct nlmsghdr *nlh,
		    const char *what, int error);
int vns_genl_send(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what);
int vns_genl_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh, const char *what,
		  mnl_cb_t cb, void *data);
int vns_genl_list(struct vns_ctx *ctx, uint8_t cmd, uint16_t attr,
		  uint32_t network, mnl_cb_t cb, struct vns_array *out);

/* genl_names.c */
const char *vns_genl_attr_name(uint8_t cmd, uint32_t type);
const char *vns_genl_list_name(uint8_t cmd);
const char *vns_genl_mode_name(uint32_t mode);
const char *vns_genl_firewall_name(uint32_t firewall);
const char *vns_genl_macnat_name(uint32_t macnat);
extern const char *const vns_genl_modes[];
extern const char *const vns_genl_firewalls[];
extern const char *const vns_genl_macnats[];
extern const char *const vns_genl_port_types[];

/**
 * struct vns_network - a network, as the kernel describes it
 * @ifindex: of the network's device
 * @name: of the network's device
 * @mode: enum vnetshare_mode
 * @uplink: name of the uplink; empty: the routing table decides
 * @uplink_auto: mode bridged: @uplink was chosen automatically
 * @uplink_ifindex: of the uplink, 0: it does not exist now or, in mode bridged,
 *	the network is not connected to it
 * @uplink_running: mode bridged: the uplink can pass frames
 * @bridge: name of the Linux bridge that the network is a port of, or empty
 * @macnat: enum vnetshare_macnat
 * @macnat_active: VMs share the uplink's MAC address now
 * @group_forward: mask of the groups 01:80:c2:00:00:0x that are let through
 * @flood_limit: frames a second, 0: no limit
 * @fastpath: sessions with the outside may use the fast path
 * @flows: number of flows in the fast path; a session has one a direction
 * @mac: of the network's device
 * @mtu: bytes
 * @ageing: seconds
 * @isolate: ports do not talk to each other
 * @share: mode hostonly: the network has a way to the outside
 * @firewall: enum vnetshare_firewall
 * @ports: number of ports
 * @fdb_entries: number of known MAC addresses
 * @forwards: number of port forwards
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

/* genl_network.c */
void vns_genl_network_read(const struct nlmsghdr *nlh,
			   struct vns_network *network);
int vns_genl_network_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_network *network);
int vns_genl_networks(struct vns_ctx *ctx, struct vns_array *networks);
int vns_genl_network_find(struct vns_ctx *ctx, const char *name,
			  struct vns_network *network);
int vns_genl_network_get(struct vns_ctx *ctx, const char *name,
			 struct vns_network *network);
int vns_genl_network_del(struct vns_ctx *ctx, const char *name,
			 uint32_t ifindex);
const char *vns_genl_network_name(const struct vns_array *networks,
				  uint32_t ifindex);
bool vns_genl_has_gateway(uint32_t mode);
bool vns_genl_has_outside(const struct vns_network *network);

/**
 * struct vns_port - a port, as the kernel describes it
 * @ifindex: of the port's device, in the device's namespace
 * @name: of the port's device
 * @network: ifindex of its network
 * @id: number in its network
 * @type: enum vnetshare_port_type
 * @has_mac: @mac is set
 * @mac: MAC address of the VM
 * @lock: the port drops frames that do not come from @mac and its addresses
 * @addresses: IP addresses that the administrator has set
 * @learned: IP addresses from DHCP and neighbour discovery
 * @has_netnsid: the device is in another namespace
 * @netnsid: id of that namespace
 * @running: frames can pass
 * @fdb_entries: number of MAC addresses known at this port
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

/* genl_port.c */
void vns_genl_port_read(const struct nlmsghdr *nlh, struct vns_port *port);
int vns_genl_port_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
		       const char *what, struct vns_port *port);
int vns_genl_ports(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *ports);

/**
 * struct vns_fdb_entry - the port of a MAC address
 * @network: ifindex of the network
 * @mac: the address
 * @port_id: number of the port, 0: the uplink of a bridged network
 * @port_name: name of the port's or uplink's device
 * @age: seconds since the address was seen
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

/* genl_fdb.c */
int vns_genl_fdb(struct vns_ctx *ctx, uint32_t network, struct vns_array *fdb);

/**
 * struct vns_neigh - an IP address that a VM of a bridged network has
 * @network: ifindex of the network
 * @ip: the address
 * @mac: of the VM
 * @port_id: number of the VM's port
 * @port_name: name of the port's device
 * @age: seconds since the address was seen
 * @holder: of a conflict: MAC address of the other machine with @ip
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

/* genl_neigh.c */
void vns_genl_neigh_read(const struct nlmsghdr *nlh, struct vns_neigh *neigh);
int vns_genl_neighs(struct vns_ctx *ctx, uint32_t network,
		    struct vns_array *neighs);

/**
 * struct vns_forward - a port forward, as the kernel describes it
 * @network: ifindex of its network
 * @id: number in its network
 * @protocols: enum vnetshare_protocol combined
 * @address: of the host; family 0: every local address
 * @port: first port of the host
 * @port_last: last port of the host
 * @to: the VM's address
 * @to_port: first port of the VM
 * @active: the network has a way to the outside
 * @connections: number of connections so far
 * @packets: number of packets sent to the VM
 * @bytes: number of bytes sent to the VM
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
void vns_genl_forward_read(const struct nlmsghdr *nlh,
			   struct vns_forward *forward);
int vns_genl_forward_talk(struct vns_ctx *ctx, struct nlmsghdr *nlh,
			  const char *what, struct vns_forward *forward);
int vns_genl_forwards(struct vns_ctx *ctx, uint32_t network,
		      struct vns_array *forwards);

/**
 * struct vns_flow - one direction of a session in the fast path
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @from: source address of arriving packets
 * @to: destination address of arriving packets
 * @from_port: source port of arriving packets
 * @to_port: destination port of arriving packets
 */
struct vns_flow {
	uint8_t proto;
	struct vns_ip from, to;
	uint16_t from_port, to_port;
};

/* genl_flow.c */
int vns_genl_flows(struct vns_ctx *ctx, uint32_t network,
		   struct vns_array *flows);

#endif /* VNS_GENL_H */
