#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 200
#
# The uplink changes under sessions on the fast path: the default route moves to
# another device; the uplink goes down, gets another address, is deleted.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A second provider, who answers under the same address as the first
UP1=198.51.100.130 ISP2=198.51.100.254

# heard_from TAG ADDRESS: how many packets of it that server received
heard_from() { grep -c "^udp $2 " "$TMP/heard.$1"; }
heard_more() { [ "$(heard_from "$1" "$2")" -gt "$3" ]; }

up1_add() {
	ipb host <<-END2
		link add up1 type veth peer name eth0 netns ${NS[isp2]}
		addr add $UP1/25 dev up1
		link set up1 up
	END2
	ipb isp2 <<-END2
		addr add $ISP2/25 dev eth0
		link set eth0 up
	END2
}

# turns DESCRIPTION COMMAND...: the second provider is asked, and the first is not any
# more
turns() {
	local desc=$1 n before after; shift

	capture old router l-host -Q in "udp dst port 9002"
	n=$(heard_from ISP2 $UP1)
	must "$@"
	before=$(grep -c '^[0-9][0-9]:' "$TMP/cap.old")
	ok "$desc: the second is asked" wait_for 20 heard_more ISP2 $UP1 $((n + 3))
	after=$(captured old | grep -c .)
	[ "$after" -le $((before + 3)) ]
	result $? "$desc: the first provider is not asked ($((after - before)) more)"
}

up1_gone() { [ ! -e /sys/class/net/up1 ]; }
hooks() { nft list hooks device "$1" 2>/dev/null; }

topology
ns_add isp2
up1_add
ipb isp2 <<-END2
	addr add $WWW4/32 dev lo
END2
# the route that is left when the others are gone
must ip route add default via $ROUTER4 dev uplink0 metric 900
serve inet FAR udp,$WWW4,9002 tcp,$WWW4,9001
serve isp2 ISP2 udp,$WWW4,9002 tcp,$WWW4,9001
net_add net1 dhcp off
vm_add vm1 net1
gw=$(net_gw net1)
VM4[vm1]=${gw%.*}.9
vm_static vm1 "${VM4[vm1]}/24" "$gw"
hold udp vm1 udp,$WWW4,9002
hold tcp vm1 tcp,$WWW4,9001
goes_fast "a UDP session" net1 9002
goes_fast "a TCP session" net1 9001
ok "by the first provider" [ "$(heard_from FAR $HOST4)" -gt 0 ]
is "not by the second" "$(heard_from ISP2 $UP1)" 0

# auto: the routing table's choice
turns "the default route moves" ip route replace default via $ISP2 dev up1
ok "UDP goes on as another session" wait_for 20 hold_is udp 'open|flows'
goes_fast "by the fast path" net1 9002
ok "TCP, which had the other address, does not" wait_for 20 hold_is tcp 'stalled|closed'
release tcp
n=$(heard_from ISP2 $UP1)
ok "the answers come by the new one" wait_for 10 heard_more ISP2 $UP1 $((n + 5))
must ip route replace default via $ROUTER4 dev uplink0
n=$(heard_from FAR $HOST4)
ok "sessions return to the first provider" wait_for 20 heard_more FAR $HOST4 $((n + 3))
goes_fast "by the fast path" net1 9002

# Named
must ip route add default via $ISP2 dev up1 metric 500
turns "another uplink is named" "$VNETSHARE" network set net1 uplink up1
goes_fast "by the fast path" net1 9002
must "$VNETSHARE" network set net1 uplink auto
goes_fast "auto again" net1 9002

# Down, and up
n=$(heard_from ISP2 $UP1)
must ip link set uplink0 down
ok "the uplink is down: the second is asked" wait_for 20 heard_more ISP2 $UP1 $((n + 3))
goes_fast "by the fast path" net1 9002
must ip link set uplink0 up
must ip route add default via $ROUTER4 dev uplink0 metric 900
must ip route add default via $ROUTER4 dev uplink0
n=$(heard_from FAR $HOST4)
ok "up: the first is asked" wait_for 30 heard_more FAR $HOST4 $((n + 3))
goes_fast "by the fast path" net1 9002

# Another MAC address: frames leave with it, and answers come back to it
must ip link set uplink0 address 02:00:00:00:77:01
must ipn router neigh flush dev lan0
capture mac router l-host -Q in "udp dst port 9002"
n=$(heard_from FAR $HOST4)
ok "the uplink has another MAC address" wait_for 30 heard_more FAR $HOST4 $((n + 5))
unlike "all frames have it" "$(captured mac | grep -v ' 02:00:00:00:77:01 > ')" ' > '
ok "answered" wait_for 30 hold_is udp 'open|flows'
goes_fast "by the fast path" net1 9002

# The user's own filter at its ingress sees every packet
host_nft <<-END2
	table netdev mine {
		chain early {
			type filter hook ingress device uplink0 priority 0
			udp sport 9002 counter
		}
	}
END2
seen_by() { [[ $(nft list table netdev mine) =~ packets\ ([0-9]+) ]] &&
	[ "${BASH_REMATCH[1]}" -gt "$1" ]; }
goes_fast "rules at the uplink's ingress: still by the fast path" net1 9002
fast=$(net_counter net1 fastpath_in)
ok "packets come in by it" wait_for 20 counter_above net1 fastpath_in $((fast + 20))
ok "the rules saw them all" seen_by 20
must nft add rule netdev mine early udp sport 9002 drop
ok "a rule there stops them" wait_for 10 hold_is udp stalled
fast=$(net_counter net1 fastpath_in)
nap
is "none comes by" "$(net_counter net1 fastpath_in)" "$fast"
must nft delete table netdev mine
ok "without it they come" wait_for 20 hold_is udp flows

# It is deleted, with all references to it
must ip route replace default via $ISP2 dev up1
goes_fast "by the second again" net1 9002
n=$(heard_from FAR $HOST4)
must limit 20 ip link del up1
ok "deleted under a session" wait_for 10 up1_gone
ok "the first is asked" wait_for 30 heard_more FAR $HOST4 $((n + 3))
up1_add
must ip route add default via $ISP2 dev up1 metric 1
goes_fast "another of that name: by the fast path" net1 9002
n=$(heard_from ISP2 $UP1)
ok "the second is asked" wait_for 20 heard_more ISP2 $UP1 $((n + 3))
ns_add away
n=$(heard_from FAR $HOST4)
must limit 20 ip link set up1 netns "${NS[away]}"
ok "moved to another namespace: gone" up1_gone
ok "the first is asked" wait_for 30 heard_more FAR $HOST4 $((n + 3))
goes_fast "by the fast path" net1 9002

# Nothing is left behind at the uplink
had=$(hooks uplink0)
must "$VNETSHARE" network del net1
if [[ $had == *vnetshare* ]]; then
	unlike "no network: no hook" "$(hooks uplink0)" vnetshare
else
	skip "no network: no hook" "this nft does not list them"
fi

finish
