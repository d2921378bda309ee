#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# The path gets narrower while a session uses the fast path: at the uplink, by a
# route, on the VM's side. Packets that do not fit are fragmented, or their sender
# is told.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

probe() { on vm1 "$PROGS/udp" probe -p 5000 "$@"; }
forget() {
	ipn vm1 route flush cache
	ipn vm1 -6 route flush cache
}

# goes_by ADDRESS COUNT: small packets take the fast path
goes_by() {
	probe -d -s 100 "$1" 9005
	fast_above net1 "$2"
}

# fast_probe DESCRIPTION BYTES ADDRESS: a packet that passes, by the fast path
fast_probe() {
	local fast

	fast=$(fast_count net1)
	wait_for 10 goes_by "$3" "$fast"
	fast=$(fast_count net1)
	is "$1" "$(probe -d -s "$2" "$3" 9005)" "reply $3 $2"
	ok "$1: by the fast path" fast_above net1 "$fast"
}

# narrow MTU: the link between host and router
narrow() {
	must ipn router link set l-host mtu "$1"
	must ip link set uplink0 mtu "$1"
}

topology
topology6
net_add net1 dhcp off
vm_set vm1 net1 9
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
for www in $WWW4 $WWW6; do
	spawn "$TMP/echo.$www" inet "$PROGS/udp" echo "$www" 9005
done
spawn "$TMP/df" inet "$PROGS/udp" echo -d -l 1400 $WWW4 9006
wait_for 10 listens inet "$WWW4:9005" || bail "no server"
wait_for 10 listens inet "[$WWW6]:9005" || bail "no server of IPv6"
wait_for 10 listens inet "$WWW4:9006" || bail "no second server"
serve inet FAR tcp,$WWW4,9001 tcp,$WWW6,9001 udp,$WWW4,9002

# At the uplink
fast_probe "1500 bytes fit" 1472 $WWW4
narrow 1400
is "the uplink gets narrower: the host says so" \
	"$(probe -d -s 1472 $WWW4 9005)" "icmp 3 4 from $gw4 info 1400"
forget
is "packets that may be fragmented are fragmented" "$(probe -s 1472 $WWW4 9005)" "reply $WWW4 1472"
forget
fast_probe "what fits passes" 1372 $WWW4
is "packets that do not fit do not take the fast path" \
	"$(probe -d -s 1472 $WWW4 9005)" "icmp 3 4 from $gw4 info 1400"
narrow 1500
forget
fast_probe "IPv6: 1500 bytes fit" 1452 $WWW6
narrow 1400
is "IPv6: the uplink gets narrower: the host says so" \
	"$(probe -d -s 1452 $WWW6 9005)" "icmp 2 0 from $gw6 info 1400"
forget
fast_probe "IPv6: a packet that fits passes" 1352 $WWW6
is "IPv6: packets that do not fit do not take the fast path" \
	"$(probe -d -s 1452 $WWW6 9005)" "icmp 2 0 from $gw6 info 1400"
narrow 1500
forget

# By a route
fast_probe "wide again" 1472 $WWW4
must ip route add $WWW4 via $ROUTER4 mtu lock 1350
is "a route with an MTU: the host says so" \
	"$(probe -d -s 1472 $WWW4 9005)" "icmp 3 4 from $gw4 info 1350"
must ip route del $WWW4
forget

# On the VM's side, where answers have to fit
probe -s 40 -w 500 $WWW4 9006 >/dev/null
probe -s 40 -w 500 $WWW4 9006 >/dev/null
is "a long answer fits" "$(probe -s 40 $WWW4 9006)" "reply $WWW4 1400"
must "$VNETSHARE" network set net1 mtu 1280
probe -s 40 -w 500 $WWW4 9006 >/dev/null
ok "the network gets narrower: the far side is told" \
	wait_for 5 has_line "$TMP/df" "^icmp 3 4 from $HOST4 info 1280"
must "$VNETSHARE" network set net1 mtu 1500
must ipn vm1 link set eth0 mtu 1500

# In the middle of a transfer
for www in $WWW4 $WWW6; do
	stream wide vm1 "$www,9001" 200000
	goes_fast "a transfer with $www" net1 9001
	fast=$(fast_count net1)
	narrow 1300
	ok "goes on when the path gets narrower" \
		wait_for 20 fast_above net1 $((fast + 50))
	fast=$(fast_count net1)
	narrow 1500
	ok "and wider" wait_for 20 fast_above net1 $((fast + 50))
	stream_ends "every byte came back right" wide
	must conntrack -F
	forget
done

# One hop further only the VM is told
hold udp vm1 udp,$WWW4,9002
goes_fast "a session" net1 9002
must ipn router link set wan0 mtu 1300
is "a router's word reaches the VM" \
	"$(probe -d -s 1472 $WWW4 9005)" "icmp 3 4 from $ROUTER4 info 1300"
forget
fast_probe "what fits passes" 1272 $WWW4
goes_fast "another session is where it was" net1 9002

finish
