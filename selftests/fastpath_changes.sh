#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Changes apply to sessions on the fast path from the next packet on: the host's
# rules, firewall, mode, sharing, lock, routes, addresses, neighbours, a VM that
# moves to another port, a forward that is deleted.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# again DESCRIPTION PORT HOLD COMMAND...: after it, all is as it was
again() {
	local desc=$1 port=$2 hold=$3; shift 3

	must "$@"
	ok "$desc: answered again" wait_for 20 hold_is "$hold" flows
	goes_fast "$desc: by the fast path" net1 "$port"
}

# arrivals NAME HOOK MATCH: count the packets that arrive there
arrivals() {
	on "$1" nft -f - <<-END || bail "nft in $1"
		table inet arrived {
			counter seen { }
			chain main {
				type filter hook $2 priority filter
				$3 counter name seen
			}
		}
	END
}
arrived() {
	on "$1" nft -j list counter inet arrived seen |
		jq '.nftables[] | .counter? // empty | .packets'
}

# one_stops DESCRIPTION PORT WAY HOLD NAME COMMAND...: one of several sessions ends:
# none of its packets arrives from then on; WAY is what remains on the fast path
one_stops() {
	local desc=$1 port=$2 way=$3 hold=$4 name=$5 n; shift 5

	must "$@"
	nap # what is on its way
	n=$(arrived "$name")
	ok "$desc: no answer any more" wait_for 10 hold_is "$hold" 'stalled|closed'
	is "$desc: nothing has arrived since" "$(arrived "$name")" "$n"
	is "$desc: left on the fast path" "$(fast net1 "$port")" "$way"
}

# rules NAME CHAIN-HOOK RULE: a table with one rule
rules() {
	cat >"$TMP/$1.nft" <<-END2
		table inet $1 {
			chain main {
				type filter hook $2 priority filter
				$3
			}
		}
	END2
}

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
serve inet FAR udp,$WWW4,9002 udp,$WWW6,9004
serve vm1 VM1 udp,"${VM4[vm1]}",9080
must "$VNETSHARE" forward add net1 udp 9012 to "${VM4[vm1]}:9080"
slow_rules
hold udp vm1 udp,$WWW4,9002
hold udp6 vm1 udp,$WWW6,9004
goes_fast "a session over IPv4" net1 9002
goes_fast "over IPv6" net1 9004

# The host's rules
arrivals router forward "udp dport 9002"
arrivals vm1 prerouting "udp sport 9004"
rules mine forward "udp dport 9002 drop"
one_stops "a rule that drops" 9002 no udp router nft -f "$TMP/mine.nft"
ok "the other session goes on" hold_is udp6 'open|flows'
again "the rule goes" 9002 udp nft delete table inet mine
rules mine forward "udp sport 9004 drop"
one_stops "a rule that drops the answers" 9004 there udp6 vm1 nft -f "$TMP/mine.nft"
again "the rule goes" 9004 udp6 nft delete table inet mine
rules mine output "udp dport { 9002, 9004 } drop"
must nft -f "$TMP/mine.nft"
goes_fast "a rule in OUTPUT does not concern it" net1 9002
fast_stops "firewall host: now it does" net1 udp \
	"$VNETSHARE" network set net1 firewall host
ok "no answer over IPv6 either" wait_for 5 hold_is udp6 stalled
again "firewall off" 9002 udp "$VNETSHARE" network set net1 firewall off
must nft delete table inet mine
must "$VNETSHARE" network set net1 firewall forward

# The mode
goes_fast "before the mode changes" net1 9002
fast_stops "hostonly" net1 udp "$VNETSHARE" network set net1 mode hostonly
is "session show knows none" "$(fast net1 9002)" none
again "shared" 9002 udp "$VNETSHARE" network share net1 on
fast_stops "not shared" net1 udp "$VNETSHARE" network share net1 off
again "nat" 9002 udp "$VNETSHARE" network set net1 mode nat
release udp6
judged_anew "another ageing" net1 "$VNETSHARE" network set net1 ageing 200

# The lock: the host has not given the VM its address
fast_stops "a lock" net1 udp "$VNETSHARE" port set p-vm1 \
	mac "${VM_MAC[vm1]}" lock on
# (with another MAC, so that its own is not tied to that port)
again "no lock" 9002 udp "$VNETSHARE" port set p-vm1 mac 02:00:00:00:7f:01 lock off

