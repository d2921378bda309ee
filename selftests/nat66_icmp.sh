#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# ICMPv6 errors across the translation, both ways: time exceeded, unreachable,
# packet too big; and the path MTU, at the host's uplink, one hop further, and on
# the VM's side. A socket gets an error only when the packet quoted in it carries
# the socket's own addresses and ports.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

probe() { on vm1 "$PROGS/udp" probe "$@"; }
learned() { [[ $(ipn vm1 -6 route get $WWW6) =~ mtu\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"; }
forget() {
	local ns

	for ns in vm1 host inet; do
		ipn $ns -6 route flush cache
	done
}
# 300 kB, over TCP
upload() { on vm1 "$PROGS/peer" stream "tcp,$WWW6,80" 300000; }

topology
topology6
for ns in host router inet; do
	sysctl_set $ns net/ipv6/icmp/ratemask 255
done
ipb router <<-END
	route add unreachable 2001:db8:3::66
	route add prohibit 2001:db8:3::67
END
spawn "$TMP/udp.log" inet "$PROGS/udp" echo $WWW6 7777
spawn "$TMP/df.log" inet "$PROGS/udp" echo -d -l 1390 $WWW6 7778
serve inet FAR tcp,$WWW6,80
net_add net1 dhcp off
vm_set vm1 net1 9
gw6=$(net_gw6 net1)
ip6=${VM6[vm1]}
wait_for 10 listens inet "[$WWW6]:7778" || bail "the UDP server does not start"

# The errors as a socket gets them
is "hop 1 is the gateway" "$(probe -t 1 $WWW6 7777)" "icmp 3 0 from $gw6 info 0"
is "hop 2 is the router" "$(probe -t 2 $WWW6 7777)" "icmp 3 0 from $ROUTER6 info 0"
is "hop 3 answers" "$(probe -t 3 $WWW6 7777)" "reply $WWW6 32"
is "a closed port says so" "$(probe $WWW6 7)" "icmp 1 4 from $WWW6 info 0"
like "an unreachable host is reported" "$(probe 2001:db8:3::66 7777)" \
	"icmp 1 [03] from $ROUTER6"
is "a prohibited destination is reported" "$(probe 2001:db8:3::67 7777)" \
	"icmp 1 1 from $ROUTER6 info 0"
must ip route add unreachable 2001:db8:3::68
defer ip route del unreachable 2001:db8:3::68
like "no route on the host itself is reported by the gateway" \
	"$(probe 2001:db8:3::68 7777)" "icmp 1 [03] from $gw6"

# and on the wire, to the byte
capture vm vm1 eth0 icmp6
probe -t 2 -p 5001 $WWW6 7777 >/dev/null
probe -p 5002 $WWW6 7 >/dev/null
seen vm "unreachable port" || fail "the error is captured"
frames=$(captured vm)
like "time exceeded is the router's" "$frames" "$ROUTER6 > $ip6: .*time exceeded"
like "port unreachable is the far side's" "$frames" \
	"$WWW6 > $ip6: .*unreachable port, $WWW6 udp port 7"
unlike "all sums are right" "$frames" "bad cksum|icmp6 sum (bad|incorrect)|wrong icmp"

# The other way: the VM's errors
capture far inet eth0 icmp6
must on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst="$(mac_of host net1)" \
	sip="$ip6" dip=$WWW6 sport=5003 dport=7777
ok "a VM's port unreachable reaches the far side" seen far "unreachable port"
frames=$(captured far)
like "from the host's address, quoting the far side's packet" "$frames" \
	"$HOST6 > $WWW6: .*unreachable port, $HOST6 udp port"
unlike "without a trace of the VM's address" "$frames" "$ip6"
unlike "all sums are right" "$frames" "bad cksum|sum (bad|incorrect)"

# Errors that belong to no session
capture vm vm1 eth0 icmp6
must on inet "$PROGS/frame" eth0 dst="$(mac_of router wan0)" sip=$WWW6 dip=$HOST6 \
	icmp=2.0 proto=icmp6 body="00000500$(printf '6%039d' 0)"
reaches "after an error that belongs to nothing, an echo passes" vm1 a=icmp,$WWW6
unlike "the VM saw only the echo" "$(captured vm)" "$WWW6 > $ip6: .*(too big|unreachable)"

# At the host's uplink
is "1500 bytes pass where they fit" "$(probe -d -s 1452 $WWW6 7777)" "reply $WWW6 1452"
must ipn router link set l-host mtu 1400
must ip link set uplink0 mtu 1400
is "the host says what fits through its uplink" \
	"$(probe -d -s 1452 $WWW6 7777)" "icmp 2 0 from $gw6 info 1400"
is "the VM's kernel has learned it" "$(learned)" 1400
is "a packet that fits passes" "$(probe -d -s 1352 $WWW6 7777)" "reply $WWW6 1352"
# (the far side has yet to learn it)
probe -w 500 -s 4000 $WWW6 7777 >/dev/null
is "the VM cuts what is longer, as the far side does" "$(probe -s 4000 $WWW6 7777)" "reply $WWW6 4000"
forget
is "an upload gets through" "$(upload)" "whole 300000"
is "after which the VM knows the path's MTU" "$(learned)" 1400
must ipn router link set l-host mtu 1500
must ip link set uplink0 mtu 1500
forget

# One hop further. The far side knows the MTU of that wire, too, and announces in its
# TCP all the same that it could receive more.
must ipn inet -6 route replace default via 2001:db8:2::1 mtu 1300 advmss 1440
must ipn router link set wan0 mtu 1300
is "a router's word is handed on" \
	"$(probe -d -s 1452 $WWW6 7777)" "icmp 2 0 from $ROUTER6 info 1300"
is "the VM's kernel has learned it" "$(learned)" 1300
is "a packet that fits passes" "$(probe -d -s 1252 $WWW6 7777)" "reply $WWW6 1252"
forget
is "an upload gets through" "$(upload)" "whole 300000"
is "after which the VM knows the path's MTU" "$(learned)" 1300
must ipn router link set wan0 mtu 1500
must ipn inet -6 route replace default via 2001:db8:2::1
forget

# Fragments
is "a datagram of 8000 bytes comes back whole" "$(probe -s 8000 $WWW6 7777)" \
	"reply $WWW6 8000"
is "a datagram of 65000 bytes passes" "$(probe -s 65000 $WWW6 7777)" "reply $WWW6 65000"

# On the VM's side: the far side is told, of the host's address only
must "$VNETSHARE" network set net1 mtu 1280
must ipn vm1 link set eth0 mtu 1280
capture far inet eth0 icmp6
probe -w 500 $WWW6 7778 >/dev/null
ok "the far side learns what fits the network" \
	wait_for 5 has_line "$TMP/df.log" "^icmp 2 0 from $HOST6 info 1280"
ok "on the wire" seen far "too big"
unlike "without a trace of the VM's address" "$(captured far)" "$ip6"
is "an upload gets through" "$(upload)" "whole 300000"

finish
