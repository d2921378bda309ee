#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# Packets of the fast path on the wire: TTL and hop limit, all checksums, sizes.
# Packets that it leaves to the slow path: TTL at its end, options, tags,
# fragments, truncated packets, checksums at unusual places.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# vm_says VERSION KEY=VALUE...: frames of the session from port 5000 to port 9005
vm_says() {
	local sip=${VM4[vm1]} dip=$WWW4

	[ "$1" = 4 ] || sip=${VM6[vm1]} dip=$WWW6
	shift
	on vm1 "$PROGS/frame" eth0 "src=${VM_MAC[vm1]}" "dst=$GW_MAC" "sip=$sip" \
		"dip=$dip" sport=5000 dport=9005 "$@"
}

# lines REGEX: how many of the frames in $OUT match
lines() { grep -cE "$1" <<<"$OUT"; }

# all DESCRIPTION N REGEX: there are so many frames in $OUT, all like that
all() {
	is "$1" "$(lines "$3") of $(grep -c . <<<"$OUT")" "$2 of $2" ||
		note "$(grep -vE "$3" <<<"$OUT" | head -n 5)"
}

has_frames() { [ "$(grep -c '^[0-9][0-9]:' "$TMP/cap.$1")" -ge "$2" ]; }

# at_router FILTER...: begin to capture packets from the host
at_router() { capture wire router l-host -Q in "$@"; }
# out_there N: end it once it has N frames, or a while is over
out_there() {
	wait_for 5 has_frames wire "$1"
	OUT=$(captured wire)
}

topology
topology6
# sums are made by their senders, and by the uplink
must on inet ethtool -K eth0 tx off
must on router ethtool -K l-host tx off
must ethtool -K uplink0 tx off
net_add net1 dhcp off
vm_set vm1 net1 9
GW_MAC=$(mac_of host net1)
for www in $WWW4 $WWW6; do
	spawn "$TMP/echo.$www" inet "$PROGS/udp" echo "$www" 9005
done
spawn "$TMP/echo.long" inet "$PROGS/udp" echo $WWW4 9006
wait_for 10 listens inet "$WWW4:9005" || bail "no server"
wait_for 10 listens inet "$WWW4:9006" || bail "no server"
wait_for 10 listens inet "[$WWW6]:9005" || bail "no server of IPv6"
serve inet FAR tcp,$WWW4,9001 tcp,$WWW6,9001 udp,$WWW4,9002
# the VM's own stack is not asked, and would complain
on vm1 nft -f - <<-END2 || bail "nft in vm1"
	table inet quiet {
		chain input {
			type filter hook input priority 0
			udp dport 5000 drop
		}
	}
END2

for v in 4 6; do
	ttl=ttl host=HOST$v www=WWW$v
	[ $v = 4 ] || ttl=hlim
	vm_says $v count=5 rate=10
	goes_fast "IPv$v: a session" net1 9005

	at_router "src ${!host} and udp port 9005"
	capture vm vm1 eth0 -Q in "src ${!www} and udp"
	fast=$(net_counter net1 fastpath_out)
	vm_says $v count=20 rate=100 len=201
	out_there 20
	[ "$(net_counter net1 fastpath_out)" -ge $((fast + 18)) ]
	result $? "IPv$v: it goes the fast path"
	all "IPv$v: a hop less" 20 "$ttl 63,"
	all "IPv$v: the checksum is right" 20 "udp sum ok\] UDP, length 201"
	unlike "IPv$v: the IP header's checksum is right" "$OUT" "bad cksum"
	all "IPv$v: the host's address, the VM's port" 20 \
		"${!host//./\\.}\.5000 > ${!www//./\\.}\.9005"
	wait_for 5 has_frames vm 20
	OUT=$(captured vm)
	all "IPv$v: answers are a hop less, their sums right" "$(grep -c . <<<"$OUT")" \
		"$ttl 62,.*udp sum ok\] UDP, length 201"
	all "IPv$v: all answers arrived" 20 "${!www//./\\.}\.9005 > .*\.5000:"

	at_router "src ${!host} and udp port 9005"
	vm_says $v count=3 rate=100 ttl=2
	out_there 3
	all "IPv$v: a TTL of two is one" 3 "$ttl 1,"
	capture vm vm1 eth0 "icmp or icmp6"
	at_router "src ${!host} and udp port 9005"
	n=$(net_counter net1 drop_ttl)
	vm_says $v count=3 rate=100 ttl=1
	ok "IPv$v: of one, the VM is told" seen vm "time exceeded"
	is "IPv$v: expired packets are counted" "$(net_counter net1 drop_ttl)" $((n + 3))
	# the frame behind it shows that it did not pass
	vm_says $v count=1 len=77
	wait_for 5 has_line "$TMP/cap.wire" 'length 77'
	OUT=$(captured wire)
	all "IPv$v: it does not go out" 1 "length 77"
	captured vm >/dev/null

	# The VM's own stack leaves the sum to be made later
	hold tcp vm1 "tcp,${!www},9001"
	goes_fast "IPv$v: a TCP session" net1 9001
	at_router "src ${!host} and tcp port 9001"
	capture vm vm1 eth0 -Q in "src ${!www} and tcp port 9001"
	fast=$(fast_count net1)
	wait_for 10 fast_above net1 $((fast + 40))
	OUT=$(captured wire)
	all "IPv$v, TCP: a hop less, sums right, out" "$(grep -c . <<<"$OUT")" \
		"$ttl 63,.*cksum 0x[0-9a-f]+ \(correct\)"
	OUT=$(captured vm)
	all "IPv$v, TCP: a hop less, sums right, in" "$(grep -c . <<<"$OUT")" \
		"$ttl 62,.*cksum 0x[0-9a-f]+ \(correct\)"
	release tcp
