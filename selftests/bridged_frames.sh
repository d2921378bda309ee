#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# Frames of all kinds between VMs, the LAN and the host: jumbo frames, tagged
# frames, unknown protocols, GSO frames in one piece, and the link-local groups
# that "group_forward" names.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

jumbo() { on "$1" ping -n -c 1 -W $((2 * SCALE)) -M "do" -s "$3" "$2"; }

topology
topology6
lan_add lan1 77
ipb router <<-END
	link set lan0 type bridge mcast_snooping 0 group_fwd_mask 0x4008
	link set l-host mtu 9000
	link set l-lan1 mtu 9000
	link set lan0 mtu 9000
END
must ipn lan1 link set eth0 mtu 9000
must ip link set uplink0 mtu 9000
net_add net1 mode bridged uplink uplink0 mtu 9000
vm_lan vm1 net1 21
vm_lan vm2 net1 22 native
for vm in vm1 vm2; do
	must ipn $vm link set eth0 mtu 9000
done

# Jumbo
for pair in "vm1 lan1" "lan1 vm2" "vm1 vm2" "vm2 host" "host vm1"; do
	# shellcheck disable=SC2086 # words
	set -- $pair
	ok "$1 to $2: 9000 bytes" jumbo "$1" "${VM4[$2]}" 8972
	ok "over IPv6" jumbo "$1" "${VM6[$2]}" 8952
done

# Tagged
for who in vm1 vm2 lan1; do
	case $who in
	vm1) n=21 ;;
	vm2) n=22 ;;
	lan1) n=77 ;;
	esac
	ipb $who <<-END
		link add eth0.7 link eth0 type vlan id 7
		link set eth0.7 up
		addr add 198.51.100.$n/25 dev eth0.7
		addr add 2001:db8:7::$n/64 dev eth0.7 nodad
	END
done
capture wire router l-host vlan 7
reaches "tagged frames pass: VM to LAN" vm1 a=icmp,198.51.100.77 b=icmp,2001:db8:7::77
reaches "LAN to VM" lan1 a=icmp,198.51.100.22 b=icmp,2001:db8:7::22
reaches "VM to VM" vm1 a=icmp,198.51.100.22 b=icmp,2001:db8:7::22
like "with their tag on the wire" "$(captured wire)" \
	"${VM_MAC[vm1]} > .*vlan 7, .*198.51.100.21 > 198.51.100.77"
ipb host <<-END
	link add uplink0.8 link uplink0 type vlan id 8
	link set uplink0.8 up
	addr add 198.51.100.1/25 dev uplink0.8
END
defer ip link del uplink0.8
ipb vm1 <<-END
	link add eth0.8 link eth0 type vlan id 8
	link set eth0.8 up
	addr del 198.51.100.21/25 dev eth0.7
	addr add 198.51.100.21/25 dev eth0.8
END
ok "the host's VLAN reaches a VM's" wait_for 5 pings host 198.51.100.21
ok "the VM reaches the host's address" pings vm1 198.51.100.1

