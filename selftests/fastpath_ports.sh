#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Ports, networks, namespaces and the module go away under traffic on the fast
# path, out and in. No device waits for a reference, no packet is sent to a device
# that is gone, and the other sessions go on.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A VM of each kind, a session out, and one that comes in all the time
furnish() {
	local vm=$1 net=$2 n=$3 kind=${4:-veth}

	vm_add "$vm" "$net" "$kind"
	VM4[$vm]=$(net_gw "$net")
	VM4[$vm]=${VM4[$vm]%.*}.$n
	vm_static "$vm" "${VM4[$vm]}/24" "$(net_gw "$net")"
	must "$VNETSHARE" forward add "$net" udp "90$n" to "${VM4[$vm]}:80"
	serve "$vm" "$vm" udp,"${VM4[$vm]}",80
	hold "out.$vm" "$vm" "udp,$WWW4,91$n"
	hold "in.$vm" lan1 "udp,$HOST4,90$n"
	goes_fast "$vm: a session out" "$net" "91$n"
	goes_fast "$vm: a session in" "$net" "90$n"
}
flows_are() { [ "$(net_json net1 .flows)" -eq "$1" ]; }
flows_above() { [ "$(net_json net1 .flows)" -gt "$1" ]; }
link_gone() { [ ! -e "/sys/class/net/$1" ]; }

topology
lan_add lan1 77
serve inet FAR udp,$WWW4,9110-9130 udp,$WWW4,9200
net_add net1 dhcp off
vm_add stays net1
gw=$(net_gw net1)
vm_static stays "${gw%.*}.99/24" "$gw"
hold stays stays udp,$WWW4,9200
goes_fast "one that stays" net1 9200
ok "its entries are two" wait_for 10 flows_are 2

# An attached device is unplugged
furnish vm1 net1 11
must limit 20 "$VNETSHARE" port del p-vm1
ok "port del: no answer out" wait_for 10 hold_is out.vm1 stalled
ok "the inbound session stalls" wait_for 10 hold_is in.vm1 stalled
ok "its entries are gone" wait_for 5 flows_are 2
must "$VNETSHARE" port add p-vm1 network net1
ok "plugged in again: answered" wait_for 20 hold_is out.vm1 flows
ok "in, too" wait_for 20 hold_is in.vm1 flows
goes_fast "by the fast path" net1 9111
ok "its entries are there" wait_for 20 flows_above 5

# Its device goes down, and up: everything is learned anew
must ip link set p-vm1 down
ok "down: no answer" wait_for 10 hold_is out.vm1 stalled
must ip link set p-vm1 up
ok "up: answered" wait_for 20 hold_is out.vm1 flows
ok "in, too" wait_for 20 hold_is in.vm1 flows
goes_fast "by the fast path" net1 9111

# It is deleted, with the far end in another namespace
must limit 20 ip link del p-vm1
ok "deleted: gone" link_gone p-vm1
ok "its entries, too" wait_for 5 flows_are 2
release out.vm1 in.vm1

# A native port, in a container
furnish box net1 12 native
must limit 20 ip -n "${NS[box]}" link del eth0
ok "a native port is deleted: its entries are gone" wait_for 5 flows_are 2
ok "nothing comes in" wait_for 10 hold_is in.box stalled
release out.box in.box

furnish box2 net1 13 native
ns_gone "${NS[box2]}"
ok "a container goes: its entries, too" wait_for 10 flows_are 2
stop "${HOLD_PID[in.box2]}"

# Between VMs: the server's VM goes
furnish vm2 net1 14
vm_add vm3 net1
vm_static vm3 "${gw%.*}.15/24" "$gw"
hold turn vm3 udp,$HOST4,9014
ok "between VMs, by the forward" wait_for 20 counter_above net1 fastpath_hairpin 10
must limit 20 ip link del p-vm2
fast=$(net_counter net1 fastpath_hairpin)
ok "the one asked is deleted: no answer" wait_for 10 hold_is turn stalled
is "nothing goes there" "$(net_counter net1 fastpath_hairpin)" "$fast"
ok "the one that stays goes on" hold_is stays 'open|flows'
release out.vm2 in.vm2 turn

# A network
net_add net2 dhcp off
furnish vm4 net2 16
must limit 30 "$VNETSHARE" network del net2
ok "a network is deleted: gone" link_gone net2
ok "no answer in" wait_for 10 hold_is in.vm4 stalled
goes_fast "the other one goes on" net1 9200
release out.vm4 in.vm4

# A whole host, in a namespace
ns_add host2
must ip link add l-host2 netns "${NS[router]}" type veth peer name uplink0 \
	netns "${NS[host2]}"
must ipn router link set l-host2 master lan0 up
ipb host2 <<-END2
	addr add 192.0.2.2/24 dev uplink0
	link set uplink0 up
	route add default via $ROUTER4
END2
must "$VNETSHARE" -n "${NS[host2]}" network add net1 subnet 10.66.0.1/24 dhcp off
ns_add far
must ip link add p-far netns "${NS[host2]}" type veth peer name eth0 netns "${NS[far]}"
must ipn host2 link set p-far up
must "$VNETSHARE" -n "${NS[host2]}" port add p-far network net1
must ipn far link set eth0 up
vm_static far 10.66.0.9/24 10.66.0.1
hold far far udp,$WWW4,9120
fast_there() {
	[ "$("$VNETSHARE" -n "${NS[host2]}" -j session show net1 port 9120 |
		jq -r '.[0] | .fastpath and .reply_fastpath')" = true ]
}
ok "in another namespace, too" wait_for 20 fast_there
is "seen only there" "$(fast net1 9120)" none
must limit 30 ip netns del "${NS[host2]}"
far_gone() { ! ipn router link show dev l-host2; }
ok "the namespace goes, with all devices" wait_for 20 far_gone
ok "no answer there" wait_for 10 hold_is far stalled
release far

# The module
furnish vm5 net1 17
must limit 60 rmmod vnetshare
ok "the module goes under traffic" link_gone net1
ok "no answer" wait_for 10 hold_is stays stalled
release stays out.vm5 in.vm5
must modprobe vnetshare
must "$VNETSHARE" network add net1 subnet "$gw/24" dhcp off
must "$VNETSHARE" port add p-stays network net1
hold again stays udp,$WWW4,9200
goes_fast "loaded again: a session" net1 9200

finish