done

# Great segments cross whole
must ethtool -K uplink0 tx on
at_router "src $HOST4 and tcp port 9001"
is "a megabyte comes back whole" \
	"$(on vm1 "$PROGS/peer" stream tcp,$WWW4,9001 1000000)" "whole 1000000"
OUT=$(captured wire)
like "in segments of more than the MTU" "$OUT" 'length ([3-9][0-9]{3}|[0-9]{5}):'
must ethtool -K uplink0 tx off

# A datagram without a checksum stays without
vm_says 4 count=3 rate=50
at_router "src $HOST4 and udp port 9005"
vm_says 4 count=5 rate=100 nosum=1
out_there 5
all "a datagram without a checksum stays so" 5 'ttl 63,.*no cksum'

# Packets that are not for the fast path
fast=$(net_counter net1 fastpath_out)
at_router "src $HOST4 and udp port 9005"
vm_says 4 count=3 rate=100 opt=01010100
out_there 3
all "options are kept" 3 'ttl 63,.*options \(NOP,NOP,NOP'
at_router "src $HOST4 and udp port 9005"
vm_says 4 count=3 rate=100 cut=60 len=200
vm_says 4 count=3 rate=100 badsum=1 opt=01010100
vm_says 4 count=1 opt=01010100 len=77
wait_for 5 has_line "$TMP/cap.wire" 'length 77'
OUT=$(captured wire)
all "what was cut off is dropped" 1 'length 77'
is "none of these went the fast path" "$(net_counter net1 fastpath_out)" "$fast"
capture tagged router l-host -Q in vlan
at_router "src $HOST4 and udp port 9005"
vm_says 4 count=3 rate=100 tags=1
vm_says 4 count=1 opt=01010100 len=77
wait_for 5 has_line "$TMP/cap.wire" 'length 77'
unlike "a tag does not go out" "$(captured tagged)" "vlan"
is "none of them takes the fast path" "$(net_counter net1 fastpath_out)" "$fast"
captured wire >/dev/null
is "fragments come through" \
	"$(on vm1 "$PROGS/udp" probe -p 5001 -s 4000 $WWW4 9006)" "reply $WWW4 4000"

# A checksum that would overwrite an address after its check
must conntrack -F
vm_says 4 count=3 rate=50
goes_fast "the session again" net1 9005
capture wire router l-host -Q in "udp port 9005"
vm_says 4 count=5 rate=100 csum=14,12 len=55
vm_says 4 count=5 rate=100 csum=14,16 len=55
vm_says 4 count=1 len=77
wait_for 5 has_line "$TMP/cap.wire" 'length 77'
OUT=$(captured wire)
all "no sum is put over an address on the way out" "$(grep -c . <<<"$OUT")" \
	"$HOST4\.5000 > $WWW4\.9005:"

finish