# Two tags, a priority, an unknown type: both ways, unchanged
declare -A ODD=(
	[qinq]="88a8 0064 8100 0007" [priority]="8100 a000" [unknown]="88b6"
)
LEN=300
LAN_MAC=$(mac_of lan1 eth0)
# words MAC: as tcpdump prints it in hexadecimal
words() {
	local hex=${1//:}

	echo "${hex:0:4} ${hex:4:4} ${hex:8:4}"
}
# odd NAME FROM TO
odd() {
	local smac=${VM_MAC[$2]:-$LAN_MAC} dmac=${VM_MAC[$3]:-$LAN_MAC} type=${ODD[$1]}

	LEN=$((LEN + 1))
	[ ${#type} -gt 9 ] || type+=" 88b5"
	must on "$2" "$PROGS/frame" eth0 src="$smac" dst="$dmac" \
		encap="${type// }88b5" body="$(printf '%0*d' $((LEN * 2)) 7)"
	ok "$1: $2 to $3, as it was" seen "odd.$3" \
		"0x0000: +$(words "$dmac") $(words "$smac") ${ODD[$1]:0:9}"
}
for who in lan1 vm1 vm2; do
	capture odd.$who $who eth0 -Q "in" -xx greater 250 and not ip and not ip6
done
for name in "${!ODD[@]}"; do
	odd "$name" vm1 lan1
	odd "$name" lan1 vm2
	odd "$name" vm1 vm2
done

# GSO frames in one piece
for t in tap0 tap1 lantap0; do
	must ip tuntap add $t mode tap vnet_hdr
	defer ip link del $t
done
for t in tap0 tap1; do
	must ip link set $t up
	must "$VNETSHARE" port add $t network net1
done
must ip link set lantap0 netns "${NS[router]}"
ipb router <<-END
	link set lantap0 up
	link set lantap0 master lan0
END
# gso FROM TO N M [MSS]
gso() {
	"$PROGS/tapgso" "$1" "$2" 02:00:00:00:07:0"$3" 02:00:00:00:07:0"$4" \
		192.0.2.4"$3" 192.0.2.4"$4" 02:00:00:00:07:0"$4" "${5:-1448}" 2>&1
}
router=/run/netns/${NS[router]}
whole="frame 40054 gso 1 1448"
is "a segment of 40 kB crosses to the LAN in one piece" \
	"$(gso tap0 "lantap0@$router" 1 2)" "$whole"
is "from the LAN" "$(gso "lantap0@$router" tap0 2 1)" "$whole"
is "between VMs" "$(gso tap0 tap1 1 3)" "$whole"
# The sender of a GSO frame says how long its segments are.
before=$(net_counter net1 drop_too_big)
is "segments of the MTU's length cross to the LAN" \
	"$(gso tap0 "lantap0@$router" 1 2 8960)" "frame 40054 gso 1 8960"
is "segments longer than the uplink's MTU do not" \
	"$(gso tap0 "lantap0@$router" 1 2 9100)" ""
ok "they are counted as too big" counter_above net1 drop_too_big "$before"
is "segments longer than a port's MTU do not cross between VMs" \
	"$(gso tap0 tap1 1 3 9100)" ""
serve vm1 VM1 tcp,"${VM4[vm1]}",9000
capture whole vm1 eth0 tcp and dst port 9000 and greater 12000
like "the host's stream to a VM arrives whole" \
	"$("$PROGS/peer" stream "tcp,${VM4[vm1]},9000" 3000000)" '^whole'
ok "in frames longer than the MTU" seen whole 'length [0-9]{5}'

# Link-local groups. The host's own programs hear theirs in any case.
spawn "$TMP/lldp.host" host "$PROGS/group" frames uplink0 0x88cc
spawn "$TMP/lldp.vm1" vm1 "$PROGS/group" frames eth0 0x88cc
spawn "$TMP/lldp.vm2" vm2 "$PROGS/group" frames eth0 0x88cc
for who in host vm1 vm2; do
	wait_for 10 has_line "$TMP/lldp.$who" ready || bail "nobody listens"
done
capture wire router l-host -Q "in" ether proto 0x88cc
# lldp FROM LENGTH [GROUP]
lldp() {
	local dev=eth0 mac=${VM_MAC[$1]:-}

	[ "$1" != host ] || dev=uplink0
	[ -n "$mac" ] || mac=$(mac_of "$1" $dev)
	must on "$1" "$PROGS/frame" $dev src="$mac" dst="01:80:c2:00:00:0${3:-e}" \
		type=0x88cc len=$(($2 - 14))
}
got() { has_line "$TMP/lldp.$1" " $2\$"; }
wired() { has_line "$TMP/cap.wire" "length $1:"; }
fenced() { wired "$1" && got vm2 "$1" && got vm1 $(($1 + 1)); }
# fence: a broadcast of each side's
fence() {
	must on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" type=0x88cc len=$(($1 - 14))
	must on lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)" type=0x88cc len=$(($1 - 13))
	wait_for 5 fenced "$1" || fail "the fence arrives"
}
lldp vm1 101
lldp lan1 102
lldp host 103
ok "LLDP of the LAN comes to the host" wait_for 5 got host 102
ok "the host's LLDP reaches the LAN" wait_for 5 wired 103
fence 110
refuse "a VM's LLDP does not reach the LAN" wired 101
refuse "a VM's LLDP does not reach the host" got host 101
refuse "a VM's LLDP does not reach another VM" got vm2 101
refuse "the LAN's LLDP does not reach VMs" got vm1 102
refuse "the host's LLDP does not reach VMs" got vm1 103
must "$VNETSHARE" network set net1 group_forward lldp,eapol
is "group_forward lldp,eapol: is shown" \
	"$(net_json net1 .group_forward)" "eapol,lldp"
lldp vm1 121
lldp lan1 122
lldp host 123
fence 130
ok "a VM's LLDP reaches the LAN then" wired 121
ok "a VM's LLDP reaches the host" wait_for 5 got host 121
ok "a VM's LLDP reaches another VM" got vm2 121
ok "the LAN's LLDP reaches a VM" got vm1 122
ok "the LAN's LLDP reaches the host, as before" got host 122
ok "the host's LLDP reaches VMs" wait_for 5 got vm1 123
lldp vm1 141 0
lldp vm1 142 1
lldp vm1 143 2
fence 150
refuse "spanning tree frames never go out" wired 141
refuse "pause frames do not reach the LAN" wired 142
refuse "LACP frames do not reach the LAN" wired 143
for groups in 0x1 0x2 0x4 lldp,4 stp; do
	refuse "group_forward $groups is refused" \
		"$VNETSHARE" network set net1 group_forward $groups
done
must "$VNETSHARE" network set net1 group_forward none
is "group_forward none: is shown" "$(net_json net1 .group_forward)" none

finish
