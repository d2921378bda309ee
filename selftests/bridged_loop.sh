#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# A VM bridges two of its ports. The storm is limited, the host and the LAN stay
# usable, and all is well again when the loop is gone. VMs' spanning tree frames
# are dropped.
#
#   loop                  host under test
#  +----------------+    +---------------------+
#  | br0 - eth0 o---|----|-o p-loop            |       lan1
#  |     \          |    |     net1  uplink0 o-|-- ... ---o
#  |      - eth1 o--|----|-o p-loop1           |
#  +----------------+    +---------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

counter() { net_counter net1 "$1"; }
received() { ipn lan1 -s -j link show dev eth0 | jq '.[0].stats64.rx.packets'; }
# rate: frames a second that reach the LAN, over some seconds
rate() {
	local from start

	from=$(received)
	start=${EPOCHREALTIME/./}
	wait_for 1 false
	echo $((($(received) - from) * 1000000 / (${EPOCHREALTIME/./} - start)))
}

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode bridged uplink uplink0
vm_lan vm1 net1 21
vm_add loop net1
must ip link add p-loop1 type veth peer name eth1 netns "${NS[loop]}" \
	address 02:00:00:00:02:01
must ip link set p-loop1 up
must "$VNETSHARE" port add p-loop1 network net1
ipb loop <<-END
	link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	link set eth0 master br0
	link set eth0 up
	link set br0 up
	addr add 192.0.2.30/24 dev br0
END
serve_all host lan1 vm1
talks vm1 lan1 "before"

# Spanning tree
must ipn loop link set br0 type bridge stp_state 1 hello_time 100
capture wire router l-host ether dst 01:80:c2:00:00:00
capture vm1 vm1 eth0 ether dst 01:80:c2:00:00:00
n=$(counter drop_reserved_multicast)
ok "spanning tree frames of a VM are dropped" \
	wait_for 20 counter_above net1 drop_reserved_multicast $((n + 2))
is "none reaches the LAN" "$(captured wire)" ""
is "no spanning tree frame reaches another VM" "$(captured vm1)" ""
must ipn loop link set br0 type bridge stp_state 0
ok "the VM's bridge passes frames" wait_for 20 pings loop "${VM4[lan1]}"

# The loop
must "$VNETSHARE" network set net1 flood_limit 20
is "the limit is shown" "$(net_json net1 .flood_limit)" 20
n=$(counter drop_flood_limit)
ipb loop <<-END
	link set eth1 up
	link set eth1 master br0
END
on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" count=50
on lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)" count=50
ok "looping frames are dropped, and counted" \
	wait_for 10 counter_above net1 drop_flood_limit "$n"
now=$(rate)
note "frames a second that reach the LAN: $now"
# two ports of 20 each and as much at once as in a second, with some patience
ok "no more of it reaches the LAN than the limit" test "$now" -lt 120
note "$(ethtool -S net1 | grep -v ': 0$')"
usable() {
	reaches "$1: the host reaches the LAN" host a=tcp,"${VM4[lan1]}",9000 \
		b=tcp,"${VM6[lan1]}",9000 c=icmp,"${VM4[lan1]}"
	reaches "$1: the LAN reaches the host" lan1 a=tcp,$HOST4,9000 b=tcp,$HOST6,9000
}
usable "storm"
on loop "$PROGS/frame" eth0 src="${VM_MAC[loop]}" count=50
ok "addresses that go to and fro are held, and counted" \
	wait_for 10 counter_above net1 drop_loop 0
usable "still"

# Undone
must ipn loop link set eth1 nomaster
must ipn loop link set eth1 down
calm() { n=$(counter drop_flood_limit); wait_for 1 false; [ "$(counter drop_flood_limit)" = "$n" ]; }
ok "without the loop nothing goes round" wait_for 10 calm
back() { pings "$1" "${VM4[$2]}" && pings "$1" "${VM6[$2]}"; }
ok "addresses are where they are again" wait_for 15 back vm1 lan1
for pair in "vm1 lan1" "lan1 vm1" "vm1 host" "host vm1" "host lan1"; do
	# shellcheck disable=SC2086 # words
	talks $pair "after"
done
ok "the VM that made the loop is on the LAN" wait_for 10 pings loop "${VM4[lan1]}"

finish
