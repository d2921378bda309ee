#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# A locked port sends from its own addresses only: those from the host's DHCP
# server, those that are configured, and the IPv6 addresses that it was the first
# to claim. It answers ARP and neighbour discovery for no others.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

port() { "$VNETSHARE" -j port show "$1" | jq -r ".[0] | $2"; }
learned() { port "$1" '.learned | sort | join(" ")'; }
knows() { [[ " $(learned "$1") " == *" $2 "* ]]; }
# addresses that are not the port's, and the host's own
dropped() {
	echo $(($(net_counter net1 drop_locked) + $(net_counter net1 drop_bad_source_address)))
}
# says VM: frames by standard input, from its own MAC to the gateway's
says() {
	on "$1" "$PROGS/frame" eth0 src="${VM_MAC[$1]}" dst="$mac" dport=9999 - ||
		fail "$1 sends"
}
# followed by a broadcast of the VM, which all ports receive
FENCE=100
fence() {
	FENCE=$((FENCE + 1))
	on "$1" "$PROGS/frame" eth0 src="${VM_MAC[$1]}" len=$FENCE
	seen "$2" "length $((FENCE + 14)):" || fail "the fence of $1 arrives"
}
# drops DESCRIPTION COUNT: frames from standard input are dropped, and counted so
drops() {
	local before

	before=$(dropped)
	says vm2
	fence vm2 victim
	is "$1" $(($(dropped) - before)) "$2"
}

net_add net1
mac=$(mac_of host net1)
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
vm_add vm1 net1
vm_add vm2 net1
vm_add vm3 net1
for vm in vm1 vm2; do
	ok "$vm: lock on, before it has an address" \
		"$VNETSHARE" port set p-$vm mac "${VM_MAC[$vm]}" lock on
	# so that it claims its link-local address anew
	ipb $vm <<-END
		link set eth0 down
		link set eth0 up
	END
done
for vm in vm1 vm2 vm3; do
	ok "$vm gets a lease" vm_dhcp $vm
	ok "and makes itself an IPv6 address" wait_for 20 ip6_of $vm eth0
	VM4[$vm]=$(vm_ip $vm)
	VM6[$vm]=$(ip6_of $vm eth0)
done
for vm in vm1 vm2; do
	ok "$vm: its lease is learned" wait_for 5 knows p-$vm "${VM4[$vm]}"
	ok "$vm: its IPv6 address is known" wait_for 5 knows p-$vm "${VM6[$vm]}"
	reaches "$vm talks" $vm a=icmp,"$gw4" b=icmp,"$gw6" c=icmp,"${VM4[vm3]}" d=icmp,"${VM6[vm3]}"
done
is "nothing is configured" "$(port p-vm1 '.addresses | length')" 0
is "nothing is learned of a port without a lock" "$(learned p-vm3)" ""
like "port show lists addresses seen" \
	"$("$VNETSHARE" -j port show p-vm3 | jq -c '.[0].seen[].addresses')" "${VM4[vm3]//./\\.}"

serve host HOST udp,"$gw4",9999 udp,"$gw6",9999
capture victim vm3 eth0 -Q in

# Source addresses
free4=${gw4%.*}.77
free6=${gw6%::*}::77
drops "packets from addresses that are not the VM's are dropped" 9 <<-END
	sip=${VM4[vm1]} dip=$gw4
	sip=$free4 dip=$gw4
	sip=$gw4 dip=$gw4
	sip=$WWW4 dip=$gw4
	sip=${VM6[vm1]} dip=$gw6
	sip=$gw6 dip=$gw6
	sip=2001:db8:99::1 dip=$gw6
	sip=${VM6[vm1]} dip=${VM6[vm3]} dst=${VM_MAC[vm3]}
	sip=${VM4[vm1]} dip=${VM4[vm3]} dst=${VM_MAC[vm3]}
END
# The last device puts a checksum where the VM says: here, over the source address
must ethtool -K p-vm3 tx off
drops "a checksum to be written over an address hides nothing" 2 <<-END
	sip=${VM4[vm2]} dip=${VM4[vm3]} dst=${VM_MAC[vm3]} csum=26,0
	sip=${VM6[vm2]} dip=${VM6[vm3]} dst=${VM_MAC[vm3]} csum=22,6
END
drops "behind priority tags, too, which stacks take off" 5 <<-END
	sip=${VM4[vm1]} dip=$gw4 tags=1
	sip=${VM4[vm1]} dip=$gw4 tags=2
	sip=${VM6[vm1]} dip=$gw6 tags=1
	sip=${VM4[vm1]} dip=$gw4 encap=88a800000800
	sip=${VM4[vm1]} dip=${VM4[vm3]} dst=${VM_MAC[vm3]} encap=88a80000810000000800
END
is "the host heard none of it" "$(<"$TMP/heard.HOST")" ready

