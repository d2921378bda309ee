/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink interface of vnetshare, described in
 * Documentation/netlink.rst and Documentation/netlink/specs/vnetshare.yaml.
 */
#ifndef _UAPI_LINUX_VNETSHARE_H
#define _UAPI_LINUX_VNETSHARE_H

#define VNETSHARE_GENL_NAME		"vnetshare"
#define VNETSHARE_GENL_VERSION		1
#define VNETSHARE_MCGRP_MONITOR		"monitor"

/* rtnl kinds of the two devices that the module registers */
#define VNETSHARE_LINK_KIND		"vnetshare"
#define VNETSHARE_PORT_LINK_KIND	"vnetport"

/**
 * enum vnetshare_cmd - what a message asks for or announces
 * @VNETSHARE_CMD_UNSPEC: not used
 * @VNETSHARE_CMD_NETWORK_GET: one network (by ifindex), or a dump of all
 * @VNETSHARE_CMD_NETWORK_NEW: create a network; answered with the network
 * @VNETSHARE_CMD_NETWORK_SET: change the given attributes of a network
 * @VNETSHARE_CMD_NETWORK_DEL: delete a network, detaching its ports
 * @VNETSHARE_CMD_PORT_GET: one port, or a dump (of one network if given)
 * @VNETSHARE_CMD_PORT_NEW: attach a device, or make a native port; answered
 *	with the port
 * @VNETSHARE_CMD_PORT_SET: change the given attributes of a port
 * @VNETSHARE_CMD_PORT_DEL: detach a device, or delete a native port
 * @VNETSHARE_CMD_FDB_GET: dump of learned and pinned MAC addresses (of one
 *	network if given)
 * @VNETSHARE_CMD_NETWORK_ADD_NTF: a network was created
 * @VNETSHARE_CMD_NETWORK_DEL_NTF: a network is gone
 * @VNETSHARE_CMD_NETWORK_CHANGE_NTF: an attribute of a network changed
 * @VNETSHARE_CMD_PORT_ADD_NTF: a port was plugged in
 * @VNETSHARE_CMD_PORT_DEL_NTF: a port is gone
 * @VNETSHARE_CMD_PORT_CHANGE_NTF: an attribute of a port changed
 * @VNETSHARE_CMD_FORWARD_GET: dump of port forwards (of one network if given)
 * @VNETSHARE_CMD_FORWARD_NEW: add a port forward; answered with the port
 *	forward
 * @VNETSHARE_CMD_FORWARD_DEL: delete one port forward (by network and number),
 *	or all of a network; their sessions end
 * @VNETSHARE_CMD_FORWARD_ADD_NTF: a port forward was added
 * @VNETSHARE_CMD_FORWARD_DEL_NTF: a port forward is gone
 * @VNETSHARE_CMD_NEIGH_GET: dump of the IP addresses that VMs of bridged
 *	networks were seen to have (of one network if given)
 * @VNETSHARE_CMD_NEIGH_CONFLICT_NTF: a VM of a bridged network uses an IP
 *	address that the host or another machine has
 * @VNETSHARE_CMD_FLOW_GET: dump of the sessions in the fast path, one direction
 *	an entry (of one network if given)
 */
enum vnetshare_cmd {
	VNETSHARE_CMD_UNSPEC,
	VNETSHARE_CMD_NETWORK_GET,
	VNETSHARE_CMD_NETWORK_NEW,
	VNETSHARE_CMD_NETWORK_SET,
	VNETSHARE_CMD_NETWORK_DEL,
	VNETSHARE_CMD_PORT_GET,
	VNETSHARE_CMD_PORT_NEW,
	VNETSHARE_CMD_PORT_SET,
	VNETSHARE_CMD_PORT_DEL,
	VNETSHARE_CMD_FDB_GET,
	VNETSHARE_CMD_NETWORK_ADD_NTF,
	VNETSHARE_CMD_NETWORK_DEL_NTF,
	VNETSHARE_CMD_NETWORK_CHANGE_NTF,
	VNETSHARE_CMD_PORT_ADD_NTF,
	VNETSHARE_CMD_PORT_DEL_NTF,
	VNETSHARE_CMD_PORT_CHANGE_NTF,
	VNETSHARE_CMD_FORWARD_GET,
	VNETSHARE_CMD_FORWARD_NEW,
	VNETSHARE_CMD_FORWARD_DEL,
	VNETSHARE_CMD_FORWARD_ADD_NTF,
	VNETSHARE_CMD_FORWARD_DEL_NTF,
	VNETSHARE_CMD_NEIGH_GET,
	VNETSHARE_CMD_NEIGH_CONFLICT_NTF,
	VNETSHARE_CMD_FLOW_GET,

