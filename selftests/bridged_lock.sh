#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# A locked port of a bridged network. It learns its IPv4 address from the LAN's
# DHCP server (or the host's on the uplink) as it answers the VM, and from no
# other answer. It loses an IPv6 address that a LAN machine has. No tag, SNAP
# header or checksum lets the VM send from other addresses. A DHCP relay belongs
# on a port without a lock.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

port() { "$VNETSHARE" -j port show p-vm1 | jq -r ".[0] | $1"; }
knows() { [[ " $(port '.learned | join(" ")') " == *" $1 "* ]]; }
knows_not() { ! knows "$1"; }
# vm KEY=VALUE..., lan KEY=VALUE...: frames of vm1's, of the LAN machine's
vm() { must on vm1 "$PROGS/frame" eth0 src="$vm" "$@"; }
lan() { must on lan1 "$PROGS/frame" eth0 src="$lan" "$@"; }

hex4() {
	local part

	IFS=. read -ra part <<<"$1"
	printf '%02x' "${part[@]}"
}
# request NUMBER MAC [RELAY]: a DHCPDISCOVER, in hexadecimal
request() {
	printf '01010600%08x%024d%08d%s%s%0*d' "$1" 0 0 "$(hex4 "${3:-0.0.0.0}")" \
		"${2//:}" 404 0
	printf '63825363350101ff'
}
# ack NUMBER ADDRESS MAC: a DHCPACK of the router's
ack() {
	printf '02010600%08x%016d%s%s00000000%s%0*d' "$1" 0 "$(hex4 "$2")" \
		"$(hex4 $ROUTER4)" "${3//:}" 404 0
	printf '63825363350105ff'
}
# asks NUMBER: vm1 sends a request
asks() { vm sip=0.0.0.0 dip=255.255.255.255 sport=68 dport=67 body="$(request "$1" "$vm")"; }
# answers_it NUMBER ADDRESS [KEY=VALUE...]: the LAN answers, and vm1 hears it
answers_it() {
	lan dst="$vm" sip=$ROUTER4 dip="$2" sport=67 dport=68 \
		body="$(ack "$1" "$2" "$vm")" "${@:3}"
	seen vm1 "${ROUTER4//./\\.}\.67 > ${2//./\\.}\.68" || fail "the answer comes to the VM"
}

topology
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode bridged uplink uplink0
for name in vm1 vm2; do
	vm_add $name net1
	# all of their packets are made by hand
	sysctl_set $name net/ipv6/conf/eth0/disable_ipv6 1
done
vm=${VM_MAC[vm1]} vm2=${VM_MAC[vm2]} lan=$(mac_of lan1 eth0)
router=$(mac_of router lan0)
must "$VNETSHARE" port set p-vm1 mac "$vm" lock on
capture vm1 vm1 eth0 -Q "in"
capture wire router l-host -Q "in"

# DHCP servers that are believed, and others
answers_it 1 192.0.2.51
refuse "an answer to what nobody asked gives no address" knows 192.0.2.51
asks 2
answers_it 3 192.0.2.52
refuse "an answer to another request gives none" knows 192.0.2.52
must on vm2 "$PROGS/frame" eth0 src="$vm2" dst="$vm" sip=$ROUTER4 dip=192.0.2.53 \
	sport=67 dport=68 body="$(ack 2 192.0.2.53 "$vm")"
ok "(another VM answers)" seen vm1 '\.67 > 192\.0\.2\.53\.68'
refuse "a VM in the server's place gives none" knows 192.0.2.53
answers_it 2 192.0.2.54
ok "the LAN's server gives the address" wait_for 5 knows 192.0.2.54
answers_it 2 192.0.2.55
refuse "a second one does not" knows 192.0.2.55
ok "a second answer takes no address away" knows 192.0.2.54
lan dst="$vm" sip=$ROUTER4 dip=192.0.2.56 sport=67 dport=68 \
	body="$(ack 2 192.0.2.54 "$lan")"
ok "(a LAN machine is given the same)" seen vm1 '\.67 > 192\.0\.2\.56\.68'
ok "an answer for a LAN machine takes no address away" knows 192.0.2.54

