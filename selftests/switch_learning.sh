#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The switch: which ports receive which frame.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# sends VM KEY=VALUE...: frames of an unused type; the length tells them apart
sends() { must on "$1" "$PROGS/frame" eth0 "${@:2}"; }

# watch VM...: capture those frames
watch() {
	local vm

	for vm; do
		capture "$vm" "$vm" eth0 "-Q" in ether proto 0x88b5
	done
}

# who LENGTH: the VMs that saw a frame of that length. The fence is a broadcast
# of the sender's, which comes behind it on every port.
who() {
	local vm seen_by="" fence=$((FENCE += 1))

	sends "$2" src="${VM_MAC[$2]}" len="$fence"
	for vm in vm1 vm2 vm3; do
		[ "$vm" = "$2" ] || seen "$vm" "length $((fence + 14)):" ||
			seen_by="$seen_by $vm-without-fence"
		! grep -q "length $(($1 + 14)):" "$TMP/cap.$vm" ||
			seen_by="$seen_by $vm"
	done
	echo "$seen_by"
}

FENCE=1000
LEN=100
# goes DESCRIPTION WANTED SENDER KEY=VALUE...
goes() {
	local desc=$1 wanted=$2 from=$3; shift 3

	LEN=$((LEN + 1))
	FENCE=$((FENCE + 1))
	sends "$from" src="${VM_MAC[$from]}" "$@" len=$LEN
	is "$desc" "$(who $LEN "$from")" "$wanted"
}

fdb_port() { "$VNETSHARE" -j fdb show net1 | jq -r --arg m "$1" \
	'.[] | select(.mac == $m) | .port'; }
fdb_is() { [ "$(fdb_port "$1")" = "$2" ]; }

net_add net1 dhcp off
net_mac=$(mac_of host net1)
for vm in vm1 vm2 vm3; do
	vm_add $vm net1
	# silence: only the test's own frames
	sysctl_set $vm net/ipv6/conf/eth0/disable_ipv6 1
done
gw=$(net_gw net1)
vm_static vm1 "${gw%.*}.11/24" "$gw"
vm_static vm2 "${gw%.*}.12/24" "$gw"
watch vm1 vm2 vm3
m1=${VM_MAC[vm1]} m2=${VM_MAC[vm2]} m3=${VM_MAC[vm3]}
far=02:00:00:00:77:01

goes "a broadcast goes to all others" " vm2 vm3" vm1 dst=ff:ff:ff:ff:ff:ff
goes "a group address too" " vm2 vm3" vm1 dst=01:00:5e:01:02:03
goes "an unknown address too" " vm2 vm3" vm1 dst=$far
is "the sender is learned" "$(fdb_port "$m1")" p-vm1
sends vm2 src="$m2" dst="$m1"
goes "a learned address gets its frames alone" " vm2" vm1 dst="$m2"
goes "and the answer goes back alone" " vm1" vm2 dst="$m1"

# Moving
sends vm3 src=$far
goes "a second address is learned behind a port" " vm3" vm1 dst=$far
sends vm2 src=$far
goes "one that moves is followed" " vm2" vm1 dst=$far
goes "nothing comes back out of its own port" "" vm2 dst=$far

# Ageing
must "$VNETSHARE" network set net1 ageing 1
ok "an address that is silent is forgotten" wait_for 10 fdb_is $far ""
must "$VNETSHARE" network set net1 ageing 300
goes "and its frames are flooded again" " vm2 vm3" vm1 dst=$far

# Claims to an address that is not a VM's
n=$(net_counter net1 drop_own_mac)
sends vm3 src="$net_mac" count=3
ok "the gateway's own address, claimed by a VM, is dropped and counted" \
	wait_for 5 counter_is net1 drop_own_mac $((n + 3))
is "and is not learned" "$(fdb_port "$net_mac" | grep p-)" ""
ok "the gateway still answers" pings vm1 "$gw"
n=$(net_counter net1 drop_bad_source_mac)
goes "a group address as the source goes nowhere" "" vm1 src=01:00:5e:00:00:09
goes "neither does the address of all zeroes" "" vm1 src=00:00:00:00:00:00
ok "both are counted" counter_is net1 drop_bad_source_mac $((n + 2))

# Link-local groups
n=$(net_counter net1 drop_reserved_multicast)
goes "spanning tree frames go nowhere" "" vm1 dst=01:80:c2:00:00:00
goes "pause frames are dropped" "" vm1 dst=01:80:c2:00:00:01
goes "EAPOL is dropped" "" vm1 dst=01:80:c2:00:00:03
goes "LLDP is dropped" "" vm1 dst=01:80:c2:00:00:0e
ok "all are counted" counter_is net1 drop_reserved_multicast $((n + 4))
goes "the groups behind them pass" " vm2 vm3" vm1 dst=01:80:c2:00:00:10

# The gateway's address: only the host's own device
goes "a frame for the gateway goes to no VM" "" vm1 dst="$net_mac"

# A port's own address, and the lock
must "$VNETSHARE" port set p-vm2 mac "$m2"
sends vm3 src="$m2"
goes "a configured address does not move" " vm2" vm1 dst="$m2"
must "$VNETSHARE" port set p-vm2 lock on
n=$(net_counter net1 drop_locked)
goes "a locked port sends under no other address" "" vm2 src=$far
ok "which is counted" counter_above net1 drop_locked "$n"
goes "under its own it does" " vm1 vm3" vm2 dst=ff:ff:ff:ff:ff:ff
must "$VNETSHARE" port set p-vm2 lock off
goes "unlocked, under any" " vm1 vm3" vm2 src=$far

# A port that goes down forgets
sends vm3 src="$m3"
ok "an address is known" wait_for 5 fdb_is "$m3" p-vm3
must ipn vm3 link set eth0 down
ok "and forgotten as its port loses the carrier" wait_for 5 fdb_is "$m3" ""

finish
