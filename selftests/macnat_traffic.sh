#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# With "macnat on", VMs are on the LAN behind the uplink's MAC address. No other
# MAC address appears on the wire, neither in Ethernet headers nor in ARP or
# neighbour discovery. All that works without it works: one to one and one to all,
# the LAN's DHCP and router advertisements, two addresses, fragments, GSO,
# duplicate address detection.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

active() { net_json net1 '"\(.macnat) \(.macnat_active)"'; }

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode bridged uplink uplink0
is "on an Ethernet device addresses are not translated by themselves" "$(active)" "auto false"
must "$VNETSHARE" network set net1 macnat on
is "macnat on: is shown" "$(active)" "on true"
vm_lan vm1 net1 21
vm_lan vm2 net1 22 native
capture wire router l-host -Q "in"
serve_all host lan1 vm1 vm2

for pair in "vm1 lan1" "lan1 vm1" "vm2 lan1" "lan1 vm2" "vm1 vm2" "vm2 vm1" \
	"vm1 host" "host vm1" "host lan1" "lan1 host"; do
	# shellcheck disable=SC2086 # words
	talks $pair
done
ok "a VM reaches what is behind the LAN's router" pings vm1 $WWW4
ok "over IPv6 too" pings vm1 $WWW6

for who in "host uplink0" "lan1 eth0" "vm1 eth0" "vm2 eth0"; do
	# shellcheck disable=SC2086 # words
	groups_hear $who
done
groups_reach vm1 host lan1 vm2
groups_reach host lan1 vm1 vm2
groups_reach lan1 host vm1 vm2

# Several addresses
for n in 31 32 33; do
	echo "addr add 192.0.2.$n/24 dev eth0"
	echo "addr add 2001:db8:1::$n/64 dev eth0 nodad"
done | ipb vm1
reaches "a VM's other addresses answer the LAN" lan1 \
	a=icmp,192.0.2.31 b=icmp,192.0.2.32 c=icmp,192.0.2.33 d=icmp,2001:db8:1::31 \
	e=icmp,2001:db8:1::32 f=icmp,2001:db8:1::33
reaches "the host reaches both addresses" host a=icmp,192.0.2.31 b=icmp,2001:db8:1::31
reaches "the VM asks from both addresses" vm1 a=tcp,"${VM4[lan1]}",9000,192.0.2.32 \
	b=tcp,"${VM6[lan1]}",9000,2001:db8:1::32
ports_know() {
	"$VNETSHARE" -j port show p-vm1 | jq -r '.[0].neighbours[].address'
}
for a in 192.0.2.21 192.0.2.31 192.0.2.33 2001:db8:1::21 2001:db8:1::33; do
	like "port show lists $a" "$(ports_know)" "^$a$"
done

# In pieces
for pair in "vm1 lan1" "lan1 vm1" "vm1 host" "host vm1"; do
	# shellcheck disable=SC2086 # words
	set -- $pair
	ok "$1 to $2: a datagram in pieces" pings "$1" "${VM4[$2]}" -s 4000
	ok "over IPv6" pings "$1" "${VM6[$2]}" -s 4000
done

# In one piece
for t in tap0 lantap0; do
	must ip tuntap add $t mode tap vnet_hdr
	defer ip link del $t
done
must ip link set tap0 up
must "$VNETSHARE" port add tap0 network net1
must ip link set lantap0 netns "${NS[router]}"
ipb router <<-END
	link set lantap0 up
	link set lantap0 master lan0
END
up=$(mac_of host uplink0)
tapvm=02:00:00:00:07:01 taplan=02:00:00:00:07:02
router=/run/netns/${NS[router]}
is "a segment of 40 kB goes to the LAN in one piece" \
	"$("$PROGS/tapgso" tap0 "lantap0@$router" $tapvm $taplan 192.0.2.41 192.0.2.42 2>&1)" \
	"frame 40054 gso 1 1448"
is "GSO frames arrive from there in one piece" \
	"$("$PROGS/tapgso" "lantap0@$router" tap0 $taplan "$up" 192.0.2.42 192.0.2.41 \
		$tapvm 2>&1)" \
	"frame 40054 gso 1 1448"

