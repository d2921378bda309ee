#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VM reaches the Internet behind the host's address, even when that address
# changes, and the host is not made a router.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The server's own log has the clients' addresses
asked_by() { wait_for 5 grep -q "$1:[0-9]*: url" "$TMP/http.log"; }

sessions() { conntrack -L -p udp --orig-dst "$WWW4" 2>/dev/null | grep -c "dport=$1"; }
no_sessions() { [ "$(sessions "$1")" -eq 0 ]; }

topology
inet_dns
inet_http
inet_udp 7777
net_add net1
vm_up vm1 net1
vm_up vm2 net1
ip1=$(vm_ip vm1)

ok "the gateway answers" pings vm1 "$(net_gw net1)"
ok "an echo request is answered from far away" pings vm1 "$WWW4"
capture up host uplink0 "udp and port 7777"
like "a datagram is answered" \
	"$(on vm1 "$PROGS/udp" probe -p 5000 $WWW4 7777)" "reply $WWW4 32"
like "a web page by its name" "$(fetch vm1 http://www.example.test/)" "far side"
ok "the server's log shows the host's address" asked_by "$HOST4"
unlike "the server's log shows no address of a VM" "$(cat "$TMP/http.log")" "$ip1"

# Two VMs, one source port, one destination
like "another VM uses the same port" \
	"$(on vm2 "$PROGS/udp" probe -p 5000 $WWW4 7777)" "reply $WWW4 32"
is "both sessions came from the host, from two ports" \
	"$(awk '{ print $1, $2 }' "$TMP/udp.log" | sort -u | grep -c "^$HOST4 ")" 2
frames=$(captured up)
like "the frames on the uplink" "$frames" "$HOST4\.[0-9]+ > $WWW4\.7777"
unlike "none carries a VM's address" "$frames" "${ip1%.*}\."
ok "the session is an ordinary conntrack entry" has_line \
	<(conntrack -L -s "$ip1" 2>/dev/null) "dst=$WWW4.* dport=80 .*dst=$HOST4 "
is "the host is no router" "$(cat /proc/sys/net/ipv4/ip_forward)" 0

# The host's FORWARD hooks see the traffic
host_nft <<-END
	table ip vnstest {
		chain forward {
			type filter hook forward priority 0
			ip daddr $WWW4 udp dport 7777 counter drop
		}
	}
END
like "a FORWARD rule of the host drops it" \
	"$(on vm1 "$PROGS/udp" probe -w 500 $WWW4 7777)" timeout
like "the rule counted the packet" "$(nft list table ip vnstest)" "packets [1-9]"
must nft flush table ip vnstest
must nft add rule ip vnstest forward iifname net1 oifname uplink0 counter
must nft add rule ip vnstest forward iifname uplink0 oifname net1 counter
like "without the rule it passes" \
	"$(on vm1 "$PROGS/udp" probe $WWW4 7777)" "reply"
is "FORWARD sees both ways, with the devices' names" \
	"$(nft list table ip vnstest | grep -c 'packets [1-9]')" 2
must nft flush ruleset

like "a flushed ruleset changes nothing" \
	"$(on vm1 "$PROGS/udp" probe $WWW4 7777)" "reply"

# The host's address changes
[ "$(sessions 7777)" -gt 0 ] || fail "sessions before the change of address"
ipb host <<-END
	addr add 192.0.2.9/24 dev uplink0
	addr del $HOST4/24 dev uplink0
	addr add 192.0.2.9/24 dev uplink0
	route replace default via $ROUTER4
END
ok "sessions of the address that is gone are purged" \
	wait_for 5 no_sessions 7777
like "the VM goes on with the new address" \
	"$(on vm1 "$PROGS/udp" probe -p 5000 $WWW4 7777)" "reply"
ok "the server sees the new address" wait_for 2 has_line "$TMP/udp.log" "^192.0.2.9 "

# Another way out
must ip link add uplink9 type veth peer name lan9 netns "${NS[router]}"
defer ip link del uplink9
ipb router <<-END
	addr add 198.51.100.129/25 dev lan9
	link set lan9 up
END
ipb host <<-END
	addr add 198.51.100.130/25 dev uplink9
	link set uplink9 up
	route add $WWW4 via 198.51.100.129 dev uplink9
END
like "a new route is followed" \
	"$(on vm1 "$PROGS/udp" probe -p 6000 $WWW4 7777)" "reply"
ok "with the address of the other uplink" \
	wait_for 2 has_line "$TMP/udp.log" "^198.51.100.130 6000 "

finish