# ARP and neighbour discovery
drops "ARP in another's name is dropped" 7 <<-END
	arp=2,${VM_MAC[vm2]},$gw4,${VM_MAC[vm3]},${VM4[vm3]} dst=${VM_MAC[vm3]}
	arp=2,${VM_MAC[vm2]},${VM4[vm1]},${VM_MAC[vm3]},${VM4[vm3]} dst=${VM_MAC[vm3]}
	arp=1,${VM_MAC[vm2]},${VM4[vm1]},00:00:00:00:00:00,${VM4[vm3]} dst=ff:ff:ff:ff:ff:ff
	arp=1,${VM_MAC[vm2]},$gw4,00:00:00:00:00:00,$gw4 dst=ff:ff:ff:ff:ff:ff
	arp=2,${VM_MAC[vm1]},${VM4[vm2]},${VM_MAC[vm3]},${VM4[vm3]} dst=${VM_MAC[vm3]}
	arp=2,${VM_MAC[vm2]},$free4,$mac,$gw4
	arp=2,${VM_MAC[vm2]},${VM4[vm1]},${VM_MAC[vm3]},${VM4[vm3]} dst=${VM_MAC[vm3]} tags=1
END
drops "forged neighbour advertisements and solicitations are dropped" 5 <<-END
	dst=33:33:00:00:00:01 sip=$gw6 dip=ff02::1 nd=136,$gw6
	dst=33:33:00:00:00:01 sip=${VM6[vm2]} dip=ff02::1 nd=136,$gw6
	dst=33:33:00:00:00:01 sip=${VM6[vm2]} dip=ff02::1 nd=136,${VM6[vm1]}
	dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=136,${VM6[vm1]}
	dst=33:33:ff:00:00:01 sip=${VM6[vm1]} dip=ff02::1:ff00:1 nd=135,$gw6
END
# 16 bytes, the least that a router says; and the same with an option
drops "so are router advertisements" 2 <<-END
	dst=33:33:00:00:00:01 sip=${VM6[vm2]} dip=ff02::1 proto=icmp6 icmp=134.0 ttl=255 body=400007080000000000000000
	dst=33:33:00:00:00:01 sip=${VM6[vm2]} dip=ff02::1 proto=icmp6 icmp=134.0 ttl=255 body=40000708000000000000000005010000000005dc
END
frames=$(captured victim)
unlike "its neighbour saw no ARP of it" "$frames" \
	"^[^ ]+ ${VM_MAC[vm2]} > .*(Reply|tell) (${gw4//./\\.}|${VM4[vm1]//./\\.}|${free4//./\\.})[ ,]"
unlike "no neighbour advertisement" "$frames" "^[^ ]+ ${VM_MAC[vm2]} > .*advertisement.* tgt is ($gw6|${VM6[vm1]}),"
unlike "no router advertisement" "$frames" "^[^ ]+ ${VM_MAC[vm2]} > .*router advertisement"
unlike "no packet" "$frames" "${VM_MAC[vm2]} > .* (${VM4[vm1]//./\\.}|$free4)\.[0-9]+ >"
reaches "all are still reached where they are" vm3 a=icmp,"$gw4" b=icmp,"$gw6" \
	c=icmp,"${VM4[vm1]}" d=icmp,"${VM6[vm1]}"
capture victim vm3 eth0 -Q in
drops "probes and questions of its own pass" 0 <<-END
	dst=ff:ff:ff:ff:ff:ff arp=1,${VM_MAC[vm2]},0.0.0.0,00:00:00:00:00:00,$free4
	dst=ff:ff:ff:ff:ff:ff arp=1,${VM_MAC[vm2]},${VM4[vm2]},00:00:00:00:00:00,${VM4[vm3]}
	dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=135,$free6
	dst=33:33:00:00:00:01 sip=${VM6[vm2]} dip=ff02::1 nd=136,${VM6[vm2]}
END
like "its neighbour sees them" "$(captured victim)" "who-has ${free4//./\\.} tell 0\.0\.0\.0"

# The first to claim an address has it
must ipn vm2 addr add "$free6/64" dev eth0
ok "an IPv6 address that nobody has is the first one's" wait_for 10 knows p-vm2 "$free6"
says vm1 <<-END
	dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=135,$free6
END
says vm2 <<-END
	dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=135,${VM6[vm1]}
	dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=135,$gw6
END
capture victim vm3 eth0 -Q in
fence vm1 victim
fence vm2 victim
refuse "another's claim comes too late" knows p-vm1 "$free6"
refuse "also the other way" knows p-vm2 "${VM6[vm1]}"
refuse "the gateway's address is nobody's" knows p-vm2 "$gw6"
ok "the holder of an address keeps it" knows p-vm1 "${VM6[vm1]}"
for ((i = 0; i < 40; i++)); do
	printf 'dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=135,%s::1:%x\n' "${gw6%::*}" $i
done | says vm2
fence vm2 victim
count=$(port p-vm2 '.learned | length')
[ "$count" -le 17 ]
result $? "claims are bounded ($count addresses)"
reaches "those of before stay" vm2 a=icmp,"$gw4" b=icmp,"$gw6"