# A VM that announces its address at the uplink's MAC address gets packets for that
# address and no others, although all have the same MAC addresses
must on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst=ff:ff:ff:ff:ff:ff \
	arp=2,"$up",192.0.2.35,ff:ff:ff:ff:ff:ff,192.0.2.35
capture vm1 vm1 eth0 -Q "in" udp port 4000
spawn "$TMP/stream" lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)" dst="$up" \
	sip="${VM4[lan1]}" dip=192.0.2.35 dport=4000 count=0 rate=100
stream=$SPAWNED
ok "the VM gets packets for its address" wait_for 10 has_line "$TMP/cap.vm1" '192.0.2.35.4000: '
stop "${CAP_PID[vm1]}"
talks lan1 host
talks lan1 vm2
reaches "again and again" lan1 a=udp,$HOST4,9000 b=udp,"${VM4[vm2]}",9000
stop "$stream"

# Is an address free?
taken4() { ! on "$1" busybox arping -D -q -c 3 -w $((3 * SCALE)) -I eth0 "$2"; }
dad_failed() { [[ $(ipn "$1" -6 addr show dev eth0) == *"$2/64"*dadfailed* ]]; }
usable6() { [[ $(ipn "$1" -6 addr show dev eth0 -tentative) == *"$2/64"* ]]; }
vm_add vm3 net1
ok "a VM sees that a LAN machine has an address" taken4 vm3 "${VM4[lan1]}"
ok "detection finds the host's address taken" taken4 vm3 $HOST4
ok "detection finds another VM's address taken" taken4 vm3 "${VM4[vm1]}"
refuse "detection finds a free address free" taken4 vm3 192.0.2.99
ok "a LAN machine sees that a VM has one" taken4 lan1 "${VM4[vm1]}"
for who in lan1 host vm1; do
	must ipn vm3 addr add "${VM6[$who]}/64" dev eth0
done
must ipn vm3 addr add 2001:db8:1::99/64 dev eth0
for who in lan1 host vm1; do
	ok "likewise with IPv6: $who has it" wait_for 8 dad_failed vm3 "${VM6[$who]}"
done
ok "detection finds a free IPv6 address free" wait_for 8 usable6 vm3 2001:db8:1::99
must ipn lan1 addr add "${VM6[vm1]}/64" dev eth0
ok "a LAN machine sees that a VM has it" wait_for 8 dad_failed lan1 "${VM6[vm1]}"
must ipn lan1 addr del "${VM6[vm1]}/64" dev eth0
ipn vm3 addr flush dev eth0

# By the LAN's own servers
lan_dhcp
must ipn vm3 link set eth0 down
must ipn vm3 link set eth0 up
ok "a VM takes a lease of the LAN's DHCP server" vm_dhcp vm3
like "the server gave it to the VM's own Ethernet address" "$(<"$TMP/lan.leases")" \
	"${VM_MAC[vm3]} $(vm_ip vm3) vm3"
ok "the VM reaches the Internet" pings vm3 $WWW4
ok "the VM has an IPv6 address and a route by advertisement" vm_ra vm3
ok "the VM reaches the Internet over IPv6" pings vm3 $WWW6

# Frames on the wire
frames=$(captured wire)
is "every frame on the wire has the uplink's address" \
	"$(awk '{ print $2 }' <<<"$frames" | sort | uniq -c | awk '{ print $2 }')" "$up"
is "no frame names another in ARP or neighbour discovery" \
	"$(grep -E 'ARP|neighbor|router solicitation' <<<"$frames" |
		grep -E '02:00:00:00:(01|07):|0200 0000 01' | head -n 3)" ""
like "where there was some: ARP" "$frames" "ARP"
like "neighbour discovery" "$frames" "neighbor advertisement"
like "router solicitations" "$frames" "router solicitation"
unlike "with a checksum that is right" "$(grep 'ICMP6' <<<"$frames")" "bad icmp6 cksum"

# Without macnat
must "$VNETSHARE" network set net1 macnat off
is "macnat off: is shown" "$(active)" "off false"
capture off router l-host -Q "in"
# the LAN may remember the uplink's address for a while
must ipn lan1 neigh flush dev eth0
reaches "off: the VM reaches the LAN" vm1 a=tcp,"${VM4[lan1]}",9000 b=tcp,"${VM6[lan1]}",9000
like "off: the VM has its own address on the wire" "$(captured off)" " ${VM_MAC[vm1]} >"

finish
