#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# Uplinks of a bridged network: a VLAN device, a bond, a team, and a Linux bridge
# or a port of one; in the latter cases the network becomes a port of the bridge.
# A device that is in use otherwise is refused, and the message names its user.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# refused DESCRIPTION REGEX UPLINK: with a message that names the holder
refused() {
	local out

	if out=$("$VNETSHARE" network add bad0 mode bridged uplink "$3" 2>&1); then
		"$VNETSHARE" network del bad0
		fail "$1" "it was made"
	else
		like "$1" "$out" "$2"
	fi
}
uplink() { net_json net1 '"\(.uplink) \(.bridge // "-")"'; }
master() { device host "$1" '.master // "-"'; }
usable() {
	wait_for 10 pings vm1 "${VM4[lan1]}"
	talks vm1 lan1 "$1"
	talks lan1 vm1 "$1"
	talks vm1 host "$1"
	talks host vm1 "$1"
}
# host_on DEV: the host has its addresses there
host_on() {
	ip addr flush dev uplink0 scope global
	ipb host <<-END
		link set $1 up
		addr replace $HOST4/24 dev $1
		addr replace $HOST6/64 dev $1 nodad
	END
}
carrier_is() { [ "$(</sys/class/net/net1/carrier)" = "$1" ]; }

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
serve_all lan1 host

# A VLAN
ipb router <<-END
	link set lan0 type bridge vlan_filtering 1
	link add lan5 type bridge mcast_snooping 0
	link set lan5 up
	link add link l-host name l-host5 type vlan id 5
	link set l-host nomaster
	link set l-host5 master lan5 up
	link set l-lan1 master lan5
END
must ip link add link uplink0 name uplink0.5 type vlan id 5
host_on uplink0.5
net_add net1 mode bridged uplink uplink0.5
vm_lan vm1 net1 21
serve_all vm1
capture wire router l-host
usable "VLAN"
is "VLAN: every frame on the wire is tagged" \
	"$(captured wire | grep -c 'ethertype 802.1Q.*vlan 5')" "$(captured wire | grep -c .)"
must ip link del uplink0.5
ok "VLAN deleted: the network is there" test -e /sys/class/net/net1
ok "without a carrier" wait_for 5 carrier_is 0
must "$VNETSHARE" network set net1 mode isolated uplink auto
ipb router <<-END
	link del l-host5
	link set l-host master lan0
	link set l-lan1 master lan0
	link set lan0 type bridge vlan_filtering 0
	link del lan5
END

# A bond, and a team, of two wires
modprobe bonding max_bonds=0
defer rmmod bonding
ipb host <<-END
	link add uplink1 type veth peer name l-host1 netns ${NS[router]}
	link add bond0 type bond mode active-backup miimon 100
END
defer ip link del uplink1
defer ip link del bond0
ipb router <<-END
	link set l-host1 master lan0
	link set l-host1 up
END
# enslave MASTER
enslave() {
	ipb host <<-END
		link set uplink0 down
		link set uplink0 master $1
		link set uplink1 down
		link set uplink1 master $1
		link set uplink0 up
		link set uplink1 up
	END
	host_on "$1"
}
free_wires() {
	ipb host <<-END
		link set uplink0 nomaster
		link set uplink1 nomaster
		link set uplink0 up
	END
}
# fails_over WHAT DEV: one wire is cut, the other carries on
fails_over() {
	must ipn router link set l-host down
	ok "$1: the other wire takes over" wait_for 10 pings vm1 "${VM4[lan1]}"
	on lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)"
	talks vm1 lan1 "$1, other wire"
	must ipn router link set l-host up
}
enslave bond0
wait_for 10 pings host "${VM4[lan1]}" || bail "no LAN by the bond"
must "$VNETSHARE" network set net1 mode bridged uplink bond0
usable "bond"
fails_over "bond"
refused "a bond's port is refused, naming the bond" "bond0" uplink0
must "$VNETSHARE" network set net1 mode isolated uplink auto
must ip link del bond0
free_wires

