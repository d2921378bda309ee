#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# The module is loaded and removed many times while VMs keep sending: through the
# switch, through nat, and from native ports.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

ROUNDS=$((${VNS_DEBUG:-0} ? 4 : 8))

topology
inet_udp 7777
for vm in vm1 vm2; do
	ns_add $vm
	must ip link add p-$vm type veth peer name eth0 netns "${NS[$vm]}"
	must ip link set p-$vm up
	must ipn $vm link set eth0 up
done
vm_static vm1 10.66.0.11/24 10.66.0.1
vm_static vm2 10.66.0.12/24 10.66.0.1
ns_add box

# never quiet, whether there is a network or not
for vm in vm1 vm2; do
	spawn "$TMP/ping.$vm" $vm ping -q -n -i 0.3 -s 3000 $WWW4
	spawn "$TMP/flood.$vm" $vm "$PROGS/frame" eth0 count=0 rate=50 \
		dst=ff:ff:ff:ff:ff:ff sip=10.66.0.11 dip=10.66.0.255
done
spawn "$TMP/pair" vm1 ping -q -n -i 0.1 10.66.0.12
spawn "$TMP/in" router ping -q -n -i 0.1 $HOST4

done_rounds=0
for ((i = 1; i <= ROUNDS; i++)); do
	must modprobe vnetshare
	must "$VNETSHARE" network add net1 subnet 10.66.0.1/24 dhcp off \
		mac 02:00:00:00:66:01
	ipb host <<-END
		link set p-vm1 master net1
		link set p-vm2 master net1
		link add box0 link net1 type vnetport
		link set box0 netns ${NS[box]} name eth0
	END
	ipb box <<-END
		addr add 10.66.0.13/24 dev eth0
		link set eth0 up
		route add default via 10.66.0.1
	END
	spawn "$TMP/ping.box" box ping -q -n -i 0.1 $WWW4
	if ! wait_for 30 pings vm1 $WWW4 || ! wait_for 30 pings box $WWW4; then
		fail "round $i: online"
		break
	fi
	# an end of another kind each round
	case $((i % 3)) in
	1) "$VNETSHARE" network del net1 ;;
	2) ip link set p-vm1 nomaster ;;
	esac
	if ! rmmod vnetshare; then
		fail "round $i: rmmod"
		break
	fi
	stop "$SPAWNED"
	if [ -e /sys/class/net/net1 ] || ipn box link show dev eth0 >/dev/null 2>&1; then
		fail "round $i: a device is left"
		break
	fi
	done_rounds=$i
done
is "rounds of loading and removing under traffic" "$done_rounds" "$ROUNDS"
ok "the host is still online" pings host $WWW4
must modprobe vnetshare
net_add net1 subnet 10.66.0.1/24 dhcp off mac 02:00:00:00:66:01
must ip link set p-vm1 master net1
ok "the module works one more time" wait_for 10 pings vm1 $WWW4
like "a module that is asked for a kind loads by itself" "$(
	rmmod vnetshare
	ip link add net9 type vnetshare && ip -d link show dev net9
	ip link del net9)" "vnetshare"
rmmod vnetshare
ok "also when the command asks for the family" "$VNETSHARE" network show

finish