# Frames that it sends, from standard input: they are dropped, and counted as such
drops() {
	local before

	before=$(net_counter net1 drop_locked)
	on vm1 "$PROGS/frame" eth0 src="$vm" dst="$lan" dip=192.0.2.77 - || fail "vm1 sends"
	ok "$1" wait_for 5 counter_is net1 drop_locked $((before + $2)) ||
		note "$(($(net_counter net1 drop_locked) - before)) were"
}
vlan=8100000508
drops "in a VLAN, too, a locked port sends from its own addresses only" 6 <<-END
	sip=192.0.2.99 sport=7001 encap=${vlan}00
	sip=192.0.2.77 sport=7001 encap=${vlan}00
	sip=192.0.2.99 sport=7001 encap=81000000${vlan}00
	arp=2,$vm,192.0.2.99,$lan,192.0.2.77 encap=${vlan}06
	arp=1,$vm,192.0.2.99,00:00:00:00:00:00,192.0.2.77 encap=${vlan}06
	sip=2001:db8:1::99 dip=2001:db8:1::77 sport=7001 encap=8100000586dd
END
snap=type=38\ body=aaaa030000000800$(printf '%060d' 0)
drops "a SNAP header, with or without tags, hides no source address" 3 <<-END
	$snap
	$snap tags=1
	$snap tags=2
END
drops "a checksum to be written over the address hides no source address" 1 \
	<<<"sip=192.0.2.54 dip=192.0.2.77 sport=7001 csum=26,0"
vm dst="$lan" sip=192.0.2.54 dip=192.0.2.77 sport=7002 encap=${vlan}00
ok "from its own it sends in a VLAN" seen wire '192\.0\.2\.54\.7002 >'
must on vm2 "$PROGS/frame" eth0 src="$vm2" dst="$lan" sip=192.0.2.99 dip=192.0.2.77 \
	sport=7003 encap=${vlan}00
ok "a port without a lock sends what it likes there" seen wire '192\.0\.2\.99\.7003 >'
# shellcheck disable=SC2086 # words
must on vm2 "$PROGS/frame" eth0 src="$vm2" $snap
ok "an unlocked port sends SNAP frames" seen wire "$vm2 > .*SNAP"
unlike "nothing else came to the wire" "$(<"$TMP/cap.wire")" "\.7001 >|$vm > .*SNAP"

# Relays
client=02:00:00:00:77:01
must on vm2 "$PROGS/frame" eth0 src="$vm2" dst="$router" sip=192.0.2.22 dip=$ROUTER4 \
	sport=67 dport=67 body="$(request 7 $client 192.0.2.22)"
ok "a port without a lock may have a DHCP relay behind it" \
	seen wire "Client-Ethernet-Address $client"
drops "a locked one asks for itself only" 2 <<-END
	sip=192.0.2.54 dip=$ROUTER4 sport=67 dport=67 body=$(request 8 02:00:00:00:77:02 192.0.2.54)
	sip=0.0.0.0 dip=255.255.255.255 sport=68 dport=67 body=$(request 9 02:00:00:00:77:02)
END
refuse "the relay's request reaches no one" has_line "$TMP/cap.wire" "02:00:00:00:77:02"

# The host is the LAN's DHCP server
spawn "$TMP/dhcp.log" host dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 \
	--user=root --pid-file= --log-facility=- --log-dhcp --interface=uplink0 \
	--dhcp-leasefile="$TMP/leases" --dhcp-authoritative --no-ping \
	--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2h
wait_for 10 has_line "$TMP/dhcp.log" 'IP range' || bail "no DHCP server: $(<"$TMP/dhcp.log")"
ok "the host's own DHCP server, on the uplink, gives a lease" vm_dhcp vm1
like "the lease is of the LAN" "$(vm_ip vm1)" '^192\.0\.2\.1[0-5][0-9]$'
ok "the address is the port's" wait_for 5 knows "$(vm_ip vm1)"
refuse "instead of the one before" knows 192.0.2.54
ok "the VM reaches the LAN" wait_for 5 pings vm1 192.0.2.77
ok "the VM reaches the host" wait_for 5 pings vm1 $HOST4

# An IPv6 address
own=2001:db8:1::66
vm dst=33:33:ff:00:00:66 sip=:: dip=ff02::1:ff00:66 nd=135,$own
ok "an IPv6 address that nobody has is the port's that asks for it" wait_for 5 knows $own
vm dst="$lan" sip=$own dip=2001:db8:1::77 sport=7004
ok "the VM may send from the address" seen wire "$own\.7004 >"
lan dst=33:33:00:00:00:01 sip=$own dip=ff02::1 nd=136,$own,20
ok "until somebody on the LAN says to have it" wait_for 5 knows_not $own
drops "then it sends from it no more" 1 <<<"sip=$own dip=2001:db8:1::77 sport=7001"

finish
