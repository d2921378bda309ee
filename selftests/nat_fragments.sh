#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fragments cross the translation both ways, in order and out of order. Fragments
# that cannot be reassembled are dropped.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

probe() { on vm1 "$PROGS/udp" probe "$@"; }

topology
inet_udp 7777
net_add net1 dhcp off
vm_add vm1 net1
gw=$(net_gw net1)
vm_static vm1 "${gw%.*}.9/24" "$gw"
ip1=$(vm_ip vm1)

capture up host uplink0 "ip[6:2] & 0x3fff != 0"
for size in 1473 4000 16001 65507; do
	is "a datagram of $size bytes comes back whole" \
		"$(probe -s $size $WWW4 7777)" "reply $WWW4 $size"
done
ok "an echo of 8000 bytes" pings vm1 $WWW4 -s 8000
frames=$(captured up)
like "fragments crossed the uplink outwards" "$frames" "$HOST4(\.[0-9]+)? > $WWW4"
like "fragments inwards" "$frames" "$WWW4(\.[0-9]+)? > $HOST4"
unlike "with no address of a VM" "$frames" "${ip1//./\\.}"

# One datagram of 2000 bytes of payload, by hand: 1008 and 1000 in two pieces
net_mac=$(mac_of host net1)
pieces() {
	on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst="$net_mac" sip="$ip1" \
		dip=$WWW4 sport=5005 dport=7777 - || fail "the pieces are sent"
}
datagrams() { grep -c " $1\$" "$TMP/udp.log"; }

pieces <<-END
	id=71 mf=1 len=1000 ulen=2000
	id=71 off=1008 len=992
END
ok "two pieces in order arrive as one datagram" \
	wait_for 5 has_line "$TMP/udp.log" "^$HOST4 [0-9]+ 1992$"
pieces <<-END
	id=72 off=1008 len=993
	id=72 mf=1 len=1000 ulen=2001
END
ok "two fragments out of order pass" \
	wait_for 5 has_line "$TMP/udp.log" "^$HOST4 [0-9]+ 1993$"
pieces <<-END
	id=73 mf=1 len=1000 ulen=2002
	id=73 off=1008 len=994
	id=73 off=1008 len=994
END
ok "a doubled piece does no harm" \
	wait_for 5 has_line "$TMP/udp.log" "^$HOST4 [0-9]+ 1994$"
is "a repeated fragment makes no second datagram" "$(datagrams 1994)" 1

# Overlap, and an end that never comes
capture up host uplink0 "udp or ip[6:2] & 0x3fff != 0"
pieces <<-END
	id=74 mf=1 len=1000 ulen=1904
	id=74 off=512 len=1392
	id=75 mf=1 len=1000
END
is "after pieces that overlap or lack an end, the next datagram passes" \
	"$(probe -s 1996 $WWW4 7777)" "reply $WWW4 1996"
is "overlapping pieces made no datagram" "$(datagrams 1896)" 0
unlike "nothing of them left the host" "$(captured up)" "id 7[45],"

# Many starts without an end: the host's bound on fragments holds them
high=$(cat /proc/sys/net/ipv4/ipfrag_high_thresh)
for ((i = 1; i <= 8000; i++)); do
	echo "id=$((1000 + i)) mf=1 len=1400"
done | pieces
used=$(awk '/^FRAG:/ { print $NF }' /proc/net/sockstat)
[ "$used" -le $((high + 65536)) ]
result $? "unfinished datagrams are bounded ($used bytes)"
ok "small packets still pass" pings vm1 $WWW4

finish
