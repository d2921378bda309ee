#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# Packets that no honest VM sends, in every mode, IPv4 and IPv6: loopback and
# foreign addresses, source routes, fragments, IP behind odd Ethernet types,
# answers for the gateway's address; and packets of a LAN machine with a route to
# the VMs. None of them arrives anywhere, and honest traffic goes on.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Everything hostile goes to port 9999, everything honest to 9000
topology
topology6
lan_add lan1 77
net_add net1 dhcp off
net_add net2 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
vm_set vm3 net2 9
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
other4=$(net_gw net2)
other6=$(net_gw6 net2)
v4=${VM4[vm1]}
v6=${VM6[vm1]}
mac=$(mac_of host net1)
server() { serve "$1" "$2" udp,"$3",9999 udp,"$4",9999 udp,"$3",9000 udp,"$4",9000; }
server inet FAR $WWW4 $WWW6
server lan1 LAN 192.0.2.77 2001:db8:1::77
server host UPLINK $HOST4 $HOST6
server host LO 127.0.0.1 ::1
server host GATEWAY "$gw4" "$gw6"
server host OTHER "$other4" "$other6"
server vm1 VM1 "$v4" "$v6"
server vm2 VM2 "${VM4[vm2]}" "${VM6[vm2]}"
server vm3 VM3 "${VM4[vm3]}" "${VM6[vm3]}"
hex4() {
	local part

	IFS=. read -ra part <<<"$1"
	printf '%02x%02x%02x%02x' "${part[@]}"
}
# of 2001:db8:...:: and fdxx:...:: as they are used here
hex6() {
	local out part parts

	IFS=: read -ra parts <<<"${1%%::*}"
	out=$(printf '%04x' "${parts[@]/#/0x}")
	printf '%s%0*d%04x' "$out" $((28 - ${#out})) 0 "0x${1##*::}"
}

# Not allowed in any mode: sources that are not the VM's
forged() {
	local src

	for src in 127.0.0.1 127.1.2.3 "$gw4" "${gw4%.*}.255" "${gw4%.*}.0" $HOST4 \
		"${VM4[vm3]}" "$other4" 198.51.100.99 192.0.2.77 $WWW4 0.0.0.0 \
		255.255.255.255 224.0.0.1 240.0.0.1; do
		echo "sip=$src dip=$WWW4"
		echo "sip=$src dip=$HOST4"
		echo "sip=$src dip=${VM4[vm3]}"
		# (a DHCP client has no address yet)
		[ "$src" = 0.0.0.0 ] || echo "sip=$src dip=$gw4"
	done
	for src in ::1 :: "$gw6" $HOST6 "${VM6[vm3]}" "$other6" 2001:db8:99::1 \
		2001:db8:1::77 $WWW6 ff02::1 ff0e::1 ::ffff:127.0.0.1 "::ffff:$v4" \
		fec0::1 64:ff9b::1; do
		echo "sip=$src dip=$WWW6"
		echo "sip=$src dip=$HOST6"
		echo "sip=$src dip=${VM6[vm3]}"
		echo "sip=$src dip=$gw6"
	done
	# link-local ones do not leave their link
	echo "sip=fe80::9 dip=$WWW6"
	echo "sip=fe80::9 dip=${VM6[vm3]}"
}

# Destinations that no mode allows, and ways to hide one
forbidden() {
	local dip

	for dip in 127.0.0.1 "$other4" "${VM4[vm3]}" $FORBIDDEN4; do
		echo "sip=$v4 dip=$dip"
		hidden4 "sip=$v4 dip=$dip"
		echo "sip=$v4 dip=$dip dst=ff:ff:ff:ff:ff:ff"
		echo "sip=$v4 dip=$dip dst=01:00:5e:00:00:01"
		# in two pieces, in a doubled and in an odd one
		echo "sip=$v4 dip=$dip id=7 mf=1 len=1000 ulen=2000"
		echo "sip=$v4 dip=$dip id=7 off=1008 len=992"
		echo "sip=$v4 dip=$dip id=8 off=8 len=64"
		echo "sip=$v4 dip=$dip id=8 mf=1 len=0 ulen=72"
	done
	for dip in ::1 "$other6" "${VM6[vm3]}" $FORBIDDEN6; do
		echo "sip=$v6 dip=$dip"
		hidden6 "sip=$v6 dip=$dip"
		echo "sip=$v6 dip=$dip dst=ff:ff:ff:ff:ff:ff"
		echo "sip=$v6 dip=$dip dst=33:33:00:00:00:01"
		# hop-by-hop and destination options in front
		echo "sip=$v6 dip=$dip nh=0 ext=1100010400000000"
		echo "sip=$v6 dip=$dip nh=0 ext=3c000104000000001100010400000000"
		echo "sip=$v6 dip=$dip nh=44 ext=1100000100000007 len=1000 ulen=2000"
		echo "sip=$v6 dip=$dip nh=44 ext=110003f000000007 off=8 len=992"
		# an atomic fragment
		echo "sip=$v6 dip=$dip nh=44 ext=1100000000000008"
	done
}

# IP in headers that a stack may take off: priority and VLAN tags, QinQ, PPPoE, MPLS,
# SNAP, the other family's type
ENCAP="8100000TYPE 81000005TYPE 8100000081000000TYPE 88a800008100000aTYPE
	88a80000TYPE 91000005TYPE 8864110000010060PPP 884700001140 884800001140
	0058aaaa03000000TYPE 88e500000001TYPE 8926TYPE 4305TYPE 8847TYPE"
ENCAP=${ENCAP/8100000TYPE/81000000TYPE}
hidden4() {
	local encap

	for encap in $ENCAP; do
		encap=${encap/TYPE/0800}
		echo "$1 encap=${encap/PPP/0021}"
	done
	echo "$1 encap=86dd"
}
hidden6() {
	local encap

	for encap in $ENCAP; do
		encap=${encap/TYPE/86dd}
		echo "$1 encap=${encap/PPP/0057}"
	done
	echo "$1 encap=0800"
}

# Through another machine: loose and strict source routes, routing headers
routed() {
	local by to

	for to in $WWW4 "$other4" "${VM4[vm3]}" 127.0.0.1; do
		for by in "$gw4" $HOST4; do
			echo "sip=$v4 dip=$by opt=830704$(hex4 "$to")00"
			echo "sip=$v4 dip=$by opt=890704$(hex4 "$to")00"
		done
		echo "sip=$v4 dip=$to opt=830704$(hex4 192.0.2.77)00"
		echo "sip=$v4 dip=$to opt=890704$(hex4 192.0.2.77)00"
		# at its end already
		echo "sip=$v4 dip=$to opt=830708$(hex4 "$gw4")00"
	done
	for to in $WWW6 "$other6" "${VM6[vm3]}"; do
		for by in "$gw6" $HOST6; do
			# types 0, 2, 3 and 4, one segment left
			echo "sip=$v6 dip=$by nh=43 ext=1102000100000000$(hex6 "$to")"
			echo "sip=$v6 dip=$by nh=43 ext=1102020100000000$(hex6 "$to")"
			echo "sip=$v6 dip=$by nh=43 ext=1102030100000000$(hex6 "$to")"
			echo "sip=$v6 dip=$by nh=43 ext=1102040100000000$(hex6 "$to")"
		done
		echo "sip=$v6 dip=$to nh=43 ext=1102000100000000$(hex6 $HOST6)"
		# behind one that is at its end already
		echo "sip=$v6 dip=$to nh=43 ext=2b02040000000000$(hex6 $HOST6)1102000100000000$(hex6 $HOST6)"
	done
}

# receivers NAME...: those of them that received something on port 9999
receivers() {
	local who out=

	for who; do
		! has_line "$TMP/heard.$who" ' 9999$' || out+=" $who"
	done
	echo "${out# }"
}

EVERYBODY="FAR LAN UPLINK LO GATEWAY OTHER VM1 VM2 VM3"
sends() {
	on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst="$mac" dport=9999 \
		sport=4444 - <"$1" || fail "the VM sends $1"
}
attack() {
	on lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)" \
		dst="$(mac_of host uplink0)" dport=9999 sport=4444 - <<-END
		sip=192.0.2.77 dip=$v4
		sip=$WWW4 dip=$v4
		sip=$HOST4 dip=$v4
		sip=$gw4 dip=$v4
		sip=${VM4[vm2]} dip=$v4
		sip=192.0.2.77 dip=$HOST4 opt=830704$(hex4 "$v4")00
		sip=192.0.2.77 dip=$v4 id=7 mf=1 len=1000 ulen=2000
		sip=192.0.2.77 dip=$v4 id=7 off=1008 len=992
		sip=2001:db8:1::77 dip=$v6
		sip=$WWW6 dip=$v6
		sip=$gw6 dip=$v6
		sip=${VM6[vm2]} dip=$v6
		sip=fe80::77 dip=$v6
		sip=2001:db8:1::77 dip=$v6 proto=tcp
		sip=2001:db8:1::77 dip=$v6 nh=0 ext=1100010400000000
		sip=2001:db8:1::77 dip=$v6 nh=44 ext=1100000000000008
		sip=2001:db8:1::77 dip=$HOST6 nh=43 ext=1102000100000000$(hex6 "$v6")
		sip=2001:db8:1::77 dip=$HOST6 nh=43 ext=1102040100000000$(hex6 "$v6")
		sip=2001:db8:1::77 dip=$v6 dst=33:33:00:00:00:01
		# in the VM's name, through a host that forwards
		sip=$v6 dip=$WWW6
		sip=$v4 dip=$WWW4
	END
}

# round MODE ROUTER: all of the above
round() {
	local what how="$1, ip_forward $2"

	echo "$2" >/proc/sys/net/ipv4/ip_forward
	echo "$2" >/proc/sys/net/ipv6/conf/all/forwarding
	forged >"$TMP/forged"
	forbidden >"$TMP/forbidden"
	routed >"$TMP/routed"
	capture up host uplink0 -Q out "port 9999 or ip[6:2] & 0x3fff != 0 or ip6[6] == 44 or ip6[6] == 43"
	for what in forged forbidden routed; do
		sends "$TMP/$what"
	done
	attack
	# honest traffic comes behind them, on each way
	case $1 in
	nat) reaches "$how: honest traffic passes" vm1 a=udp,$WWW4,9000 b=udp,$WWW6,9000 \
		c=udp,192.0.2.77,9000 d=udp,$HOST4,9000 e=udp,"$gw6",9000 ;;
	hostonly) reaches "$how: honest traffic passes" vm1 a=udp,"$gw4",9000 \
		b=udp,"$gw6",9000 ;;
	esac
	reaches "$how: VMs talk to each other" vm1 a=udp,"${VM4[vm2]}",9000 \
		b=udp,"${VM6[vm2]}",9000
	reaches "$how: the LAN reaches the host" lan1 a=udp,$HOST4,9000 b=udp,$HOST6,9000
	# shellcheck disable=SC2086 # words
	is "$how: no hostile packet arrived anywhere" "$(receivers $EVERYBODY)" ""
	unlike "$how: nothing of it left the host" "$(captured up)" '\.4444 > |4444 >|9999'
}

