#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No outside machine reaches a VM that did not ask, whatever ip_forward says and
# whatever routes and addresses the outsider uses. No VM reaches the host's
# loopback addresses or another network, or sends under a foreign address.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

topology
lan_add lan1 77
inet_udp 7777
net_add net1 dhcp off
net_add net2 dhcp off
vm_add vm1 net1
vm_add vm2 net2
gw1=$(net_gw net1)
gw2=$(net_gw net2)
vm_static vm1 "${gw1%.*}.9/24" "$gw1"
vm_static vm2 "${gw2%.*}.9/24" "$gw2"
ip1=$(vm_ip vm1)
ip2=$(vm_ip vm2)
uplink_mac=$(mac_of host uplink0)
net1_mac=$(mac_of host net1)
lan1_mac=$(mac_of lan1 eth0)

# Servers that must not hear anything: on the VMs and on the host's loopback
spawn "$TMP/vm1.log" vm1 "$PROGS/udp" echo "$ip1" 9999
spawn "$TMP/vm2.log" vm2 "$PROGS/udp" echo "$ip2" 9999
spawn "$TMP/lo.log" host "$PROGS/udp" echo 127.0.0.1 9999
spawn "$TMP/any.log" host "$PROGS/udp" echo 127.0.0.5 9999
spawn "$TMP/gw1.log" host "$PROGS/udp" echo "$gw1" 9999
spawn "$TMP/gw2.log" host "$PROGS/udp" echo "$gw2" 9999
wait_for 10 listens vm1 "$ip1:9999" || bail "no server in vm1"
wait_for 10 listens vm2 "$ip2:9999" || bail "no server in vm2"
wait_for 10 listens host 127.0.0.5:9999 || bail "no server on the loopback"

# specifications of frames come by standard input
attack() {
	on lan1 "$PROGS/frame" eth0 dst="$uplink_mac" sip=192.0.2.77 dip="$ip1" \
		dport=9999 - || fail "the LAN machine sends"
}
vm_sends() {
	on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst="$net1_mac" - ||
		fail "the VM sends"
}
hex4() { echo "$1" | awk -F. '{ printf "%02x%02x%02x%02x", $1, $2, $3, $4 }'; }
log_of() { cat "$TMP/$1.log"; }

