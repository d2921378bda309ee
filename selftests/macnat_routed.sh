#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# VMs share the uplink's MAC address, to which the LAN also sends packets for
# machines behind the host (a VPN, for example). No VM gets those packets,
# whatever address it claims. The check is not made where each VM has its own MAC
# address.
#
#   vm1              host under test                   behind
#  +------+         +-----------------------+         +-----------------------+
#  | eth0 o---------o net1          routed0 o---------o eth0 198.51.100.130/25 |
#  +------+         |   uplink0 192.0.2.1   |         |      2001:db8:9::2/64 |
#                   +------o----------------+         +-----------------------+
#                          |  lan1 192.0.2.77, with routes by the host

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

vm() { must on vm1 "$PROGS/frame" eth0 src="$vm" "$@"; }
known() { "$VNETSHARE" -j port show p-vm1 | jq -r '.[0].neighbours[].address'; }
knows() { known | grep -qx -- "$1"; }
# claims4 ADDRESS, claims6 ADDRESS: vm1 claims it, and sends from it
claims4() {
	vm arp=1,"$vm","$1",00:00:00:00:00:00,"$1"
	vm arp=2,"$vm","$1","$lan",192.0.2.77 dst="$lan"
	vm dst="$lan" sip="$1" dip=192.0.2.77
}
claims6() {
	vm dst=33:33:00:00:00:01 sip="$1" dip=ff02::1 nd=136,"$1",20
	vm dst="$lan" sip="$1" dip=2001:db8:1::77
}

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
ns_add behind
ipb host <<-END
	link add routed0 type veth peer name eth0 netns ${NS[behind]}
	addr add 198.51.100.129/25 dev routed0
	addr add 2001:db8:9::1/64 dev routed0 nodad
	link set routed0 up
	route add 192.0.2.200/32 via 198.51.100.130 dev routed0
END
ipb behind <<-END
	addr add 198.51.100.130/25 dev eth0
	addr add 192.0.2.200/32 dev eth0
	addr add 2001:db8:9::2/64 dev eth0 nodad
	link set eth0 up
	route add default via 198.51.100.129
	route add default via 2001:db8:9::1
END
ipb lan1 <<-END
	route add 198.51.100.128/25 via $HOST4
	route add 192.0.2.200/32 via $HOST4
	route add 2001:db8:9::/64 via $HOST6
END
sysctl_set host net/ipv4/ip_forward 1
sysctl_set host net/ipv6/conf/all/forwarding 1
net_add net1 mode bridged uplink uplink0 macnat on
vm_lan vm1 net1 21
vm=${VM_MAC[vm1]} lan=$(mac_of lan1 eth0)
serve behind BEHIND tcp,198.51.100.130,9000 tcp,192.0.2.200,9000 tcp,2001:db8:9::2,9000
there=("a=tcp,198.51.100.130,9000" "b=tcp,192.0.2.200,9000" "c=tcp,2001:db8:9::2,9000")
behind() { answers "$1" '^. yes BEHIND' "$(ask lan1 "${there[@]}")"; }

routed() { ask lan1 "${there[@]}" | grep -c ' yes BEHIND'; }
all_routed() { [ "$(routed)" = 3 ]; }
wait_for 10 all_routed || bail "the host does not route"
behind "the LAN reaches whom the host routes to"

claims4 198.51.100.130
claims4 192.0.2.200
claims6 2001:db8:9::2
# followed by an address that is unused, and one behind the default route
claims4 192.0.2.41
claims4 203.0.113.99
claims6 2001:db8:1::41
claims6 2001:db8:3::99
for address in 192.0.2.41 203.0.113.99 2001:db8:1::41 2001:db8:3::99; do
	ok "a VM may have $address" wait_for 5 knows $address
done
for address in 198.51.100.130 192.0.2.200 2001:db8:9::2; do
	refuse "not $address, which the host routes elsewhere" knows $address
done
behind "the LAN still reaches them"
ok "the LAN machine reaches the VM" pings lan1 "${VM4[vm1]}"

# A route that comes later
speaks() { vm dst="$lan" sip=203.0.113.99 dip=192.0.2.77; }
must ip route add 203.0.113.96/28 via 198.51.100.130 dev routed0
forgotten() { speaks; ! knows 203.0.113.99; }
ok "an address that the host has a route to is not the VM's any more" \
	wait_for 10 forgotten
must ip route del 203.0.113.96/28

# Each VM with its own MAC address
must "$VNETSHARE" network set net1 macnat off
must ipn lan1 neigh flush dev eth0
claims4 198.51.100.130
claims6 2001:db8:9::2
for address in 198.51.100.130 2001:db8:9::2; do
	ok "macnat off: it may have $address" wait_for 5 knows $address
done
behind "which takes nothing from the LAN"

finish