# Only the host's own server gives IPv4 addresses
bootp() {
	# a DHCPACK: $1 the address, $2 the client's MAC, $3 the server
	printf '02010600000000010000000000000000%s%s00000000%s' "$1" "$3" "${2//:}"
	printf '%0*d63825363350105%s%sff' 404 0 3604 "$3"
}
ip_hex() {
	local part

	IFS=. read -ra part <<<"$1"
	printf '%02x' "${part[@]}"
}
capture own vm1 eth0 -Q in
on vm3 "$PROGS/frame" eth0 src="${VM_MAC[vm3]}" dst="${VM_MAC[vm2]}" sip="$gw4" \
	dip="$free4" sport=67 dport=68 \
	body="$(bootp "$(ip_hex "$free4")" "${VM_MAC[vm2]}" "$(ip_hex "$gw4")")"
fence vm3 own
refuse "a VM's DHCPACK gives nobody an address" knows p-vm2 "$free4"

# Configured
must "$VNETSHARE" port set p-vm2 addr "$free4,2001:db8:66::7"
is "configured addresses are shown" "$(port p-vm2 '.addresses | sort | join(" ")')" \
	"$(printf '%s\n' "$free4" 2001:db8:66::7 | sort | tr '\n' ' ' | sed 's/ $//')"
drops "packets from them pass" 0 <<-END
	sip=$free4 dip=$gw4
	sip=${VM4[vm2]} dip=$gw4
	arp=2,${VM_MAC[vm2]},$free4,$mac,$gw4
END
must "$VNETSHARE" port set p-vm2 addr none
drops "not when they are taken away" 1 <<<"sip=$free4 dip=$gw4"
many=$(printf '%s,' 192.0.2.{1..17})
"$VNETSHARE" port set p-vm2 addr "${many%,}" >/dev/null 2>&1
is "seventeen are too many: exit 2" $? 2
refuse "a group's address is nobody's" "$VNETSHARE" port set p-vm2 addr 224.0.0.1
refuse "a loopback address is refused" "$VNETSHARE" port set p-vm2 addr 127.0.0.1
is "nothing of that is configured" "$(port p-vm2 '.addresses | length')" 0

# The lock goes, and comes
must "$VNETSHARE" port set p-vm2 lock off
is "lock off: nothing is learned" "$(learned p-vm2)" ""
drops "lock off: other addresses pass" 0 <<<"sip=$free4 dip=$gw4"
drops "the host's addresses stay forbidden" 2 <<-END
	sip=$gw4 dip=$gw4
	arp=2,${VM_MAC[vm2]},$gw4,${VM_MAC[vm3]},${VM4[vm3]} dst=${VM_MAC[vm3]}
END
must "$VNETSHARE" port set p-vm2 lock on
ok "lock on: the lease counts, the VM need not ask again" knows p-vm2 "${VM4[vm2]}"
reaches "and it talks" vm2 a=icmp,"$gw4" b=icmp,"${VM4[vm1]}"
capture own host p-vm2 -Q in
drops "packets from other addresses are dropped" 2 <<-END
	sip=$free4 dip=$gw4
	sip=${VM4[vm1]} dip=$gw4
END
frames=$(captured own)
like "the one had come there" "$frames" "${free4//./\\.}\.[0-9]+ >"
like "the other port's packet arrived" "$frames" "${VM4[vm1]//./\\.}\.[0-9]+ >"
ok "it may ask again" vm_dhcp vm2
is "and gets what it had" "$(vm_ip vm2)" "${VM4[vm2]}"

# A lease that came before the lock
must "$VNETSHARE" port set p-vm3 mac "${VM_MAC[vm3]}" lock on
ok "locked after it has its lease: it is known" knows p-vm3 "${VM4[vm3]}"
reaches "and it talks" vm3 a=icmp,"$gw4" b=icmp,"${VM4[vm1]}"

# An address configured for one port is no other's, whichever claimed it first
ok "an address that was claimed" knows p-vm2 "$free6"
must "$VNETSHARE" port set p-vm1 addr "$free6"
refuse "an address that is configured belongs to that port" knows p-vm2 "$free6"
says vm2 <<<"dst=33:33:00:00:00:01 sip=:: dip=ff02::1 nd=135,$free6"
drops "the port that had claimed the address sends from it no more" 2 <<-END
	sip=$free6 dip=$gw6
	dst=33:33:00:00:00:01 sip=${VM6[vm2]} dip=ff02::1 nd=136,$free6
END
refuse "the address cannot be claimed again" knows p-vm2 "$free6"
must "$VNETSHARE" port set p-vm1 addr "$free6,${VM4[vm3]}"
refuse "a leased address that is configured for another port moves there" knows p-vm3 "${VM4[vm3]}"
reaches_not "the VM that had leased it does not talk" vm3 gw=icmp,"$gw4"
heard_of() { has_line "$TMP/heard.HOST" "^udp $1 "; }
says vm1 <<-END
	sip=$free6 dip=$gw6
	sip=${VM4[vm3]} dip=$gw4
END
ok "the host hears the new one" wait_for 5 heard_of "$free6"
ok "of both" wait_for 5 heard_of "${VM4[vm3]}"

finish
