#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# Sessions that use the fast path: TCP and UDP, IPv4 and IPv6, outbound, through a
# port forward, between VMs through a forward, from a native port. Others do not.
# The fast path can be turned off and on while sessions run.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

flows() { net_json net1 .flows; }
no_flows() { [ "$(flows)" = 0 ]; }
all_flow() {
	local id

	for id in out4 udp4 out6 udp6 in4 in6 turn4 turn6 box4; do
		hold_is "$id" 'open|flows' || return
	done
}

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
is "on by default" "$(net_json net1 .fastpath)" true
vm_set vm1 net1 9
vm_set vm2 net1 10
vm_add box net1 native
VM4[box]=${VM4[vm1]%.*}.11
vm_static box "${VM4[box]}/24" "$(net_gw net1)"
serve inet FAR tcp,$WWW4,9001 udp,$WWW4,9002 tcp,$WWW6,9003 udp,$WWW6,9004 \
	udp,$WWW4,9020
serve vm1 VM1 tcp,"${VM4[vm1]}",80 udp,"${VM6[vm1]}",80
"$VNETSHARE" -b - <<-END2 || bail "the forwards"
	forward add net1 tcp 9011 to ${VM4[vm1]}:80
	forward add net1 udp 9012 to [${VM6[vm1]}]:80
	forward add net1 tcp 9013 to ${VM4[vm1]}:80
	forward add net1 udp 9014 to [${VM6[vm1]}]:80
END2

# Counters of each direction
n=$(net_counter net1 fastpath_out)
hold out4 vm1 tcp,$WWW4,9001
goes_fast "TCP over IPv4" net1 9001
ok "packets out are counted" wait_for 10 counter_above net1 fastpath_out "$n"
ok "inbound packets are counted" wait_for 10 counter_above net1 fastpath_in 0
is "none as turned round" "$(net_counter net1 fastpath_hairpin)" 0
n=$(net_counter net1 fastpath_out)
ok "they count as forwarded" [ "$(net_counter net1 forwarded_out)" -ge "$n" ]
hold udp4 vm1 udp,$WWW4,9002
goes_fast "UDP over IPv4" net1 9002
hold out6 vm2 tcp,$WWW6,9003
goes_fast "TCP over IPv6" net1 9003
hold udp6 vm2 udp,$WWW6,9004
goes_fast "UDP over IPv6" net1 9004
hold box4 box udp,$WWW4,9020
goes_fast "from a native port" net1 9020
hold in4 lan1 tcp,$HOST4,9011
goes_fast "a forward's TCP session" net1 9011
hold in6 lan1 udp,$HOST6,9012
goes_fast "a forward's UDP session over IPv6" net1 9012
hold turn4 vm2 tcp,$HOST4,9013
goes_fast "between VMs, by a forward" net1 9013
ok "packets between VMs are counted as turned round" wait_for 10 counter_above net1 fastpath_hairpin 0
hold turn6 vm2 udp,$HOST6,9014
goes_fast "over IPv6" net1 9014
ok "network show says how many entries there are" [ "$(flows)" -ge 18 ]
like "session show says it in text" "$("$VNETSHARE" session show net1 port 9001)" \
	"established +both "
ok "all of them flow" all_flow

# Sessions that do not take the fast path
beat beat vm1 $WWW4
wait_for 1 false
beat_ends "echo requests are all answered" beat
is "they do not go the fast path" "$("$VNETSHARE" -j session show net1 proto icmp |
	jq -r '[.[] | .fastpath, .reply_fastpath] | any')" false
reaches "one question" vm2 a=udp,$WWW4,9002
is "a single question gets no entry" "$("$VNETSHARE" -j session show net1 vm "${VM4[vm2]}" port 9002 |
	jq -r '[.[] | .fastpath, .reply_fastpath] | any')" false

# Off, and on again
slow_rules
goes_fast "the host's rules change: it goes the fast path again" net1 9001
must "$VNETSHARE" network set net1 fastpath off
is "network show says that it is off" "$(net_json net1 .fastpath)" false
fast=$(fast_count net1)
slow=$(slow_count)
ok "off: no entry is left" wait_for 10 no_flows
ok "the stack sees the packets" wait_for 10 slow_above $((slow + 100))
is "none goes the fast path" "$(fast_count net1)" "$fast"
is "session show says so" "$(fast net1 9001)" no
ok "all of them flow" all_flow
must "$VNETSHARE" network set net1 fastpath on
goes_fast "on: back to it" net1 9001
goes_fast "the forward's, too" net1 9012
goes_fast "the session between VMs takes the fast path again" net1 9013

# A capture on the network's device shows every packet
must ip link set net1 promisc on
fast=$(fast_count net1)
slow=$(slow_count)
ok "the device is promiscuous: the stack sees the packets" \
	wait_for 10 slow_above $((slow + 100))
is "none goes the fast path" "$(fast_count net1)" "$fast"
must ip link set net1 promisc off
goes_fast "not any more: back to it" net1 9001
ok "all of them flow" all_flow

net_add net2 dhcp off fastpath off
is "a network can be made without" "$(net_json net2 .fastpath)" false
vm_set vm3 net2 9
hold none vm3 tcp,$WWW4,9001
slow=$(slow_count)
ok "its sessions go the slow path" wait_for 10 slow_above $((slow + 20))
is "the listing shows that it is off" "$(fast net2 9001)" no
is "no packet is counted" "$(fast_count net2)" 0

finish
