#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Which machine may reach which: every cell of the table, over IPv4 and IPv6, TCP,
# UDP and ICMP, whether the host is a router or not, with no rules and with
# Docker's, under each "firewall" setting.
#
#   a, b of each network      host                       lan1 192.0.2.77
#  +------+                  +---------------------+    +------+
#  |  o---|------------------|-o NETWORK  (seven)  |----|-o    |  both know a way
#  +------+                  |            uplink0 o|    +------+  to the networks
#                            +---------------------+    inet     through the host
#
# VMs of the bridged network are on the LAN: to other networks' VMs they are
# machines there.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# From a VM of the network to ..., and from ... to it:
COLUMNS="sibling host host-lan loopback other-gateway other-vm lan far from-host from-lan from-far"
# y: answered; t: answered, with the host as the source; p: told that it is prohibited;
# n: not answered; -: not asked
declare -A TABLE=(
	[nat]="     y y y n n n t t y n n"
	[natalone]="n y y n n n t t y n n"
	[only]="    y y p n n n p p y n n"
	[onlyalone]="n y p n n n p p y n n"
	[shared]="  y y y n n n t t y n n"
	[isolated]="y n n n n n n n n n n"
	[bridged]=" y y y n - n y y y y y"
)
NETS="nat natalone only onlyalone shared isolated bridged"

topology
topology6
lan_add lan1 77
net_add nat mode nat dhcp off
net_add natalone mode nat isolate on dhcp off
net_add only mode hostonly dhcp off
net_add onlyalone mode hostonly isolate on dhcp off
net_add shared mode hostonly dhcp off
must "$VNETSHARE" network share shared on
net_add isolated mode isolated
net_add bridged mode bridged uplink uplink0
# addresses of the host on networks where they serve no purpose
ipb host <<-END
	addr add 10.66.7.1/24 dev isolated
	addr add 2001:db8:66::1/64 dev isolated nodad
END
# an error message for each question
sysctl_set host net/ipv4/icmp_ratemask 0
sysctl_set host net/ipv6/icmp/ratemask 255

at() { echo "tcp,$1,9000 udp,$1,9000"; }
declare -A GW4=() GW6=() MAC=()
host_serves=("$(at $HOST4)" "$(at $HOST6)" "$(at 127.0.0.1)" "$(at ::1)")
ways4=() ways6=()
for net in $NETS; do
	if [ "$net" = bridged ]; then
		vm_lan a-bridged bridged 9
		vm_lan b-bridged bridged 10
	else
		vm_set "a-$net" "$net" 9
		vm_set "b-$net" "$net" 10
	fi
	for vm in "a-$net" "b-$net"; do
		# shellcheck disable=SC2046 # words
		serve "$vm" "$vm" $(at "${VM4[$vm]}") $(at "${VM6[$vm]}")
	done
	if [ "$net" = bridged ]; then
		GW4[$net]=$HOST4
		GW6[$net]=$HOST6
		MAC[$net]=$(mac_of host uplink0)
	else
		GW4[$net]=$(net_gw "$net")
		GW6[$net]=$(net_gw6 "$net")
		MAC[$net]=$(mac_of host "$net")
		host_serves+=("$(at "${GW4[$net]}")" "$(at "${GW6[$net]}")")
		ways4+=("${GW4[$net]%.*}.0/24")
		ways6+=("${GW6[$net]%::*}::/64")
	fi
	# the loopback address, routed to the gateway
	sysctl_set "a-$net" net/ipv4/conf/eth0/route_localnet 1
	ipb "a-$net" <<-END
		addr del 127.0.0.1/8 dev lo
		route add 127.0.0.1 via ${GW4[$net]} src ${VM4[a-$net]}
	END
done
# shellcheck disable=SC2068,SC2086 # words
serve host HOST ${host_serves[@]}
serve lan1 LAN tcp,192.0.2.77,9000 udp,192.0.2.77,9000 \
	tcp,2001:db8:1::77,9000 udp,2001:db8:1::77,9000
serve inet FAR tcp,$WWW4,9000 udp,$WWW4,9000 tcp,$WWW6,9000 udp,$WWW6,9000
for name in lan1 router; do
	{
		printf "route replace %s via $HOST4\n" "${ways4[@]}"
		printf "route replace %s via $HOST6\n" "${ways6[@]}"
	} | ipb "$name"
done