	/* private: */
	__VNETSHARE_CMD_MAX,
	VNETSHARE_CMD_MAX = __VNETSHARE_CMD_MAX - 1
};

/**
 * enum vnetshare_mode - how far the frames of a network may go
 * @VNETSHARE_MODE_UNSPEC: not used
 * @VNETSHARE_MODE_NAT: to the host, and behind its address to the outside
 * @VNETSHARE_MODE_HOSTONLY: to the host; to the outside too while it is shared
 * @VNETSHARE_MODE_ISOLATED: between the ports, not to the host
 * @VNETSHARE_MODE_BRIDGED: part of the link that the uplink is on, the host
 *	included
 */
enum vnetshare_mode {
	VNETSHARE_MODE_UNSPEC,
	VNETSHARE_MODE_NAT,
	VNETSHARE_MODE_HOSTONLY,
	VNETSHARE_MODE_ISOLATED,
	VNETSHARE_MODE_BRIDGED,

	/* private: */
	__VNETSHARE_MODE_MAX,
	VNETSHARE_MODE_MAX = __VNETSHARE_MODE_MAX - 1
};

/**
 * enum vnetshare_firewall - the host's filter hooks that routed packets cross
 * @VNETSHARE_FIREWALL_UNSPEC: not used
 * @VNETSHARE_FIREWALL_FORWARD: FORWARD, as with any router
 * @VNETSHARE_FIREWALL_HOST: OUTPUT on the way out, INPUT on the way in, as if
 *	the packets were the host's own
 * @VNETSHARE_FIREWALL_OFF: none
 */
enum vnetshare_firewall {
	VNETSHARE_FIREWALL_UNSPEC,
	VNETSHARE_FIREWALL_FORWARD,
	VNETSHARE_FIREWALL_HOST,
	VNETSHARE_FIREWALL_OFF,

	/* private: */
	__VNETSHARE_FIREWALL_MAX,
	VNETSHARE_FIREWALL_MAX = __VNETSHARE_FIREWALL_MAX - 1
};

/**
 * enum vnetshare_macnat - whether the VMs of a bridged network share the
 *	uplink's MAC address
 * @VNETSHARE_MACNAT_UNSPEC: not used
 * @VNETSHARE_MACNAT_AUTO: if the uplink carries no other MAC address (a Wi-Fi
 *	station)
 * @VNETSHARE_MACNAT_ON: yes
 * @VNETSHARE_MACNAT_OFF: no
 */
enum vnetshare_macnat {
	VNETSHARE_MACNAT_UNSPEC,
	VNETSHARE_MACNAT_AUTO,
	VNETSHARE_MACNAT_ON,
	VNETSHARE_MACNAT_OFF,

	/* private: */
	__VNETSHARE_MACNAT_MAX,
	VNETSHARE_MACNAT_MAX = __VNETSHARE_MACNAT_MAX - 1
};

/* Groups 01:80:c2:00:00:0x that may be let through. Those from 0 to 2 (STP,
 * pause, LACP) may not, because they are for the next device only.
 */
#define VNETSHARE_GROUP_FORWARD_MASK	0xfff8

/**
 * enum vnetshare_protocol - what a port forward carries; may be combined
 * @VNETSHARE_PROTOCOL_TCP: TCP
 * @VNETSHARE_PROTOCOL_UDP: UDP
 */
enum vnetshare_protocol {
	VNETSHARE_PROTOCOL_TCP = 1,
	VNETSHARE_PROTOCOL_UDP = 2,
};

/**
 * enum vnetshare_port_type - what a port is made of
 * @VNETSHARE_PORT_TYPE_UNSPEC: not used
 * @VNETSHARE_PORT_TYPE_ATTACHED: an existing Ethernet device (tap, veth, ...)
 * @VNETSHARE_PORT_TYPE_NATIVE: a vnetport device that the module registered
 */
enum vnetshare_port_type {
	VNETSHARE_PORT_TYPE_UNSPEC,
	VNETSHARE_PORT_TYPE_ATTACHED,
	VNETSHARE_PORT_TYPE_NATIVE,

	/* private: */
	__VNETSHARE_PORT_TYPE_MAX,
	VNETSHARE_PORT_TYPE_MAX = __VNETSHARE_PORT_TYPE_MAX - 1
};

