#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# Services on the host's loopback addresses are for the host alone
# (CVE-2020-8558): no machine on the LAN and no VM reaches them, though the
# network's own device has route_localnet set for forwards from 127.0.0.1, and
# whatever the host's other settings are. No other device has it set.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
serve host LO tcp,127.0.0.1,9999 udp,127.0.0.1,9999 tcp,127.5.5.5,9999 \
	udp,127.5.5.5,9999 tcp,::1,9999 udp,::1,9999
serve vm1 VM1 tcp,"${VM4[vm1]}",80 udp,"${VM4[vm1]}",80
serve host GATEWAY udp,"$gw4",9998 udp,"$gw6",9998
must "$VNETSHARE" forward add net1 both 8080 to "${VM4[vm1]}:80"

is "route_localnet is set on the network's own device only" \
	"$(grep -lx 1 /proc/sys/net/ipv4/conf/*/route_localnet)" \
	/proc/sys/net/ipv4/conf/net1/route_localnet
reaches "the forward works from 127.0.0.1" host tcp=tcp,127.0.0.1,8080 \
	udp=udp,127.0.0.1,8080
reaches "the services work for the host" host a=tcp,127.0.0.1,9999 \
	b=udp,127.5.5.5,9999 c=tcp,::1,9999
heard=$(<"$TMP/heard.LO")

# A way to 127/8 by the host, as an attacker sets it up
way() {
	sysctl_set "$1" net/ipv4/conf/eth0/route_localnet 1
	sysctl_set "$1" net/ipv4/conf/all/rp_filter 0
	ipb "$1" <<-END
		addr del 127.0.0.1/8 dev lo
		route add 127.0.0.0/8 via $2
	END
}
way lan1 $HOST4
way vm1 "$gw4"
way vm2 "$gw4"

# frames NAME MAC SOURCE4 SOURCE6: straight at the host
frames() {
	on "$1" "$PROGS/frame" eth0 src="$(mac_of "$1" eth0)" dst="$2" dport=9999 - <<-END
		sip=$3 dip=127.0.0.1
		sip=$3 dip=127.5.5.5
		sip=$3 dip=127.0.0.1 tags=1
		sip=$3 dip=127.0.0.1 proto=tcp
		sip=127.0.0.1 dip=127.0.0.1
		sip=127.0.0.2 dip=$5 dport=9998
		sip=127.0.0.1 dip=$5 dport=9998
		sip=$4 dip=::1
		sip=$4 dip=::1 tags=1
		sip=$4 dip=::1 proto=tcp
		sip=::1 dip=::1
		sip=::1 dip=$6 dport=9998
		sip=$4 dip=::ffff:127.0.0.1
		# a reply that an open session would wait for
		sip=127.0.0.1 dip=127.0.0.1 sport=8080 dport=9999
	END
}

round() {
	local who

	for who in lan1 vm1 vm2; do
		reaches_not "$1: $who finds nothing at loopback addresses" $who \
			tcp=tcp,127.0.0.1,9999 udp=udp,127.0.0.1,9999 \
			tcp5=tcp,127.5.5.5,9999 icmp=icmp,127.0.0.1 \
			forward=tcp,127.0.0.1,8080 uforward=udp,127.0.0.1,8080
	done
	frames lan1 "$(mac_of host uplink0)" 192.0.2.77 2001:db8:1::77 "$gw4" "$gw6"
	frames vm1 "$(mac_of host net1)" "${VM4[vm1]}" "${VM6[vm1]}" "$gw4" "$gw6"
	on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst="$(mac_of host net1)" \
		sip=::ffff:127.0.0.1 dip="$gw6" dport=9998
	# a packet sent after these arrives after them
	reaches "$1: the LAN still reaches the forward" lan1 tcp=tcp,$HOST4,8080
	reaches "$1: a VM reaches the host" vm2 udp=udp,"$gw4",9998 udp6=udp,"$gw6",9998
	is "$1: the loopback services heard nobody" "$(<"$TMP/heard.LO")" "$heard"
	unlike "$1: no forged client is heard" "$(<"$TMP/heard.GATEWAY")" \
		'udp (127\.|::1 |::ffff:)'
}

round "as it is"
dropped=$(net_counter net1 drop_loopback_address)
[ "$dropped" -gt 10 ]
result $? "they are counted ($dropped)"

# The host's own session through the forward belongs to the host alone
hold local host udp,127.0.0.1,8080
capture vm vm1 eth0 "udp port 80"
on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" dst="$(mac_of host net1)" \
	sip="${VM4[vm1]}" dip="$gw4" sport=80 dport=8080
on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" dst="$(mac_of host net1)" \
	sip=127.0.0.1 dip=127.0.0.1 sport=8080 dport=40000
seen vm "$gw4" || fail "the session is captured"
unlike "the VM sees the gateway, no loopback address" "$(captured vm)" ' 127\.'

# As some container tools leave a host, and as a router
sysctl_set host net/ipv4/ip_forward 1
sysctl_set host net/ipv6/conf/all/forwarding 1
sysctl_set host net/ipv4/conf/all/rp_filter 0
sysctl_set host net/ipv4/conf/uplink0/rp_filter 0
sysctl_set host net/ipv4/conf/all/accept_source_route 1
round "router, lax"
must "$VNETSHARE" network set net1 mode hostonly
reaches_not "hostonly: a VM finds nothing either" vm2 tcp=tcp,127.0.0.1,9999 \
	udp=udp,127.0.0.1,9999 icmp=icmp,127.0.0.1
frames vm1 "$(mac_of host net1)" "${VM4[vm1]}" "${VM6[vm1]}" "$gw4" "$gw6"
reaches "hostonly: a VM reaches the gateway" vm2 udp=udp,"$gw4",9998
is "hostonly: the loopback services heard nobody" "$(<"$TMP/heard.LO")" "$heard"
is "route_localnet is still on no other device" \
	"$(grep -lx 1 /proc/sys/net/ipv4/conf/*/route_localnet)" \
	/proc/sys/net/ipv4/conf/net1/route_localnet
must "$VNETSHARE" network del net1
is "no device has route_localnet after network del" \
	"$(grep -lx 1 /proc/sys/net/ipv4/conf/*/route_localnet)" ""

finish
