#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# The switch's cache of address pairs does not outlive its inputs: each frame here
# is like those that went just before, except for one thing that has changed.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# frames KEY=VALUE...: UDP of vm1's, from its own addresses to those of vm2
ends() {
	printf '%s\n' src="${VM_MAC[vm1]}" dst="${VM_MAC[vm2]}" sip="${VM4[vm1]}" \
		dip="${VM4[vm2]}" sport=5000
}
ends6() { printf '%s\n' sip="${VM6[vm1]}" dip="${VM6[vm2]}"; }
frames() { must on vm1 "$PROGS/frame" eth0 "${ENDS[@]}" "$@"; }
frames6() { frames "${ENDS6[@]}" "$@"; }

packets() { echo $(($(<"/sys/class/net/$1/statistics/$2_packets"))); }
packets_above() { [ "$(packets "$1" "$2")" -gt "$3" ]; }
# streamed N: returns N frames of the stream later
streamed() {
	wait_for 20 packets_above p-vm1 rx $(($(packets p-vm1 rx) + $1)) ||
		bail "the stream has ended"
}

# stream_on KEY=VALUE...: without a pause, of both families, so that the pair is
# remembered all the time
stream_on() {
	STREAMS=()
	spawn "$TMP/stream4" vm1 "$PROGS/frame" eth0 "${ENDS[@]}" dport=4000 \
		count=0 rate=100 "$@"
	STREAMS+=("$SPAWNED")
	spawn "$TMP/stream6" vm1 "$PROGS/frame" eth0 "${ENDS[@]}" "${ENDS6[@]}" \
		dport=4000 count=0 rate=100 "$@"
	STREAMS+=("$SPAWNED")
	streamed 50
}
stream_off() { stop "${STREAMS[@]}"; }

# who TAG...: the VMs that received datagrams to these ports. A broadcast follows them.
TAG=20000
who() {
	local vm tag seen_by="" fence=$((TAG + 20000))

	frames dst=ff:ff:ff:ff:ff:ff dip=255.255.255.255 dport=$fence
	for vm in vm2 vm3; do
		seen "$vm" "[.]$fence: " || seen_by+=" $vm-without-fence"
		for tag; do
			! has_line "$TMP/cap.$vm" "[.]$tag: " || seen_by+=" $vm"
		done
	done
	echo "$seen_by"
}
# goes DESCRIPTION WANTED [KEY=VALUE...]: such frames, of both families
goes() {
	local desc=$1 wanted=$2; shift 2

	frames dport=$((TAG += 1)) "$@"
	is "$desc" "$(who $TAG)" "$wanted"
	frames6 dport=$((TAG += 1)) "$@"
	is "$desc (IPv6)" "$(who $TAG)" "$wanted"
}
# dropped DESCRIPTION COUNTER KEY=VALUE...: no VM receives it, and it is counted
dropped() {
	local desc=$1 counter=$2 n; shift 2

	n=$(net_counter net1 "$counter")
	frames dport=$((TAG += 1)) "$@"
	is "$desc: dropped" "$(who $TAG)" ""
	is "and counted" $(($(net_counter net1 "$counter") - n)) 1
}
# quiet DESCRIPTION PORT: from now on, the stream does not reach that port
quiet() {
	local n

	n=$(packets "$2" tx)
	streamed 100
	# other frames are few
	ok "$1" [ $(($(packets "$2" tx) - n)) -lt 5 ]
}
# while_so DESCRIPTION COUNTER: the network's settings now allow nothing
while_so() {
	local n

	n=$(net_counter net1 "$2")
	quiet "$1: nothing goes any more" p-vm2
	ok "$1: it is counted" counter_above net1 "$2" "$n"
}

net_add net1 dhcp off
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
vm_set vm1 net1 11
vm_set vm2 net1 12
vm_set vm3 net1 13
mapfile -t ENDS < <(ends)
mapfile -t ENDS6 < <(ends6)
for vm in vm2 vm3; do
	capture $vm $vm eth0 -Q in udp and not port 4000
	must on $vm "$PROGS/frame" eth0 src="${VM_MAC[$vm]}"
done

stream_on
goes "frames of two VMs go where they belong" " vm2"

# The fields of a packet that are checked
dropped "the host's address as the source" drop_bad_source_address sip="$gw4"
dropped "over IPv6" drop_bad_source_address sip="$gw6" dip="${VM6[vm2]}"
dropped "a loopback source" drop_loopback_address sip=127.0.0.1
dropped "a loopback destination" drop_loopback_address dip=127.0.0.1
dropped "over IPv6" drop_loopback_address sip="${VM6[vm1]}" dip=::1
zeroes=$(printf '00%.0s' {1..20})
dropped "a DHCP request in another's name" drop_locked dport=67 \
	body="0101060012345678${zeroes}020000009999$zeroes$zeroes"
dropped "what is cut off behind its MAC addresses" drop_malformed cut=24
goes "correct frames still pass" " vm2"

# How the network and its ports are set
must "$VNETSHARE" network set net1 isolate on
while_so "isolated" drop_isolated
must "$VNETSHARE" network set net1 isolate off
must "$VNETSHARE" port set p-vm1 mac "${VM_MAC[vm1]}" addr "${gw4%.*}.99" lock on
while_so "locked to another address" drop_locked
must "$VNETSHARE" port set p-vm1 addr none lock off
must ipn host link set net1 down
while_so "the network is down" drop_port_down
must ipn host link set net1 up
goes "all that is over" " vm2"

must ipn host link set p-vm2 mtu 1300
dropped "what is too big for the receiver's port" drop_too_big len=1350
must ipn host link set p-vm2 mtu 1500
capture host host net1 udp port 4102
frames dport=4102
ok "a capture on the network's device shows it" seen host '[.]4102: '
captured host >/dev/null

n=$(net_counter net1 drop_bad_source_address)
must ipn host addr add "${VM4[vm1]}/32" dev net1
ok "the sender's address is the host's now: dropped and counted" \
	wait_for 3 counter_above net1 drop_bad_source_address $((n + 5))
must ipn host addr del "${VM4[vm1]}/32" dev net1

# A port that comes and goes, with frames on their way to it
for _ in 1 2 3 4 5; do
	must "$VNETSHARE" port del p-vm2
	must "$VNETSHARE" port add p-vm2 network net1
	must on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}"
done
goes "a port that came back" " vm2"
stream_off

# Where the receiver is
far=02:00:00:00:77:01
must on vm2 "$PROGS/frame" eth0 src=$far
stream_on dst=$far
goes "an address behind another VM's port" " vm2" dst=$far
must on vm3 "$PROGS/frame" eth0 src=$far
quiet "it moved: nothing goes there any more" p-vm2
goes "frames go to the new port" " vm3" dst=$far
must ipn host link set p-vm3 down
must ipn host link set p-vm3 up
ok "a port that was down forgets" wait_for 5 device_is vm3 eth0 .operstate UP
goes "its frames are flooded" " vm2 vm3" dst=$far
stream_off

# An address in use is not forgotten. (No other frame keeps it alive.)
near=02:00:00:00:77:02
stream_on src=$near
streamed 1200
ok "an address in use gets no older" [ "$("$VNETSHARE" -j fdb show net1 |
	jq --arg m $near '.[] | select(.mac == $m) | .age')" -lt 3 ]
stream_off

finish