if ip link add team0 type team 2>/dev/null; then
	defer ip link del team0
	must teamnl team0 setoption mode activebackup
	# which is teamd's job otherwise
	mac=$(mac_of host uplink0)
	must ip link set uplink1 down
	must ip link set uplink1 address "$mac"
	must ip link set team0 address "$mac"
	enslave team0
	must teamnl team0 setoption activeport "$(</sys/class/net/uplink0/ifindex)"
	wait_for 10 pings host "${VM4[lan1]}" || bail "no LAN by the team"
	must "$VNETSHARE" network set net1 mode bridged uplink team0
	usable "team"
	must teamnl team0 setoption activeport "$(</sys/class/net/uplink1/ifindex)"
	on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}"
	ok "team: the other wire" wait_for 5 pings vm1 "${VM4[lan1]}"
	refused "a team's port is refused, naming the team" "team0" uplink0
	must "$VNETSHARE" network set net1 mode isolated uplink auto
	must ip link del team0
	free_wires
else
	skip "team" "no such device here"
fi
must ip link del uplink1

# Devices that are in use
host_on uplink0
must "$VNETSHARE" network set net1 mode bridged uplink uplink0
refused "another network's uplink is refused, naming it" "net1" uplink0
is "the refusal changed nothing" "$(uplink)" "uplink0 -"
refuse "an uplink takes no macvlan" ip link add link uplink0 name mv0 type macvlan
must "$VNETSHARE" network set net1 mode isolated uplink auto
must ip link add link uplink0 name mv0 type macvlan mode bridge
refused "a device with a macvlan is refused, naming that" "macvlan.*mv0|mv0.*macvlan|mv0" uplink0
must ip link del mv0
must ip link add link uplink0 name iv0 type ipvlan mode l2
refused "a device with an ipvlan is refused, naming that" "ipvlan.*iv0|iv0.*ipvlan|iv0" uplink0
must ip link del iv0
must ip link add up1 type veth peer name up1peer
defer ip link del up1
must "$VNETSHARE" port add up1 network net1
refused "a port of a network is refused, naming the network" "net1" up1
must "$VNETSHARE" port del up1
refused "the loopback device is refused" "loopback|Ethernet" lo
refused "a network is refused" "net1|vnetshare" net1
refused "one that is not there is refused" "no device" nodev0
if ip tuntap add tun0 mode tun; then
	refused "one without Ethernet is refused" "Ethernet" tun0
	ip link del tun0
fi
ok "none of that left anything" test ! -e /sys/class/net/bad0

# A Linux bridge: the network is its port
ip addr flush dev uplink0 scope global
ipb host <<-END
	link add br0 type bridge mcast_snooping 0
	link set uplink0 master br0
END
defer ip link del br0
host_on br0
wait_for 10 pings host "${VM4[lan1]}" || bail "no LAN by the bridge"
mac=$(mac_of host br0)
must ipn vm1 neigh flush dev eth0
must "$VNETSHARE" network set net1 mode bridged uplink br0
is "the bridge keeps its own address" "$(mac_of host br0)" "$mac"
is "a bridge as uplink: the network is its port" "$(master net1)" br0
is "the Linux bridge is shown" "$(uplink)" "br0 br0"
usable "bridge"
for who in "host br0" "lan1 eth0" "vm1 eth0"; do
	# shellcheck disable=SC2086 # words
	groups_hear $who
done
groups_reach vm1 host lan1
groups_reach lan1 host vm1
refuse "the network cannot join a second bridge" ip link set net1 master net1
must "$VNETSHARE" network set net1 mode isolated uplink auto
is "in another mode it is none" "$(master net1)" -
must "$VNETSHARE" network set net1 mode bridged uplink uplink0
is "the bridge's port as uplink: the network is a port of the bridge" "$(master net1)" br0
is "the uplink and its bridge are shown" "$(uplink)" "uplink0 br0"
usable "bridge's port"
must ip link set net1 nomaster
ok "taken off by ip(8), it comes back" wait_for 5 device_is host net1 .master br0
ok "traffic goes on" wait_for 5 pings vm1 "${VM4[lan1]}"
must "$VNETSHARE" network set net1 mode isolated uplink auto
must "$VNETSHARE" network set net1 mode bridged uplink br0
ok "bridged anew it is there" wait_for 5 pings vm1 "${VM4[lan1]}"
must "$VNETSHARE" network del net1
is "deleted: the bridge has its one port" "$(ls /sys/class/net/br0/brif)" uplink0
talks host lan1 "after"

finish
