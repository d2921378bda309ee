#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A narrower path: at the host's uplink, one hop further, and on the VM's side.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

probe() { on vm1 "$PROGS/udp" probe "$@"; }

# The MTU that the VM's kernel has learned for the server
learned() { [[ $(ipn vm1 route get $WWW4) =~ mtu\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"; }
forget() { ipn vm1 route flush cache; ip route flush cache; }

upload() { [[ $(send vm1 "$TMP/www/big" "$WWW4") = *$SUM* ]]; }
download() { [[ $(fetch vm1 "http://$WWW4/big" | sha256sum) = $SUM* ]]; }

topology
inet_http
inet_udp 7777
spawn "$TMP/df.log" inet "$PROGS/udp" echo -d -l 1400 $WWW4 7778
wait_for 10 listens inet $WWW4:7778 || bail "the second UDP server does not start"
head -c 300000 /dev/urandom >"$TMP/www/big"
SUM=$(sha256sum <"$TMP/www/big" | cut -c1-64)
net_add net1 dhcp off
vm_add vm1 net1
gw=$(net_gw net1)
vm_static vm1 "${gw%.*}.9/24" "$gw"

is "1500 bytes pass where they fit" "$(probe -d -s 1472 $WWW4 7777)" \
	"reply $WWW4 1472"

# At the host's uplink
must ipn router link set l-host mtu 1400
must ip link set uplink0 mtu 1400
is "the host says what fits through its uplink" \
	"$(probe -d -s 1472 $WWW4 7777)" "icmp 3 4 from $gw info 1400"
is "the VM's kernel has learned it" "$(learned)" 1400
is "a packet that fits passes" "$(probe -d -s 1372 $WWW4 7777)" "reply $WWW4 1372"
forget
is "packets that may be fragmented are fragmented" "$(probe -s 1472 $WWW4 7777)" "reply $WWW4 1472"
forget
ok "an upload gets through" upload
is "after which the VM knows the path's MTU" "$(learned)" 1400
ok "a download passes" download
must ipn router link set l-host mtu 1500
must ip link set uplink0 mtu 1500
forget

# One hop further
# (a route's MTU: with the device's, the other end of the wire would drop the frames)
must ipn router route add $WWW4/32 dev wan0 mtu lock 1300
is "a router's word is handed on" \
	"$(probe -d -s 1472 $WWW4 7777)" "icmp 3 4 from $ROUTER4 info 1300"
is "the VM's kernel has learned it" "$(learned)" 1300
is "a packet that fits passes" "$(probe -d -s 1272 $WWW4 7777)" "reply $WWW4 1272"
forget
ok "an upload gets through" upload
is "after which the VM knows the path's MTU" "$(learned)" 1300
must ipn router route del $WWW4/32 dev wan0
forget

# A route of the host's with an MTU of its own
must ip route add $WWW4 via $ROUTER4 mtu lock 1350
is "the MTU of the host's route holds" \
	"$(probe -d -s 1472 $WWW4 7777)" "icmp 3 4 from $gw info 1350"
must ip route del $WWW4
forget

# On the VM's side: the far side is told, of the host's address only
must "$VNETSHARE" network set net1 mtu 1280
is "the port follows the network's MTU" "$(cat /sys/class/net/p-vm1/mtu)" 1280
must ipn vm1 link set eth0 mtu 1280
capture far inet eth0 icmp
probe -w 500 $WWW4 7778 >/dev/null
ok "the far side learns what fits the network" \
	wait_for 5 has_line "$TMP/df.log" "^icmp 3 4 from $HOST4 info 1280"
ok "on the wire" seen far "$HOST4 udp port [0-9]+ unreachable|need to frag \(mtu 1280\)"
unlike "without a trace of the VM's address" "$(captured far)" "${gw%.*}\."
ok "a download gets through" download
ok "an upload gets through" upload
is "datagrams are cut to the network's MTU" "$(probe -s 4000 $WWW4 7777)" \
	"reply $WWW4 4000"

finish