# shellcheck disable=SC2086 # words
{
ipb lan1 <<-END
	route add ${gw4%.*}.0/24 via $HOST4
	route add ${gw6%::*}::/64 via $HOST6
END
sysctl_set host net/ipv4/ip_forward 0
sysctl_set host net/ipv6/conf/all/forwarding 0
sysctl_set host net/ipv4/conf/all/rp_filter 0
sysctl_set host net/ipv4/conf/net1/rp_filter 0
sysctl_set host net/ipv4/conf/all/accept_source_route 1
sysctl_set host net/ipv4/conf/net1/accept_source_route 1
sysctl_set host net/ipv4/conf/uplink0/accept_source_route 1
sysctl_set host net/ipv6/conf/all/accept_source_route 1
}

FORBIDDEN4='' FORBIDDEN6=''
round nat 0
round nat 1
for c in drop_loopback_address drop_bad_source_address drop_not_allowed drop_source_route; do
	ok "$c counts" counter_above net1 $c 0
done
must "$VNETSHARE" network set net1 mode hostonly
FORBIDDEN4="$WWW4 192.0.2.77 $HOST4" FORBIDDEN6="$WWW6 2001:db8:1::77 $HOST6"
round hostonly 0
round hostonly 1
must "$VNETSHARE" network set net1 mode isolated
FORBIDDEN4+=" $gw4" FORBIDDEN6+=" $gw6"
round isolated 0
round isolated 1
must "$VNETSHARE" network set net1 mode nat
FORBIDDEN4='' FORBIDDEN6=''