# Neighbours
judged_anew "the next hop is forgotten" net1 ip neigh del $ROUTER4 dev uplink0
judged_anew "the VM is" net1 ip neigh del "${VM4[vm1]}" dev net1
must ipn router link set lan0 address 02:00:00:00:00:fd
must ip neigh replace $ROUTER4 lladdr 02:00:00:00:00:fd dev uplink0 nud reachable
must ip -6 neigh flush dev uplink0
capture hop router l-host -Q in "udp port 9002"
ok "the next hop has another address" wait_for 10 hold_is udp 'open|flows'
goes_fast "the session takes the fast path" net1 9002
out=$(captured hop)
unlike "nothing went to the old one" "$out" "> 02:00:00:00:00:fe"
like "frames go to the new neighbour" "$out" "> 02:00:00:00:00:fd"

# Routes
judged_anew "a route to elsewhere" net1 ip route add 198.18.0.0/15 via $ROUTER4
fast_stops "a route to nowhere" net1 udp ip route add blackhole $WWW4
again "it goes" 9002 udp ip route del blackhole $WWW4
hold udp6 vm1 udp,$WWW6,9004
goes_fast "IPv6 again" net1 9004
release udp
fast_stops "over IPv6" net1 udp6 ip -6 route add blackhole $WWW6
again "it goes" 9004 udp6 ip -6 route del blackhole $WWW6
fast_stops "no route at all" net1 udp6 ip -6 route del default via $ROUTER6 dev uplink0
again "it is back" 9004 udp6 ip -6 route add default via $ROUTER6 dev uplink0

# The address that it has outside
fast_stops "the IPv6 address goes" net1 udp6 ip addr del $HOST6/64 dev uplink0
must ip addr add $HOST6/64 dev uplink0 nodad
has_default6() { [ -n "$(ip -6 route show default)" ]; }
has_default6 || must ip -6 route add default via $ROUTER6 dev uplink0
ok "the address comes back: answered over IPv6" wait_for 20 hold_is udp6 flows
release udp6
must conntrack -F
hold udp vm1 udp,$WWW4,9002
goes_fast "IPv4 again" net1 9002
fast_stops "the IPv4 address goes" net1 udp ip addr del $HOST4/24 dev uplink0
must ip addr add $HOST4/24 dev uplink0
must ip route replace default via $ROUTER4
ok "the address comes back: answered" wait_for 20 hold_is udp flows
release udp

# Forwards, and siblings
hold in lan1 udp,$HOST4,9012
goes_fast "a forward's session" net1 9012
judged_anew "isolate" net1 "$VNETSHARE" network set net1 isolate on
ok "a forward's session goes on" hold_is in 'open|flows'
must "$VNETSHARE" network set net1 isolate off
release in
must conntrack -F
hold turn vm2 udp,$HOST4,9012
goes_fast "a session between VMs" net1 9012
judged_anew "isolate" net1 "$VNETSHARE" network set net1 isolate on
ok "a sibling reaches a forward that all may reach" hold_is turn 'open|flows'
must "$VNETSHARE" network set net1 isolate off

# A VM moves to another port and only listens there. The VM of that port is quiet:
# not even a question for the gateway's address may leave, it would move the VM back.
release turn
must conntrack -F
must on vm1 nft add table netdev quiet
must on vm1 nft add chain netdev quiet output \
	'{ type filter hook egress device eth0 priority 0; policy drop; }'
# (the host does not look for it either)
must ip neigh replace "${VM4[vm1]}" lladdr "${VM_MAC[vm1]}" dev net1 nud permanent
spawn "$TMP/oneway" lan1 "$PROGS/frame" eth0 "src=$(mac_of lan1 eth0)" \
	"dst=$(mac_of host uplink0)" sip=192.0.2.77 dip=$HOST4 sport=5000 dport=9012 \
	count=0 rate=20
oneway=$SPAWNED
ok "a stream without answers takes the fast path" wait_for 20 is_fast net1 9012 there
capture there vm2 eth0 "udp dst port 9080"
must on vm2 "$PROGS/frame" eth0 "src=${VM_MAC[vm1]}" "dst=$(mac_of host net1)" len=50
ok "the VM moves to another port: it is found there" seen there "> ${VM4[vm1]}\.9080"
capture here vm1 eth0 "udp dst port 9080"
ok "by the fast path" wait_for 10 is_fast net1 9012 there
unlike "nothing goes to where it was" "$(captured here)" "> ${VM4[vm1]}\.9080"
captured there >/dev/null
must on vm1 nft delete table netdev quiet
must on vm1 "$PROGS/frame" eth0 "dst=$(mac_of host net1)" "src=${VM_MAC[vm1]}" len=50
stop "$oneway"
must ip neigh del "${VM4[vm1]}" dev net1

# A forward ends
hold in lan1 udp,$HOST4,9012
goes_fast "a forward's session" net1 9012
fast_stops "the forward is deleted" net1 in "$VNETSHARE" forward del net1 udp 9012
is "session show knows none" "$(fast net1 9012)" none

finish
