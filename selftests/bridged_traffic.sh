#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# On the LAN, VMs, the host and LAN machines reach each other, over IPv4 and IPv6,
# one to one and one to all. A VM is configured by the LAN's own servers, has two
# addresses, hands an address on, moves to another port and to the LAN.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

fdb_port() { "$VNETSHARE" -j fdb show net1 | jq -r --arg m "$1" \
	'.[] | select(.mac == $m) | .port'; }
fdb_is() { [ "$(fdb_port "$1")" = "$2" ]; }

# neighbour NAME DEV ADDRESS: the MAC address in a machine's neighbour table
neighbour() {
	local out

	out=$(ipn "$1" neigh show "$3" dev "$2")
	out=${out#*lladdr }
	echo "${out%% *}"
}

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode bridged uplink uplink0
vm_lan vm1 net1 21
vm_lan vm2 net1 22 native
serve_all host lan1 vm1 vm2

# One to one
for pair in "vm1 lan1" "lan1 vm1" "vm2 lan1" "lan1 vm2" "vm1 vm2" "vm2 vm1" \
	"vm1 host" "host vm1" "vm2 host" "host vm2" "host lan1" "lan1 host"; do
	# shellcheck disable=SC2086 # words
	talks $pair
done
ok "a VM reaches what is behind the LAN's router" pings vm1 $WWW4
ok "over IPv6 too" pings vm1 $WWW6
capture vm2 vm2 eth0 not ether host "${VM_MAC[vm2]}" and not multicast
capture lan1 lan1 eth0 not ether host "$(mac_of lan1 eth0)" and not multicast
reaches "the host reaches who it reached" host a=icmp,"${VM4[vm1]}" b=icmp,"${VM4[lan1]}"
reaches "a VM reaches the LAN machine" vm1 a=icmp,"${VM4[lan1]}"
on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst=02:00:00:00:77:77 len=200
ok "a frame to nobody known goes to the LAN" seen lan1 'length 214:'
is "nothing came to a VM that was not for it" "$(captured vm2)" ""
is "no other frame of these reaches a LAN machine" "$(captured lan1 | grep -vc 'length 214:')" 0
is "the table knows the VM's port" "$(fdb_port "${VM_MAC[vm1]}")" p-vm1
like "the uplink's own address is not taken for a VM's" \
	"$(fdb_port "$(mac_of host uplink0)")" "^(uplink0|net1)?$"

# One to all
for who in "host uplink0" "lan1 eth0" "vm1 eth0" "vm2 eth0"; do
	# shellcheck disable=SC2086 # words
	groups_hear $who
done
groups_reach vm1 host lan1 vm2
groups_reach host lan1 vm1 vm2
groups_reach lan1 host vm1 vm2

# Two addresses
ipb vm1 <<-END
	addr add 192.0.2.31/24 dev eth0
	addr add 2001:db8:1::31/64 dev eth0 nodad
END
reaches "a second address answers the LAN" lan1 a=icmp,192.0.2.31 b=icmp,2001:db8:1::31
reaches "the host reaches both addresses" host a=icmp,192.0.2.31 b=icmp,2001:db8:1::31
reaches "the VM asks from both addresses" vm1 a=tcp,"${VM4[lan1]}",9000,192.0.2.31 \
	b=tcp,"${VM6[lan1]}",9000,2001:db8:1::31 c=udp,$HOST4,9000,192.0.2.31

# Handed on
ipb vm1 <<-END
	addr del 192.0.2.31/24 dev eth0
	addr del 2001:db8:1::31/64 dev eth0
END
ipb vm2 <<-END
	addr add 192.0.2.31/24 dev eth0
	addr add 2001:db8:1::31/64 dev eth0 nodad
END
m2=${VM_MAC[vm2]}
handed_on() {
	on vm2 "$PROGS/frame" eth0 src="$m2" \
		arp=1,"$m2",192.0.2.31,00:00:00:00:00:00,192.0.2.31
	on vm2 "$PROGS/frame" eth0 src="$m2" dst=33:33:00:00:00:01 \
		sip=2001:db8:1::31 dip=ff02::1 nd=136,2001:db8:1::31,20
	[ "$(neighbour lan1 eth0 192.0.2.31)" = "$m2" ] &&
		[ "$(neighbour host uplink0 192.0.2.31)" = "$m2" ] &&
		[ "$(neighbour lan1 eth0 2001:db8:1::31)" = "$m2" ] &&
		[ "$(neighbour host uplink0 2001:db8:1::31)" = "$m2" ]
}
ok "gratuitous ARP and unsolicited advertisements reach the LAN and the host" \
	wait_for 8 handed_on
reaches "LAN machines find the address at its new holder" lan1 a=icmp,192.0.2.31 b=icmp,2001:db8:1::31
reaches "the host as well" host a=icmp,192.0.2.31 b=icmp,2001:db8:1::31

# A VM on the move: to another port, to the LAN, and back
m1=${VM_MAC[vm1]}
vm_add vm3 net1
lan_add lan2 78
# moves FROM TO: eth0 of one is taken over by the other
moves() {
	ipn "$1" link set eth0 down
	ipb "$2" <<-END
		link set eth0 down
		link set eth0 address $m1
		link set eth0 up
		addr replace 192.0.2.21/24 dev eth0
		addr replace 2001:db8:1::21/64 dev eth0 nodad
	END
	wait_for 5 pings "$2" "${VM4[lan1]}"
}
ok "a VM moves to another port" moves vm1 vm3
is "the table has the new port" "$(fdb_port "$m1")" p-vm3
reaches "the LAN finds it" lan1 a=icmp,192.0.2.21 b=icmp,2001:db8:1::21
reaches "the host finds it" host a=icmp,192.0.2.21 b=icmp,2001:db8:1::21
reaches "a VM finds it" vm2 a=icmp,192.0.2.21 b=icmp,2001:db8:1::21
ok "the VM moves to a machine on the LAN" moves vm3 lan2
reaches "the host finds it there" host a=icmp,192.0.2.21 b=icmp,2001:db8:1::21
reaches "a VM finds it there" vm2 a=icmp,192.0.2.21 b=icmp,2001:db8:1::21
ok "the VM moves back" moves lan2 vm1
reaches "the host finds it" host a=icmp,192.0.2.21 b=icmp,2001:db8:1::21
reaches "the LAN finds it" lan1 a=icmp,192.0.2.21 b=icmp,2001:db8:1::21

# Kept apart
must "$VNETSHARE" network set net1 isolate on
talks_not vm1 vm2 "isolate on"
talks vm1 lan1 "isolate on"
talks vm1 host "isolate on"
talks lan1 vm2 "isolate on"
groups_reach vm1 host lan1
is "its broadcasts did not reach the other VM" \
	"$(grep -c " word$GROUPS_WORD\.$" "$TMP/group.vm2")" 0
must "$VNETSHARE" network set net1 isolate off
# their neighbour entries failed a moment ago; they would not ask again yet
for vm in vm1 vm2; do
	must ipn $vm neigh flush dev eth0
done
talks vm1 vm2 "isolate off"

# By the LAN's own servers
lan_dhcp
must ipn vm3 link set eth0 down
ipn vm3 addr flush dev eth0
must ipn vm3 link set eth0 address "${VM_MAC[vm3]}"
must ipn vm3 link set eth0 up
ok "a VM takes a lease of the LAN's DHCP server" vm_dhcp vm3
like "an address of the LAN" "$(vm_ip vm3)" '^192\.0\.2\.1[0-5][0-9]$'
like "the server gave it to the VM's own Ethernet address" "$(<"$TMP/lan.leases")" \
	"${VM_MAC[vm3]} $(vm_ip vm3) vm3"
ok "the VM reaches the Internet" pings vm3 $WWW4
ok "the VM has an IPv6 address and a route by advertisement" vm_ra vm3
like "the IPv6 address has the LAN's prefix" "$(ip6_of vm3 eth0)" '^2001:db8:1:'
ok "the VM reaches the Internet over IPv6" pings vm3 $WWW6
is "no DHCP server runs for the network" "$(dnsmasq_pid net1)" ""

finish