/**
 * enum vnetshare_network_attr - attributes of the NETWORK commands
 * @VNETSHARE_A_NETWORK_UNSPEC: not used
 * @VNETSHARE_A_NETWORK_IFINDEX: u32, the network's device. Needed by SET, DEL
 *	and a GET of one; in all answers
 * @VNETSHARE_A_NETWORK_NAME: string, the network's (and device's) name.
 *	Needed by NEW; may hold one "%d" there
 * @VNETSHARE_A_NETWORK_MODE: u32, enum vnetshare_mode. NEW (default nat), SET
 * @VNETSHARE_A_NETWORK_UPLINK: string, name of the device through which the
 *	outside is reached; empty: follow the routing table. NEW (default
 *	empty), SET. In mode bridged: never empty; the network is bridged to
 *	the device, or becomes a port of the device's Linux bridge
 * @VNETSHARE_A_NETWORK_MAC: 6 bytes, the device's (the gateway's) Ethernet
 *	address. NEW (default random), SET
 * @VNETSHARE_A_NETWORK_MTU: u32, bytes, of the device and its ports. NEW
 *	(default 1500; in mode bridged the uplink's), SET
 * @VNETSHARE_A_NETWORK_AGEING: u32, seconds after which an unused learned MAC
 *	address is forgotten, 1 to 86400. NEW (default 300), SET
 * @VNETSHARE_A_NETWORK_ISOLATE: u8, 1: ports cannot reach each other. NEW
 *	(default 0), SET; not in mode isolated
 * @VNETSHARE_A_NETWORK_SHARE: u8, 1: a network of mode hostonly has a way out,
 *	as one of mode nat has. NEW (default 0), SET; 0 after a change of mode
 * @VNETSHARE_A_NETWORK_FIREWALL: u32, enum vnetshare_firewall. NEW (default
 *	forward), SET
 * @VNETSHARE_A_NETWORK_UPLINK_AUTO: u8, 1: in mode bridged, UPLINK was chosen
 *	automatically; in other modes, UPLINK is then empty. NEW (default 0),
 *	SET; 0 after a SET that has UPLINK but not this
 * @VNETSHARE_A_NETWORK_MACNAT: u32, enum vnetshare_macnat. NEW (default auto),
 *	SET; for mode bridged
 * @VNETSHARE_A_NETWORK_GROUP_FORWARD: u32, bit x: frames to 01:80:c2:00:00:0x
 *	are let through (3: EAPOL, 14: LLDP), within
 *	VNETSHARE_GROUP_FORWARD_MASK. NEW (default 0), SET
 * @VNETSHARE_A_NETWORK_FLOOD_LIMIT: u32, broadcast, multicast and unknown
 *	unicast frames a second that each port may send; 0: no limit. NEW
 *	(default 10000), SET
 * @VNETSHARE_A_NETWORK_FASTPATH: u8, 1: packets of established sessions with
 *	the outside bypass the IP stack and the host's firewall. NEW (default
 *	1), SET
 * @VNETSHARE_A_NETWORK_UPLINK_IFINDEX: u32, answered only: the named uplink's
 *	device, 0 while no device has that name or, in mode bridged, while the
 *	network is not bridged to it; absent when UPLINK is empty
 * @VNETSHARE_A_NETWORK_UPLINK_RUNNING: u8, answered only, in mode bridged: 1
 *	when frames can pass the uplink
 * @VNETSHARE_A_NETWORK_BRIDGE: string, answered only: the Linux bridge that
 *	the network is a port of
 * @VNETSHARE_A_NETWORK_MACNAT_ACTIVE: u8, answered only, in mode bridged: 1
 *	while the VMs share the uplink's MAC address
 * @VNETSHARE_A_NETWORK_PORTS: u32, answered only: number of ports
 * @VNETSHARE_A_NETWORK_FDB_ENTRIES: u32, answered only: MAC addresses known
 * @VNETSHARE_A_NETWORK_FORWARDS: u32, answered only: number of port forwards
 * @VNETSHARE_A_NETWORK_FLOWS: u32, answered only: entries in the fast path, one
 *	a direction of a session
 */
