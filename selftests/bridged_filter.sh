#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# The uplink's receive filter has the VMs' addresses one by one while they are
# few. The uplink receives everything when they are many, or when it has no
# filter. The filter is as before once the VMs are gone.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The Ethernet addresses in the device's filter
filter() { bridge -j fdb show dev "$1" | jq -r '.[] | select(.flags | index("self")) | .mac' |
	grep -v '^\(01:00:5e\|33:33\)' | sort; }
n_filter() { filter "$1" | wc -l; }
filter_is() { [ "$(filter "$1")" = "$2" ]; }
n_filter_is() { [ "$(n_filter "$1")" -eq "$2" ]; }
has_filter() { filter "$1" | grep -q "^$2$"; }
promiscuous() { device host "$1" .promiscuity; }
promiscuous_is() { device_is host "$1" .promiscuity "$2"; }
# many FROM TO: so many of vm1's addresses speak
many() {
	local i

	for ((i = $1; i <= $2; i++)); do
		printf 'src=02:00:00:00:70:%02x\n' "$i"
	done | on vm1 "$PROGS/frame" eth0 -
}

# A VLAN device has a filter, whatever is below it
topology
must ip link add link uplink0 name up.5 type vlan id 5
defer ip link del up.5
must ip link set up.5 up
before=$(n_filter up.5)
is "an untouched device is not promiscuous" "$(promiscuous up.5)" 0
net_add net1 mode bridged uplink up.5
vm_lan vm1 net1 21
vm_lan vm2 net1 22
sysctl_set vm1 net/ipv6/conf/eth0/disable_ipv6 1
sysctl_set vm2 net/ipv6/conf/eth0/disable_ipv6 1
on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}"
on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}"
ok "VMs that speak are let in" wait_for 5 n_filter_is up.5 $((before + 2))
ok "by their address" has_filter up.5 "${VM_MAC[vm1]}"
is "the device is not promiscuous" "$(promiscuous up.5)" 0
is "the device receives all groups" "$(device host up.5 '.allmulti // "?"')" 1

many 1 62
ok "64 addresses fit" wait_for 5 n_filter_is up.5 $((before + 64))
is "the device is not promiscuous" "$(promiscuous up.5)" 0
many 63 63
ok "one more, and it is promiscuous" wait_for 5 promiscuous_is up.5 1
ok "the filter has not grown" test "$(n_filter up.5)" -le $((before + 64))
many 64 200
ok "the filter does not grow with many more" test "$(n_filter up.5)" -le $((before + 64))
is "the device is promiscuous once" "$(promiscuous up.5)" 1
must "$VNETSHARE" network set net1 ageing 1
ok "silent ones are forgotten: no more promiscuous" wait_for 15 promiscuous_is up.5 0
# (a VM that sends nothing can still be reached)
ok "the last address of each port stays in the filter" wait_for 10 n_filter_is up.5 $((before + 2))
ok "vm2's own address is still in the filter" has_filter up.5 "${VM_MAC[vm2]}"
ok "vm1's last address is in the filter" has_filter up.5 02:00:00:00:70:c8
must "$VNETSHARE" network set net1 ageing 300
on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}"
ok "a VM that sends again is in the filter again" wait_for 5 has_filter up.5 "${VM_MAC[vm1]}"
many 1 100
ok "promiscuous again" wait_for 5 promiscuous_is up.5 1
must "$VNETSHARE" port del p-vm1
ok "a port that goes takes its addresses along" wait_for 5 n_filter_is up.5 $((before + 1))
ok "the device is no longer promiscuous" wait_for 5 promiscuous_is up.5 0
must "$VNETSHARE" port set p-vm2 mac 02:00:00:00:03:01
ok "a port's configured address is let in before it speaks" \
	wait_for 5 has_filter up.5 02:00:00:00:03:01
must "$VNETSHARE" port add p-vm1 network net1
many 1 100
wait_for 5 promiscuous_is up.5 1 || fail "promiscuous once more"

# A VM moves to the LAN: its address is none of the filter's any more
on vm2 "$PROGS/frame" eth0 src=02:00:00:00:03:02
must "$VNETSHARE" network set net1 mode nat uplink auto
is "in another mode: no more promiscuous" "$(promiscuous up.5)" 0
is "the filter is as before" "$(n_filter up.5)" "$before"
is "the device does not receive all groups" "$(device host up.5 '.allmulti // "?"')" 0
must "$VNETSHARE" network set net1 mode bridged uplink up.5
ok "bridged again: the known addresses are still known" wait_for 5 promiscuous_is up.5 1
must "$VNETSHARE" port del p-vm1
on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}"
ok "a VM that sends is in the filter again" wait_for 5 has_filter up.5 "${VM_MAC[vm2]}"
must "$VNETSHARE" network set net1 macnat on
ok "with macnat no address is needed" wait_for 5 n_filter_is up.5 "$before"
must "$VNETSHARE" network set net1 macnat off
on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}"
ok "without it is" wait_for 5 has_filter up.5 "${VM_MAC[vm2]}"
must "$VNETSHARE" network del net1
is "deleted: the filter is as it was" "$(n_filter up.5)" "$before"
is "the device too" "$(device host up.5 '"\(.promiscuity) \(.allmulti)"')" "0 0"

# A device without a filter takes everything as soon as it is asked for one
net_add net1 mode bridged uplink uplink0
must "$VNETSHARE" port add p-vm1 network net1
on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}"
ok "veth has no filter: it is promiscuous" wait_for 5 promiscuous_is uplink0 1
must "$VNETSHARE" network del net1
is "until the network is deleted" \
	"$(device host uplink0 '"\(.promiscuity) \(.allmulti)"')" "0 0"

finish
