#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# Mode, sharing and isolation of a network change while VMs are plugged in and
# talk. Ports, leases and the MAC table stay; sessions that the new mode forbids
# end at once, and the others go on. An invalid setting is refused and changes
# nothing.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

set_net() { must "$VNETSHARE" network set net1 "$@"; }
ports() { "$VNETSHARE" -j port show | jq -c '[.[] | {name, id, mac, lock}]'; }
leases() { "$VNETSHARE" -j lease show net1 | jq -c '[.[] | {address, mac, name}] | sort'; }
fdb() { "$VNETSHARE" -j fdb show net1 | jq -r '.[] | "\(.mac) \(.port)"' | sort; }
no_entry() { untracked "$1" -s "$2" -d "$WWW4" -p "$3"; }

# stays WHEN: state that no change takes away
stays() {
	is "$1: the ports stay" "$(ports)" "$PORTS"
	is "$1: the leases stay" "$(leases)" "$LEASES"
	is "$1: the MAC table stays" "$(grep -c . <<<"$(comm -12 \
		<(echo "$FDB") <(fdb))")" "$(wc -l <<<"$FDB")"
}

# begin WHEN: sessions to the far side, to the host and between VMs
SESSION=0
begin() {
	SESSION=$((SESSION + 1))
	wait_for 15 has_route6 vm1 || fail "the VM has an IPv6 router"
	hold "$SESSION.far" vm1 tcp,$WWW4,9000
	hold "$SESSION.ufar" vm1 udp,$WWW4,9000
	hold "$SESSION.far6" vm1 tcp,$WWW6,9000
	host_and_sibling
}

host_and_sibling() {
	hold "$SESSION.host" vm1 tcp,"$gw4",9000
	hold "$SESSION.uhost6" vm1 udp,"$gw6",9000
	hold "$SESSION.sibling" vm1 tcp,"$ip2",9000
}

# ended WHEN SESSION..., goes_on WHEN SESSION...
ended() {
	local when=$1 s; shift

	for s; do
		ok "$when: the session $s ends" wait_for 5 hold_is "$SESSION.$s" 'stalled|closed'
	done
}
goes_on() {
	local when=$1 s; shift

	for s; do
		ok "$when: the session $s goes on" hold_is "$SESSION.$s" 'open|flows'
	done
}
forgotten() {
	ok "$1: TCP to the far side is tracked no more" wait_for 5 no_entry ipv4 "$ip1" tcp
	ok "$1: no UDP entry is left" wait_for 5 no_entry ipv4 "$ip1" udp
	ok "$1: no IPv6 entry is left" wait_for 5 untracked ipv6 -d $WWW6
}

topology
topology6
inet_dns
net_add net1
vm_up vm1 net1
vm_up vm2 net1
vm_ra vm1 || bail "vm1 gets no IPv6 address"
ip1=$(vm_ip vm1)
ip2=$(vm_ip vm2)
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
serve inet FAR tcp,$WWW4,9000 udp,$WWW4,9000 tcp,$WWW6,9000
serve host HOST tcp,"$gw4",9000 udp,"$gw6",9000 tcp,$HOST4,9000
serve vm2 VM2 tcp,"$ip2",9000
must "$VNETSHARE" port set p-vm2 mac "${VM_MAC[vm2]}"
PORTS=$(ports)
LEASES=$(leases)
FDB=$(fdb)
like "the table of before has the VMs" "$FDB" "^${VM_MAC[vm1]} p-vm1"
like "the leases are still there" "$LEASES" "\"$ip1\""

# nat to hostonly
begin
set_net mode hostonly
ended "hostonly" far ufar far6
forgotten "hostonly"
goes_on "hostonly" host uhost6 sibling
# the sessions go on sending, which uses up the host's limit of ICMP errors
reaches_not "hostonly: the far side is out of reach" \
	vm1 tcp=tcp,$WWW4,9000 udp=udp,$WWW4,9000 tcp6=tcp,$WWW6,9000
is "hostonly: is shown" "$(net_json net1 .mode)" hostonly
stays "hostonly"

# shared, unshared
must "$VNETSHARE" network share net1 on
reaches "shared: the far side answers" vm1 tcp=tcp,$WWW4,9000 udp=udp,$WWW4,9000
wait_for 15 has_route6 vm1 || fail "the VM learns of the IPv6 router"
reaches "shared: over IPv6" vm1 tcp6=tcp,$WWW6,9000
is "shared: is shown" "$(net_json net1 '"\(.mode) \(.shared)"')" "hostonly true"
goes_on "shared" host uhost6 sibling
begin
must "$VNETSHARE" network share net1 off
ended "unshared" far ufar far6
forgotten "unshared"
goes_on "unshared" host uhost6 sibling
reaches_not "unshared: the far side does not answer" vm1 tcp=tcp,$WWW4,9000
is "unshared: is shown" "$(net_json net1 '"\(.mode) \(.shared)"')" "hostonly false"
stays "unshared"