enum vnetshare_network_attr {
	VNETSHARE_A_NETWORK_UNSPEC,
	VNETSHARE_A_NETWORK_IFINDEX,
	VNETSHARE_A_NETWORK_NAME,
	VNETSHARE_A_NETWORK_MODE,
	VNETSHARE_A_NETWORK_UPLINK,
	VNETSHARE_A_NETWORK_MAC,
	VNETSHARE_A_NETWORK_MTU,
	VNETSHARE_A_NETWORK_AGEING,
	VNETSHARE_A_NETWORK_ISOLATE,
	VNETSHARE_A_NETWORK_SHARE,
	VNETSHARE_A_NETWORK_FIREWALL,
	VNETSHARE_A_NETWORK_UPLINK_AUTO,
	VNETSHARE_A_NETWORK_MACNAT,
	VNETSHARE_A_NETWORK_GROUP_FORWARD,
	VNETSHARE_A_NETWORK_FLOOD_LIMIT,
	VNETSHARE_A_NETWORK_FASTPATH,
	VNETSHARE_A_NETWORK_UPLINK_IFINDEX,
	VNETSHARE_A_NETWORK_UPLINK_RUNNING,
	VNETSHARE_A_NETWORK_BRIDGE,
	VNETSHARE_A_NETWORK_MACNAT_ACTIVE,
	VNETSHARE_A_NETWORK_PORTS,
	VNETSHARE_A_NETWORK_FDB_ENTRIES,
	VNETSHARE_A_NETWORK_FORWARDS,
	VNETSHARE_A_NETWORK_FLOWS,

	/* private: */
	__VNETSHARE_A_NETWORK_MAX,
	VNETSHARE_A_NETWORK_MAX = __VNETSHARE_A_NETWORK_MAX - 1
};

/**
 * enum vnetshare_port_attr - attributes of the PORT commands
 * @VNETSHARE_A_PORT_UNSPEC: not used
 * @VNETSHARE_A_PORT_IFINDEX: u32, the port's device. NEW of an attached port;
 *	GET, SET and DEL identify a port by this, or by NETWORK and ID (a native
 *	port whose device is in another network namespace)
 * @VNETSHARE_A_PORT_NAME: string, name of the port's device. Needed by NEW of
 *	a native port; may hold one "%d" there
 * @VNETSHARE_A_PORT_NETWORK: u32, ifindex of the network. Needed by NEW; may
 *	restrict a dump
 * @VNETSHARE_A_PORT_ID: u32, the port's number in its network, from 1
 * @VNETSHARE_A_PORT_TYPE: u32, enum vnetshare_port_type. NEW (default
 *	attached)
 * @VNETSHARE_A_PORT_MAC: 6 bytes. NEW, SET. The VM's Ethernet address, known
 *	to the switch before the VM's first frame; also a native port's device
 *	address. All zero: none. Absent in an answer when there is none
 * @VNETSHARE_A_PORT_LOCK: u8, 1: frames from any other source address than MAC,
 *	and packets from other IP addresses than the port's, are dropped. NEW
 *	(default 0), SET
 * @VNETSHARE_A_PORT_ADDRESSES: binary, up to 16 addresses of 16 bytes (IPv4 as
 *	::ffff:a.b.c.d): the IP addresses that a locked port may use, besides
 *	leases of the host's DHCP server and IPv6 addresses that it was the
 *	first port to claim. NEW (default none), SET (replaces all)
 * @VNETSHARE_A_PORT_NETNSID: s32, answered only: ID of the namespace of the
 *	port's device; absent if that is the network's namespace
 * @VNETSHARE_A_PORT_RUNNING: u8, answered only: 1 when frames can pass
 * @VNETSHARE_A_PORT_FDB_ENTRIES: u32, answered only: MAC addresses behind the
 *	port
 * @VNETSHARE_A_PORT_LEARNED: binary, answered only: the IP addresses that a
 *	locked port may use because of DHCP or neighbour discovery, as ADDRESSES
 */
enum vnetshare_port_attr {
	VNETSHARE_A_PORT_UNSPEC,
	VNETSHARE_A_PORT_IFINDEX,
	VNETSHARE_A_PORT_NAME,
	VNETSHARE_A_PORT_NETWORK,
	VNETSHARE_A_PORT_ID,
	VNETSHARE_A_PORT_TYPE,
	VNETSHARE_A_PORT_MAC,
	VNETSHARE_A_PORT_LOCK,
	VNETSHARE_A_PORT_ADDRESSES,
	VNETSHARE_A_PORT_NETNSID,
	VNETSHARE_A_PORT_RUNNING,
	VNETSHARE_A_PORT_FDB_ENTRIES,
	VNETSHARE_A_PORT_LEARNED,