# A VM answers for the gateway
gateways() { ip -o addr show dev net1 scope global | awk '{ print $4 }' | sort; }
before=$(gateways)
answers_for_gateway() {
	on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst="$mac" - <<-END
		arp=2,${VM_MAC[vm1]},$gw4,$mac,$gw4
		arp=1,${VM_MAC[vm1]},$gw4,00:00:00:00:00:00,$gw4 dst=ff:ff:ff:ff:ff:ff
		arp=2,${VM_MAC[vm1]},$HOST4,$mac,$gw4
		sip=$gw6 dip=ff02::1 dst=33:33:00:00:00:01 nd=136,$gw6
		sip=$v6 dip=ff02::1 dst=33:33:00:00:00:01 nd=136,$gw6,a0
		sip=$v6 dip=$gw6 nd=136,$gw6
		sip=:: dip=ff02::1:ff00:1 dst=33:33:ff:00:00:01 nd=135,$gw6
		sip=fe80::9 dip=ff02::1 dst=33:33:00:00:00:01 ra=1800
	END
}
answers_for_gateway
is "answers for the gateway: the host keeps its addresses" "$(gateways)" "$before"
reaches "the gateway answers at its addresses" vm1 a=udp,"$gw4",9000 b=udp,"$gw6",9000
unlike "the host has no neighbour of those addresses" "$(ip neigh show dev net1)" \
	"^(${gw4//./\\.}|$gw6|${HOST4//./\\.}) "
is "the host has no router there" "$(ip -6 route show default dev net1)" ""

# while the host looks whether its address is free
spawn "$TMP/flood" vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" \
	dst=33:33:00:00:00:01 count=0 rate=100 sip="$v6" dip=ff02::1 nd=136,"$gw6"
flood=$SPAWNED
must "$VNETSHARE" network set net1 subnet6 off
must "$VNETSHARE" network set net1 subnet6 auto
is "a VM that claims the address first does not keep it from the host" \
	"$(net_gw6 net1)" "$gw6"
unlike "the address may be used" "$(ip -6 addr show dev net1)" 'dadfailed|tentative.*global'
stop "$flood"

finish