# isolated
must "$VNETSHARE" network share net1 on
begin
set_net mode isolated
ended "isolated" far ufar far6 host uhost6
goes_on "isolated" sibling
reaches_not "isolated: the host does not answer" vm1 tcp=tcp,"$gw4",9000 icmp=icmp,"$gw4" \
	lan=tcp,$HOST4,9000
is "isolated: is shown, not shared" "$(net_json net1 '"\(.mode) \(.shared)"')" "isolated false"
is "isolated: the ports stay" "$(ports)" "$PORTS"

# and back
set_net mode nat
gw4=$(net_gw net1)
ok "nat again: DHCP and DNS run" wait_for 10 test -n "$(net_json net1 .dhcp_pid)"
reaches "nat again: the far side answers" vm1 tcp=tcp,$WWW4,9000 udp=udp,$WWW4,9000
stays "nat again"
ok "a VM gets its lease again" vm_dhcp vm1
is "the VM keeps its address" "$(vm_ip vm1)" "$ip1"

# bridged, where VMs keep their addresses for a while, to no avail
begin
set_net mode bridged uplink uplink0
ended "bridged" far ufar far6 host uhost6
goes_on "bridged" sibling
forgotten "bridged"
is "bridged: is shown" "$(net_json net1 '"\(.mode) \(.uplink) \(.subnet)"')" "bridged uplink0 null"
is "bridged: the ports stay" "$(ports)" "$PORTS"
must ipn vm1 addr add 192.0.2.21/24 dev eth0
reaches "bridged: a VM with an address of the LAN's reaches it" vm1 lan=icmp,$ROUTER4 \
	host=tcp,$HOST4,9000
hold bridged vm1 tcp,$HOST4,9000
set_net mode nat uplink auto
ok "nat after that: the session on the LAN ends" wait_for 5 hold_is bridged 'stalled|closed'
must ipn vm1 addr del 192.0.2.21/24 dev eth0
is "nat after that: the subnets are the same" "$(net_gw net1) $(net_gw6 net1)" "$gw4 $gw6"
reaches "nat after that: the far side answers" vm1 tcp=tcp,$WWW4,9000 udp=udp,$WWW4,9000
stays "nat after that"
ok "a VM gets its lease again" vm_dhcp vm1
is "the VM keeps its address" "$(vm_ip vm1)" "$ip1"

# isolate
begin
set_net isolate on
ended "isolate on" sibling
goes_on "isolate on" far ufar far6 host uhost6
reaches_not "isolate on: no new session" vm1 tcp=tcp,"$ip2",9000 icmp=icmp,"$ip2"
is "isolate on: is shown" "$(net_json net1 .isolate)" true
set_net isolate off
reaches "isolate off: they talk" vm1 tcp=tcp,"$ip2",9000 icmp=icmp,"$ip2"
stays "isolate off"

# Share through one uplink
set_net mode hostonly
must "$VNETSHARE" network share net1 on uplink uplink0
is "share on uplink DEV: is shown" "$(net_json net1 '"\(.shared) \(.uplink)"')" "true uplink0"
reaches "the far side answers" vm1 tcp=tcp,$WWW4,9000
must "$VNETSHARE" network share net1 on uplink auto
is "share on uplink auto: is shown" "$(net_json net1 '"\(.shared) \(.uplink)"')" "true auto"
must "$VNETSHARE" network share net1 off
set_net mode nat

# Invalid settings
state() { net_json net1 '{mode, shared, isolate, firewall, uplink, subnet, addresses, mtu, dhcp}'; ports; }
state >"$TMP/before"
begin
refused() {
	local want=$1 message=$2 out rc; shift 2

	out=$("$VNETSHARE" "$@" 2>&1 </dev/null)
	rc=$?
	is "$*: exit $want" $rc "$want"
	like "it says why" "$out" "$message"
}
refused 2 "warp" network set net1 mode warp
refused 2 "isolate|maybe" network set net1 isolate maybe
refused 2 "firewall|moat" network set net1 firewall moat
refused 2 "." network share net1 perhaps
refused 2 "." network share net1
refused 1 "hostonly|nodev0" network share net1 on uplink nodev0
refused 1 "hostonly" network share net1 on
refused 1 "isolate" network set net1 mode isolated isolate on
refused 1 "uplink" network set net1 mode hostonly uplink nodev0
refused 1 "uplink|nodev0" network set net1 mode bridged uplink nodev0
refused 1 "loopback" network set net1 mode bridged uplink lo
refused 2 "." network set net1 macnat perhaps
refused 2 "." network set net1 group_forward 7
refused 1 "mtu|MTU" network set net1 mode hostonly mtu 10
refused 1 "nonet" network share nonet on
state >"$TMP/after"
is "none of that changed anything" "$(diff "$TMP/before" "$TMP/after")" ""
goes_on "after all that" far ufar far6 host uhost6 sibling

finish