	/* private: */
	__VNETSHARE_A_PORT_MAX,
	VNETSHARE_A_PORT_MAX = __VNETSHARE_A_PORT_MAX - 1
};

/**
 * enum vnetshare_fdb_attr - attributes of FDB_GET
 * @VNETSHARE_A_FDB_UNSPEC: not used
 * @VNETSHARE_A_FDB_NETWORK: u32, ifindex of the network; restricts the dump
 * @VNETSHARE_A_FDB_MAC: 6 bytes, answered only
 * @VNETSHARE_A_FDB_PORT_ID: u32, answered only: the port behind which the
 *	address is, 0 for the uplink of a bridged network
 * @VNETSHARE_A_FDB_PORT_NAME: string, answered only: name of the port's device
 * @VNETSHARE_A_FDB_AGE: u32, answered only: seconds since its last frame
 * @VNETSHARE_A_FDB_PINNED: u8, answered only: 1 for the MAC address that is
 *	configured for a port, which neither ages nor moves
 */
enum vnetshare_fdb_attr {
	VNETSHARE_A_FDB_UNSPEC,
	VNETSHARE_A_FDB_NETWORK,
	VNETSHARE_A_FDB_MAC,
	VNETSHARE_A_FDB_PORT_ID,
	VNETSHARE_A_FDB_PORT_NAME,
	VNETSHARE_A_FDB_AGE,
	VNETSHARE_A_FDB_PINNED,

	/* private: */
	__VNETSHARE_A_FDB_MAX,
	VNETSHARE_A_FDB_MAX = __VNETSHARE_A_FDB_MAX - 1
};

/**
 * enum vnetshare_neigh_attr - attributes of NEIGH_GET and NEIGH_CONFLICT_NTF
 * @VNETSHARE_A_NEIGH_UNSPEC: not used
 * @VNETSHARE_A_NEIGH_NETWORK: u32, ifindex of the network; restricts the dump
 * @VNETSHARE_A_NEIGH_ADDRESS: 16 bytes, answered only: the IP address, IPv4 as
 *	::ffff:a.b.c.d
 * @VNETSHARE_A_NEIGH_MAC: 6 bytes, answered only: the VM's Ethernet address
 * @VNETSHARE_A_NEIGH_PORT_ID: u32, answered only: the VM's port
 * @VNETSHARE_A_NEIGH_PORT_NAME: string, answered only: name of that port's
 *	device
 * @VNETSHARE_A_NEIGH_AGE: u32, answered only: seconds since its last packet
 * @VNETSHARE_A_NEIGH_HOLDER: 6 bytes, of a conflict: Ethernet address of the
 *	other machine that has the IP address
 */
enum vnetshare_neigh_attr {
	VNETSHARE_A_NEIGH_UNSPEC,
	VNETSHARE_A_NEIGH_NETWORK,
	VNETSHARE_A_NEIGH_ADDRESS,
	VNETSHARE_A_NEIGH_MAC,
	VNETSHARE_A_NEIGH_PORT_ID,
	VNETSHARE_A_NEIGH_PORT_NAME,
	VNETSHARE_A_NEIGH_AGE,
	VNETSHARE_A_NEIGH_HOLDER,

	/* private: */
	__VNETSHARE_A_NEIGH_MAX,
	VNETSHARE_A_NEIGH_MAX = __VNETSHARE_A_NEIGH_MAX - 1
};

/**
 * enum vnetshare_flow_direction - direction of the packets of an entry
 * @VNETSHARE_FLOW_UNSPEC: not used
 * @VNETSHARE_FLOW_OUT: from a VM to the outside
 * @VNETSHARE_FLOW_IN: from the outside to a VM
 * @VNETSHARE_FLOW_HAIRPIN: from a VM to a VM of the same network, by way of a
 *	port forward
 */
enum vnetshare_flow_direction {
	VNETSHARE_FLOW_UNSPEC,
	VNETSHARE_FLOW_OUT,
	VNETSHARE_FLOW_IN,
	VNETSHARE_FLOW_HAIRPIN,

	/* private: */
	__VNETSHARE_FLOW_MAX,
	VNETSHARE_FLOW_MAX = __VNETSHARE_FLOW_MAX - 1
};

