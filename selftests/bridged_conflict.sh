#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A VM that uses an IP address of the host is stopped; a VM that uses an address
# of a LAN machine is not. Both conflicts are announced, with the holder's MAC
# address; without a conflict, nothing is announced. No VM can take over the
# host's MAC address, or keep that of a LAN machine.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

vm() { must on vm1 "$PROGS/frame" eth0 src="$vm" "$@"; }
neighbour() {
	local out

	out=$(ipn "$1" neigh show "$3" dev "$2")
	out=${out#*lladdr }
	echo "${out%% *}"
}
fdb_port() { "$VNETSHARE" -j fdb show net1 | jq -r --arg m "$1" \
	'.[] | select(.mac == $m) | .port'; }
wire_quiet() { unlike "$1" "$(<"$TMP/cap.wire")" "$2"; }

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
lan_add lan2 78
net_add net1 mode bridged uplink uplink0
watch_events
vm_lan vm1 net1 21
vm_lan vm2 net1 22
serve_all host lan1
vm=${VM_MAC[vm1]} up=$(mac_of host uplink0) lan=$(mac_of lan1 eth0)
zero=00:00:00:00:00:00 all=33:33:00:00:00:01
talks vm1 lan1
talks vm1 host
talks lan1 host
no_event "no conflict is announced when there is none" "conflict"

# The host's address
capture wire router l-host -Q "in" ether host "$vm"
vm arp=1,"$vm",$HOST4,$zero,$HOST4
event "a VM that says it has the host's address is announced" \
	"^conflict: network net1 port p-vm1 address $HOST4 is also at $up"
vm arp=2,"$vm",$HOST4,"$lan",192.0.2.77 dst="$lan"
vm sip=$HOST4 dip=192.0.2.77 dport=9000 dst="$lan"
# (of one VM, and of the host's addresses, one is announced in ten seconds)
on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" dst=$all sip=$HOST6 dip=ff02::1 \
	nd=136,$HOST6,20
event "also in IPv6" "^conflict: network net1 port p-vm2 address $HOST6 is also at $up"
vm dst="$lan" sip=$HOST6 dip=2001:db8:1::77 dport=9000
vm sip=192.0.2.21 dip=192.0.2.255 sport=7001
ok "(the wire is watched)" seen wire "7001 >"
wire_quiet "none of that comes to the LAN" "${HOST4//./\\.}\b|$HOST6\b"
is "the LAN machine keeps the host's MAC address" "$(neighbour lan1 eth0 $HOST4)" "$up"
is "over IPv6 as well" "$(neighbour lan1 eth0 $HOST6)" "$up"
talks lan1 host "afterwards"
unlike "the kernel logs no conflict of its own" "$(dmesg)" "uses my IP"

# A probe for a free address is answered, and so are those who watch.
event_mark
n=$(grep -c conflict "$TMP/events")
ok "a VM that asks whether the host's address is free is told" \
	on vm1 busybox sh -c "! busybox arping -D -q -c 3 -w $((3 * SCALE)) -I eth0 $HOST4"
ok "likewise a LAN machine's" \
	on vm1 busybox sh -c "! busybox arping -D -q -c 3 -w $((3 * SCALE)) -I eth0 192.0.2.77"
must ipn vm2 addr add $HOST6/64 dev eth0
dad_failed() { [[ $(ipn "$1" -6 addr show dev eth0) == *"$2/64"*dadfailed* ]]; }
ok "with IPv6 too" wait_for 8 dad_failed vm2 $HOST6
must ipn vm2 addr del $HOST6/64 dev eth0
event "a LAN machine's answer to the probe is announced" \
	"^conflict: network net1 port p-vm1 address ${VM4[lan1]} is also at $lan"

# A LAN machine's address
event_mark
vm arp=2,"$vm","${VM4[lan2]}","$vm","${VM4[lan2]}"
on lan2 "$PROGS/frame" eth0 src="$(mac_of lan2 eth0)" \
	arp=1,"$(mac_of lan2 eth0)","${VM4[lan2]}",$zero,"${VM4[lan2]}"
event "a VM with a LAN machine's address is announced" \
	"^conflict: network net1 port p-vm1 address ${VM4[lan2]} is also at $(mac_of lan2 eth0)"
vm dst=$all sip="${VM6[lan1]}" dip=ff02::1 nd=136,"${VM6[lan1]}",20
lan_speaks() {
	on lan1 "$PROGS/frame" eth0 src="$lan" dst="$all" sip="${VM6[lan1]}" dip=ff02::1 \
		nd=136,"${VM6[lan1]}",20
}
must lan_speaks
event "also in IPv6" "^conflict: network net1 port p-vm1 address ${VM6[lan1]} is also at $lan"
event_mark
for _ in 1 2 3 4 5 6 7 8; do
	vm arp=1,"$vm",$HOST4,$zero,$HOST4
done
must "$VNETSHARE" network set net1 ageing 200
event "(the monitor is up to date)" "^change network net1 .*ageing 200"
ok "a VM can not flood the monitor with it" test "$(events | grep -c conflict)" -le 2

# Ethernet addresses
n=$(net_counter net1 drop_own_mac)
on vm1 "$PROGS/frame" eth0 src="$up" count=3
ok "the host's Ethernet address, used by a VM, is dropped and counted" \
	wait_for 5 counter_above net1 drop_own_mac "$n"
talks lan1 host "with that"
on vm1 "$PROGS/frame" eth0 src="$lan"
back() { pings vm2 "${VM4[lan1]}" && [ "$(fdb_port "$lan")" != p-vm1 ]; }
ok "a LAN machine's is its own again when it speaks" wait_for 10 back
talks host lan1 "with that"

finish