# patient NAME: on the slowest machine, under this load, neighbour resolution may
# need more than three seconds
patient() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	on "$1" bash -c 'for f in /proc/sys/net/ipv[46]/neigh/*/mcast_solicit; do
		[[ $f == */default/* ]] || echo '$((3 * SCALE))' >"$f"
	done'
}
if [ "$SCALE" -ge 10 ]; then
	for name in host "${!NS[@]}"; do
		patient "$name"
	done
fi

# questions CELL ADDRESS4 ADDRESS6
questions() {
	echo "$1.tcp4=tcp,$2,9000"
	echo "$1.udp4=udp,$2,9000"
	echo "$1.icmp4=icmp,$2"
	[ -n "${3:-}" ] || return 0
	echo "$1.tcp6=tcp,$3,9000"
	echo "$1.udp6=udp,$3,9000"
	echo "$1.icmp6=icmp,$3"
}

for net in $NETS; do
	{
		questions sibling "${VM4[b-$net]}" "${VM6[b-$net]}"
		questions host "${GW4[$net]}" "${GW6[$net]}"
		questions host-lan $HOST4 $HOST6
		questions loopback 127.0.0.1
		for other in $NETS; do
			case $other in
			"$net"|bridged) continue ;;
			esac
			questions other-gateway "${GW4[$other]}" "${GW6[$other]}"
			questions other-vm "${VM4[a-$other]}" "${VM6[a-$other]}"
		done
		questions lan 192.0.2.77 2001:db8:1::77
		[ "$net" = bridged ] ||
			questions lan "${VM4[a-bridged]}" "${VM6[a-bridged]}"
		questions far $WWW4 $WWW6
	} >"$TMP/ask.a-$net"
	questions "$net" "${VM4[a-$net]}" "${VM6[a-$net]}" >>"$TMP/ask.outside"
done

# collect: all machines ask at the same time
collect() {
	local net name pids=()

	for net in $NETS; do
		on "a-$net" "$PROGS/peer" try - <"$TMP/ask.a-$net" \
			>"$TMP/told.a-$net" 2>&1 &
		pids+=($!)
	done
	for name in host lan1 inet; do
		on $name "$PROGS/peer" try - <"$TMP/ask.outside" \
			>"$TMP/told.$name" 2>&1 &
		pids+=($!)
	done
	# ::1, to which no kernel sends
	for net in $NETS; do
		on "a-$net" "$PROGS/frame" eth0 src="${VM_MAC[a-$net]}" \
			dst="${MAC[$net]}" \
			sip="${VM6[a-$net]}" dip=::1 dport=9000 sport=4001 &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# cell FILE NAME: the lines of it
cell() {
	local line

	while IFS= read -r line; do
		[[ $line != "$2".* ]] || echo "$line"
	done <"$TMP/told.$1"
}

# look CONFIGURATION OUTSIDE: compare with the table, where "t" is OUTSIDE
look() {
	local net column want wants file name

	collect
	for net in $NETS; do
		read -ra wants <<<"${TABLE[$net]}"
		for column in $COLUMNS; do
			want=${wants[0]}
			wants=("${wants[@]:1}")
			[ "$want" != - ] || continue
			case $column in
			from-host) file=host name=$net ;;
			from-lan) file=lan1 name=$net ;;
			from-far) file=inet name=$net ;;
			*) file=a-$net name=$column ;;
			esac
			[ "$want" != t ] || want=$2
			case $want in
			y) want=' yes' ;;
			t) want="\\.icmp[46] yes|(4 yes .* ${HOST4//./\\.}|6 yes .* $HOST6) " ;;
			p) want=' no icmp (3\.13|1\.1) ' ;;
			n) want=' no (timeout|icmp|E)' ;;
			esac
			answers "$1: $net: $column" "$want" "$(cell "$file" "$name")"
		done
	done
	unlike "$1: no packet reached a loopback address" "$(<"$TMP/heard.HOST")" \
		' (127\.0\.0\.1|::1) 9000$'
}

router() {
	echo "$1" >/proc/sys/net/ipv4/ip_forward
	echo "$1" >/proc/sys/net/ipv6/conf/all/forwarding
}

firewall() {
	local net

	for net in nat natalone shared; do
		echo "network set $net firewall $1"
	done >"$TMP/batch"
	must "$VNETSHARE" -b "$TMP/batch"
}

sysctl_set host net/ipv4/ip_forward 0
sysctl_set host net/ipv6/conf/all/forwarding 0
look "no router, no rules" t
router 1
look "router, no rules" t
docker_rules
look "router, Docker, firewall forward" n
firewall host
look "router, Docker, firewall host" t
firewall off
look "router, Docker, firewall off" t
router 0
look "no router, Docker, firewall off" t
firewall host
look "no router, Docker, firewall host" t
firewall forward
look "no router, Docker, firewall forward" n
must nft flush ruleset
look "no router, no rules again" t
# In each round, ::1 was asked by hand and 127.0.0.1 by way of the gateway, which
# an isolated network has not
for net in $NETS; do
	ok "$net: the questions to loopback addresses arrived, to be dropped" \
		counter_above "$net" drop_loopback_address 8
done

finish