refused() {
	local how="ip_forward $1"

	sysctl_set host net/ipv4/ip_forward "$1"
	# a setting that some container tools leave behind
	sysctl_set host net/ipv4/conf/all/route_localnet "$1"
	capture vm vm1 eth0 "ip and not icmp[icmptype] == icmp-echo"
	capture up host uplink0 -Q out ip

	# A LAN machine that routes at the VM, then one that lies as well
	ok "$how: no echo to the VM from a LAN machine with a route" \
		no_answer lan1 "$ip1"
	attack <<-END
		src=$lan1_mac
		proto=tcp flags=2
		proto=tcp flags=18
		proto=132
		sip=$WWW4
		sip=$HOST4
		sip=$gw1
		sip=${gw1%.*}.77
		sip=$ip2
		sip=127.0.0.1
		sip=0.0.0.0
		mf=1 len=64
		proto=17 off=64 len=64
		proto=icmp icmp=3.3 quote=$ip1:9999:192.0.2.77:9999
		proto=icmp icmp=5.1
		dip=${gw1%.*}.255
		dst=ff:ff:ff:ff:ff:ff
		# in the VM's name, through a host that forwards
		sip=$ip1 dip=$WWW4 sport=4009 dport=7777
		# loose source route by way of the host
		dip=$HOST4 opt=830704$(hex4 "$ip1")00
	END
	is "$how: an answer to the VM's question passes" \
		"$(on vm1 "$PROGS/udp" probe -p 9998 192.0.2.77 9)" \
		"icmp 3 3 from 192.0.2.77 info 0"

	# A session lets in its own far end only
	must on vm1 "$PROGS/udp" probe -p 9997 $WWW4 7777
	attack <<-END
		dip=$HOST4 sport=7777 dport=9997
		sip=$WWW4 dip=$HOST4 sport=7778 dport=9997
		sip=$WWW4 sport=7777
	END
	must on vm1 "$PROGS/udp" probe -p 9996 $WWW4 7777

	# A VM at the loopback addresses of the host, and under foreign addresses
	vm_sends <<-END
		sip=$ip1 dip=127.0.0.1 dport=9999
		sip=$ip1 dip=127.0.0.5 dport=9999
		sip=127.0.0.1 dip=$gw1 dport=9999
		sip=127.0.0.1 dip=127.0.0.1 dport=9999
		sip=127.0.0.1 dip=$WWW4 dport=7777
		sip=$ip1 dip=$gw1 dport=9999 opt=8307047f00000100
		# behind priority tags, which the stack takes off
		sip=$ip1 dip=127.0.0.1 dport=9999 tags=1
		sip=$ip1 dip=127.0.0.1 dport=9999 tags=2
		# in frames for all
		dst=ff:ff:ff:ff:ff:ff sip=$ip1 dip=127.0.0.1 dport=9999
		dst=01:00:5e:00:00:01 sip=$ip1 dip=127.0.0.5 dport=9999
		dst=ff:ff:ff:ff:ff:ff sip=$ip1 dip=$gw2 dport=9999
		dst=01:00:5e:00:00:01 sip=$ip1 dip=$HOST4 dport=9999
		sip=$ip1 dip=$gw2 dport=9999
		sip=203.0.113.7 dip=$gw1 dport=9999
		dst=ff:ff:ff:ff:ff:ff sip=203.0.113.7 dip=$gw1 dport=9999
		sip=$ip2 dip=$gw1 dport=9999
		sip=$HOST4 dip=$WWW4 dport=7777 sport=4001
		sip=198.51.100.99 dip=$WWW4 dport=7777 sport=4002
		sip=$ip2 dip=$WWW4 dport=7777 sport=4003
		sip=0.0.0.0 dip=$WWW4 dport=7777 sport=4004
		sip=224.0.0.1 dip=$WWW4 dport=7777 sport=4005
		sip=$gw1 dip=$WWW4 dport=7777 sport=4006
		sip=$ip1 dip=255.255.255.255 dport=7777 sport=4007
		sip=$ip1 dip=$WWW4 dport=7777 sport=4008 badsum=1
	END
	# A VM at another network
	ok "$how: no echo from another network's VM" no_answer vm1 "$ip2"
	ok "$how: no answer from that network's gateway" no_answer vm1 "$gw2"
	vm_sends <<-END
		sip=$ip1 dip=$ip2 dport=9999
		sip=$gw2 dip=$ip2 dport=9999
		sip=${gw2%.*}.77 dip=$ip2 dport=9999
	END
	ok "$how: the VM still reaches the Internet" pings vm1 $WWW4
	ok "$how: the other VM is online" pings vm2 $WWW4

	frames=$(captured vm)
	unlike "$how: the VM saw nothing from the outside" "$frames" \
		" (192\.0\.2\.77|${gw2%.*}\.[0-9]+)[. ].* > ${ip1//./\\.}\.9999"
	unlike "$how: no fragments, resets, redirects or broadcasts" "$frames" \
		"flags \[\+\]|offset 64|ICMP redirect|proto SCTP| > ${gw1%.*}\.255"
	unlike "$how: no answers from another machine" "$frames" "\.7778 > |\.7777 > ${ip1//./\\.}\.999[89]"
	frames=$(captured up)
	unlike "$how: nothing left under a foreign or a VM's address" "$frames" \
		" (198\.51\.100\.99|127\.[0-9.]+|0\.0\.0\.0|224\.0\.0\.1|${ip2//./\\.}|${gw1%.*}\.[0-9]+)\.400[0-9] > "
	unlike "$how: none under the host's address, unasked" "$frames" "\.400[1-7] > "
	unlike "$how: the far side heard nobody of all these" \
		"$(cat "$TMP/udp.log")" " 400[0-9] "
	is "$how: the VM's server heard nothing" "$(log_of vm1)" ""
	is "$how: the other network's VM heard nothing" "$(log_of vm2)" ""
	is "$how: the host's loopback addresses heard nothing" "$(log_of lo)$(log_of any)" ""
	is "$how: the other network's gateway heard nothing" "$(log_of gw2)" ""
	is "$how: the VM's own gateway heard nobody else" "$(log_of gw1)" ""
}

must ipn lan1 route add "${gw1%.*}.0/24" via "$HOST4"
refused 0
refused 1

for c in drop_loopback_address drop_bad_source_address drop_not_allowed; do
	n=$(net_counter net1 $c)
	[ "$n" -gt 0 ]
	result $? "$c counts them ($n)"
done

finish
