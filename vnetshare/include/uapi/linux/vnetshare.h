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

	/* private: */
	__VNETSHARE_CMD_MAX,
	VNETSHARE_CMD_MAX = __VNETSHARE_CMD_MAX - 1
};

/**
 * enum vnetshare_mode - how far the frames of a network may go
 * @VNETSHARE_MODE_UNSPEC: not used
 * @VNETSHARE_MODE_NAT: to the host, and behind its address to the outside
 */
enum vnetshare_mode {
	VNETSHARE_MODE_UNSPEC,
	VNETSHARE_MODE_NAT,

	/* private: */
	__VNETSHARE_MODE_MAX,
	VNETSHARE_MODE_MAX = __VNETSHARE_MODE_MAX - 1
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
 *	and a GET of one; answered by all
 * @VNETSHARE_A_NETWORK_NAME: string, the network's (and device's) name.
 *	Needed by NEW; may hold one "%d" there
 * @VNETSHARE_A_NETWORK_MODE: u32, enum vnetshare_mode. NEW (default nat), SET
 * @VNETSHARE_A_NETWORK_UPLINK: string, name of the device that the outside is
 *	reached through; empty: follow the routing table. NEW (default empty),
 *	SET
 * @VNETSHARE_A_NETWORK_MAC: 6 bytes, the device's (the gateway's) Ethernet
 *	address. NEW (default random), SET
 * @VNETSHARE_A_NETWORK_MTU: u32, bytes, of the device and its ports. NEW
 *	(default 1500), SET
 * @VNETSHARE_A_NETWORK_AGEING: u32, seconds after which an unused learned MAC
 *	address is forgotten, 1 to 86400. NEW (default 300), SET
 * @VNETSHARE_A_NETWORK_UPLINK_IFINDEX: u32, answered only: the named uplink's
 *	device, 0 while no device has that name; absent when UPLINK is empty
 * @VNETSHARE_A_NETWORK_PORTS: u32, answered only: number of ports
 * @VNETSHARE_A_NETWORK_FDB_ENTRIES: u32, answered only: MAC addresses known
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
	VNETSHARE_A_NETWORK_UPLINK_IFINDEX,
	VNETSHARE_A_NETWORK_PORTS,
	VNETSHARE_A_NETWORK_FDB_ENTRIES,

	/* private: */
	__VNETSHARE_A_NETWORK_MAX,
	VNETSHARE_A_NETWORK_MAX = __VNETSHARE_A_NETWORK_MAX - 1
};

/**
 * enum vnetshare_port_attr - attributes of the PORT commands
 * @VNETSHARE_A_PORT_UNSPEC: not used
 * @VNETSHARE_A_PORT_IFINDEX: u32, the port's device. NEW of an attached port;
 *	GET, SET and DEL name a port by this, or by NETWORK and ID (a native
 *	port that lives in another network namespace)
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
 * @VNETSHARE_A_PORT_LOCK: u8, 1: frames from any other source address than MAC
 *	are dropped. NEW (default 0), SET
 * @VNETSHARE_A_PORT_NETNSID: s32, answered only: the namespace id of the
 *	port's device when it is not the network's own
 * @VNETSHARE_A_PORT_RUNNING: u8, answered only: 1 when frames can pass
 * @VNETSHARE_A_PORT_FDB_ENTRIES: u32, answered only: MAC addresses known here
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
	VNETSHARE_A_PORT_NETNSID,
	VNETSHARE_A_PORT_RUNNING,
	VNETSHARE_A_PORT_FDB_ENTRIES,

	/* private: */
	__VNETSHARE_A_PORT_MAX,
	VNETSHARE_A_PORT_MAX = __VNETSHARE_A_PORT_MAX - 1
};

/**
 * enum vnetshare_fdb_attr - attributes of FDB_GET
 * @VNETSHARE_A_FDB_UNSPEC: not used
 * @VNETSHARE_A_FDB_NETWORK: u32, ifindex of the network; restricts the dump
 * @VNETSHARE_A_FDB_MAC: 6 bytes, answered only
 * @VNETSHARE_A_FDB_PORT_ID: u32, answered only: where the address lives
 * @VNETSHARE_A_FDB_PORT_NAME: string, answered only: name of the port's device
 * @VNETSHARE_A_FDB_AGE: u32, answered only: seconds since a frame came from it
 * @VNETSHARE_A_FDB_PINNED: u8, answered only: 1 for a port's configured MAC,
 *	which neither ages nor moves
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

#endif /* _UAPI_LINUX_VNETSHARE_H */
