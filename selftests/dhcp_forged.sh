#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A VM asks the host's DHCP server for itself only: messages in the name of
# another VM, or of one that does not exist, are dropped, and the other leases
# stay. An address belongs to the port that leased it last.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

learned() { "$VNETSHARE" -j port show "$1" | jq -r '.[0].learned | join(" ")'; }
knows() { [[ " $(learned "$1") " == *" $2 "* ]]; }
leases() { "$VNETSHARE" -j lease show net1 | jq -r '.[].mac' | sort; }
leased() { [[ $'\n'$(leases)$'\n' == *$'\n'$1$'\n'* ]]; }
not_leased() { ! leased "$1"; }
hex4() {
	local part

	IFS=. read -ra part <<<"$1"
	printf '%02x' "${part[@]}"
}
# message TYPE CLIENT-ADDRESS MAC [OPTIONS [RELAY]]: a DHCP message, in hexadecimal
XID=1
message() {
	local mac=${3//:}

	printf '01010600%08x00000000%s0000000000000000%s%s%0*d' \
		$XID "$(hex4 "$2")" "$(hex4 "${5:-0.0.0.0}")" "$mac" 404 0
	printf '638253633501%02x3d0701%s%sff' "$1" "${CLIENT:-$mac}" "${4:-}"
}
# says VM [KEY=VALUE...]: sends messages to the server
says() {
	on "$1" "$PROGS/frame" eth0 src="${VM_MAC[$1]}" dst="$mac" dip="$gw4" \
		sport=68 dport=67 "${@:2}" - || fail "$1 sends"
}

net_add net1
mac=$(mac_of host net1)
gw4=$(net_gw net1)
server=3604$(hex4 "$gw4")
vm_up vm1 net1
vm_up vm2 net1
ip1=$(vm_ip vm1)
ip2=$(vm_ip vm2)
nobody=02:00:00:00:77:01
for vm in vm1 vm2; do
	ok "$vm has a lease" leased "${VM_MAC[$vm]}"
done

# 7 RELEASE, 4 DECLINE, 3 REQUEST, 1 DISCOVER
before=$(net_counter net1 drop_locked)
release=$(message 7 "$ip1" "${VM_MAC[vm1]}" "$server")
says vm2 sip="$ip2" <<-END
	body=$release
	body=$release tags=1
	body=$release dst=ff:ff:ff:ff:ff:ff
	body=$release dst=ff:ff:ff:ff:ff:ff dip=255.255.255.255 sip=0.0.0.0
	body=$release opt=01010101
	body=$release sport=1068
	body=$(message 4 0.0.0.0 "${VM_MAC[vm1]}" "3204$(hex4 "$ip1")$server")
END
says vm2 sip=0.0.0.0 dip=255.255.255.255 dst=ff:ff:ff:ff:ff:ff <<-END
	body=$(message 1 0.0.0.0 "$nobody")
	body=$(message 3 0.0.0.0 "$nobody" "3204$(hex4 "${gw4%.*}.99")$server")
	body=$(message 3 0.0.0.0 "${VM_MAC[vm1]}" "3204$(hex4 "$ip1")$server")
END
# followed by one of its own
says vm2 sip="$ip2" <<<"body=$(message 7 "$ip2" "${VM_MAC[vm2]}" "$server")"
ok "a VM's own release counts" wait_for 10 not_leased "${VM_MAC[vm2]}"
is "those in others' names are dropped" $(($(net_counter net1 drop_locked) - before)) 10
is "the other VM's lease stays, and no other VM has one" "$(leases)" "${VM_MAC[vm1]}"
before=$(net_counter net1 drop_malformed)
says vm2 sip="$ip2" <<<"body=${release:0:48} mf=1 ulen=300 len=24"
ok "a piece that does not say whose it is, is dropped" counter_is net1 drop_malformed \
	$((before + 1))
ok "a VM may ask again" vm_dhcp vm2
ok "the other VM may renew its lease" vm_dhcp vm1
is "the other VM keeps its address" "$(vm_ip vm1)" "$ip1"

# By another VM's client identifier, under its own address
says vm2 sip=0.0.0.0 dip=255.255.255.255 dst=ff:ff:ff:ff:ff:ff <<-END
	body=$(CLIENT=${VM_MAC[vm1]//:} message 3 0.0.0.0 "${VM_MAC[vm2]}" "3204$(hex4 "$ip1")$server")
	body=$(CLIENT=${VM_MAC[vm1]//:} message 7 "$ip1" "${VM_MAC[vm2]}" "$server")
END
ok "a VM may ask again" vm_dhcp vm2
is "nobody's lease is by an identifier" "$(leases)" \
	"$(printf '%s\n' "${VM_MAC[vm1]}" "${VM_MAC[vm2]}" | sort)"
is "the other VM's address is its own" "$("$VNETSHARE" -j lease show net1 |
	jq -r --arg ip "$ip1" '.[] | select(.address == $ip) | .mac')" "${VM_MAC[vm1]}"

# One holder
vm_add vm3 net1
for vm in vm1 vm3; do
	must "$VNETSHARE" port set p-$vm mac "${VM_MAC[$vm]}" lock on
done
ok "a lease is the port's" knows p-vm1 "$ip1"
must ipn vm1 addr flush dev eth0 scope global
says vm1 sip="$ip1" <<<"body=$(message 7 "$ip1" "${VM_MAC[vm1]}" "$server")"
ok "given back, it is free" wait_for 10 not_leased "${VM_MAC[vm1]}"
ok "another VM asks for it" vm_dhcp vm3 -r "$ip1"
is "the third VM gets that address" "$(vm_ip vm3)" "$ip1"
ok "the address is the third VM's port's" wait_for 5 knows p-vm3 "$ip1"
refuse "the address is no longer the first port's" knows p-vm1 "$ip1"
reaches "the new one talks" vm3 gw=icmp,"$gw4"

# A locked port does not relay
must "$VNETSHARE" port set p-vm2 mac "${VM_MAC[vm2]}" lock on
before=$(net_counter net1 drop_locked)
says vm2 sip="$(vm_ip vm2)" <<-END
	body=$(message 7 "$ip1" "${VM_MAC[vm3]}" "$server" "$ip2")
	body=$(message 7 "$ip1" "${VM_MAC[vm3]}" "$server" "$gw4")
END
says vm2 sip="$(vm_ip vm2)" \
	<<<"body=$(message 7 "$(vm_ip vm2)" "${VM_MAC[vm2]}" "$server")"
ok "its own release counts" wait_for 10 not_leased "${VM_MAC[vm2]}"
is "a locked VM is no relay" $(($(net_counter net1 drop_locked) - before)) 2
ok "the other VM's lease stays" leased "${VM_MAC[vm3]}"
before=$(net_counter net1 drop_locked)
says vm1 sip="$ip1" <<<"dport=9999"
ok "the first one does not" counter_is net1 drop_locked $((before + 1))

finish