/**
 * enum vnetshare_flow_attr - attributes of FLOW_GET
 * @VNETSHARE_A_FLOW_UNSPEC: not used
 * @VNETSHARE_A_FLOW_NETWORK: u32, ifindex of the network; restricts the dump
 * @VNETSHARE_A_FLOW_DIRECTION: u32, answered only: enum
 *	vnetshare_flow_direction
 * @VNETSHARE_A_FLOW_PROTOCOL: u8, answered only: IPPROTO_TCP or IPPROTO_UDP
 * @VNETSHARE_A_FLOW_SOURCE: 4 or 16 bytes, answered only: source address of
 *	the packets before they are translated
 * @VNETSHARE_A_FLOW_DESTINATION: 4 or 16 bytes, answered only: likewise, the
 *	destination address
 * @VNETSHARE_A_FLOW_SOURCE_PORT: u16, answered only
 * @VNETSHARE_A_FLOW_DESTINATION_PORT: u16, answered only
 */
enum vnetshare_flow_attr {
	VNETSHARE_A_FLOW_UNSPEC,
	VNETSHARE_A_FLOW_NETWORK,
	VNETSHARE_A_FLOW_DIRECTION,
	VNETSHARE_A_FLOW_PROTOCOL,
	VNETSHARE_A_FLOW_SOURCE,
	VNETSHARE_A_FLOW_DESTINATION,
	VNETSHARE_A_FLOW_SOURCE_PORT,
	VNETSHARE_A_FLOW_DESTINATION_PORT,

	/* private: */
	__VNETSHARE_A_FLOW_MAX,
	VNETSHARE_A_FLOW_MAX = __VNETSHARE_A_FLOW_MAX - 1
};

/**
 * enum vnetshare_forward_attr - attributes of the FORWARD commands
 * @VNETSHARE_A_FORWARD_UNSPEC: not used
 * @VNETSHARE_A_FORWARD_NETWORK: u32, ifindex of the network. Needed by NEW and
 *	DEL; may restrict a dump
 * @VNETSHARE_A_FORWARD_ID: u32, the port forward's number in its network,
 *	from 1. DEL (absent: all of the network)
 * @VNETSHARE_A_FORWARD_PROTOCOLS: u32, enum vnetshare_protocol combined. Needed
 *	by NEW
 * @VNETSHARE_A_FORWARD_ADDRESS: 4 or 16 bytes, the host's address. NEW; absent:
 *	every local address of the family of TO_ADDRESS
 * @VNETSHARE_A_FORWARD_PORT: u16, the host's (first) port. Needed by NEW
 * @VNETSHARE_A_FORWARD_PORT_LAST: u16, the last port of a range. NEW (default
 *	PORT)
 * @VNETSHARE_A_FORWARD_TO_ADDRESS: 4 or 16 bytes, the VM's address, on a subnet
 *	of the network. Needed by NEW
 * @VNETSHARE_A_FORWARD_TO_PORT: u16, the VM's (first) port. NEW (default PORT);
 *	the other ports of a range follow in order
 * @VNETSHARE_A_FORWARD_ACTIVE: u8, answered only: 0 while the network's mode
 *	has no way to the outside
 * @VNETSHARE_A_FORWARD_CONNECTIONS: u64, answered only: connections accepted
 * @VNETSHARE_A_FORWARD_PACKETS: u64, answered only: packets sent to the VM
 * @VNETSHARE_A_FORWARD_BYTES: u64, answered only: bytes sent to the VM, at the
 *	IP layer
 * @VNETSHARE_A_FORWARD_PAD: aligns the counters
 */
enum vnetshare_forward_attr {
	VNETSHARE_A_FORWARD_UNSPEC,
	VNETSHARE_A_FORWARD_NETWORK,
	VNETSHARE_A_FORWARD_ID,
	VNETSHARE_A_FORWARD_PROTOCOLS,
	VNETSHARE_A_FORWARD_ADDRESS,
	VNETSHARE_A_FORWARD_PORT,
	VNETSHARE_A_FORWARD_PORT_LAST,
	VNETSHARE_A_FORWARD_TO_ADDRESS,
	VNETSHARE_A_FORWARD_TO_PORT,
	VNETSHARE_A_FORWARD_ACTIVE,
	VNETSHARE_A_FORWARD_CONNECTIONS,
	VNETSHARE_A_FORWARD_PACKETS,
	VNETSHARE_A_FORWARD_BYTES,
	VNETSHARE_A_FORWARD_PAD,

	/* private: */
	__VNETSHARE_A_FORWARD_MAX,
	VNETSHARE_A_FORWARD_MAX = __VNETSHARE_A_FORWARD_MAX - 1
};

#endif /* _UAPI_LINUX_VNETSHARE_H */
