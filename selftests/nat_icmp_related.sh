#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ICMP errors about a VM's packets reach the VM and quote the packet as the VM
# sent it. Errors that a VM sends leave the host and quote the packet as the far
# side sent it. The kernel of the namespace hands an error to a socket only when
# the quoted addresses and ports are the socket's.

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
ipb router <<-END
	route add unreachable 203.0.113.66
	route add prohibit 203.0.113.67
END
sysctl_set router net/ipv4/icmp_ratemask 0
sysctl_set inet net/ipv4/icmp_ratemask 0
sysctl_set host net/ipv4/icmp_ratemask 0

# The errors as a socket gets them
is "hop 1 is the gateway" "$(probe -t 1 $WWW4 7777)" "icmp 11 0 from $gw info 0"
is "hop 2 is the router" "$(probe -t 2 $WWW4 7777)" \
	"icmp 11 0 from $ROUTER4 info 0"
is "hop 3 answers" "$(probe -t 3 $WWW4 7777)" "reply $WWW4 32"
is "a closed port says so" "$(probe $WWW4 7)" "icmp 3 3 from $WWW4 info 0"
is "an unreachable host is reported" "$(probe 203.0.113.66 7777)" \
	"icmp 3 1 from $ROUTER4 info 0"
is "a prohibited destination is reported" "$(probe 203.0.113.67 7777)" \
	"icmp 3 13 from $ROUTER4 info 0"
must ip route add unreachable 203.0.113.68
defer ip route del unreachable 203.0.113.68
like "no route on the host itself is reported by the gateway" \
	"$(probe 203.0.113.68 7777)" "icmp 3 [01] from $gw info 0"
like "ping sees the router's error" "$(on vm1 ping -n -c 1 -W 5 -t 2 $WWW4)" \
	"From $ROUTER4 .*Time to live exceeded"
like "traceroute lists every hop" \
	"$(on vm1 busybox traceroute -n -q 1 -w 2 -m 5 $WWW4 2>&1 |
		awk '/^ *[0-9]/ { printf "%s ", $2 }')" "^$gw $ROUTER4 $WWW4 "

# and on the wire, to the byte
capture vm vm1 eth0 icmp
probe -t 2 -p 5001 $WWW4 7777 >/dev/null
probe -p 5002 $WWW4 7 >/dev/null
seen vm "port 7 unreachable" || fail "the error is captured"
frames=$(captured vm)
like "time exceeded quotes the VM's own packet" "$frames" \
	"$ROUTER4 > $ip1: ICMP time exceeded .* $ip1\.5001 > $WWW4\.7777: "
like "port unreachable quotes the VM's own packet" "$frames" \
	"$WWW4 > $ip1: ICMP .* port 7 unreachable.* $ip1\.5002 > $WWW4\.7: "
unlike "all sums are right, inner ones too" "$frames" "bad cksum|wrong icmp"

# The other way: the VM's errors
capture far inet eth0 icmp
must on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" \
	dst="$(mac_of host net1)" sip="$ip1" dip=$WWW4 \
	sport=5003 dport=7777
ok "a VM's port unreachable reaches the far side" seen far "port [0-9]+ unreachable"
frames=$(captured far)
like "from the host's address, quoting the far side's packet" "$frames" \
	"$HOST4 > $WWW4: ICMP $HOST4 udp port [0-9]+ unreachable.* $WWW4\.7777 > $HOST4\."
unlike "without a trace of the VM's address" "$frames" "${ip1//./\\.}"
unlike "all sums are right" "$frames" "bad cksum|wrong icmp"

# A reply whose hops end at the host
capture far inet eth0 icmp
must on inet nft add table ip t
must on inet nft add chain ip t out "{ type filter hook postrouting priority 0; }"
must on inet nft add rule ip t out udp sport 7777 ip ttl set 2
like "a reply whose time ends at the host is dropped" \
	"$(probe -p 5004 -w 500 $WWW4 7777)" timeout
ok "the host tells the far side" seen far "$HOST4 > $WWW4: ICMP time exceeded"
unlike "without a trace of the VM's address" "$(captured far)" "${ip1//./\\.}"

# Errors that belong to no session
must on inet nft flush ruleset
capture vm vm1 eth0 icmp
forged() {
	on inet "$PROGS/frame" eth0 dst="$(mac_of router wan0)" \
		sip=$WWW4 dip="$HOST4" proto=icmp -
}
forged <<-END || fail "the forged errors are sent"
	icmp=3.3 quote=$HOST4:5999:$WWW4:7777
	icmp=3.4 quote=$HOST4:5002:$WWW4:7778
	icmp=11.0 quote=$ip1:5002:$WWW4:7
END
ok "after errors that belong to nothing, an echo passes" pings vm1 $WWW4
unlike "the VM saw only the echo" "$(captured vm)" "$WWW4 > $ip1: ICMP [^e]"

finish
