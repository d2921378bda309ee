#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nics: virtio-net-pci e1000e
# timeout: 240
#
# Network cards as uplinks, with the drivers of real machines: filters for
# addresses and VLANs, offloads, a link that goes and comes, a driver that is
# unbound while its card is in use.
#
#   vm-DRIVER    main                                   peer
#  +------+     +------------------------------+       +------------------+
#  | eth0 o-----o net1   virtio_net 192.0.2.1  o-------o--+               |
#  +------+     |        e1000e     192.0.2.1  o-------o--+ lan0 192.0.2.77
#               +------------------------------+       +------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

CARDS=(virtio_net e1000e)
VM4[peer]=192.0.2.77 VM6[peer]=2001:db8:1::77

# card MAC: the name of the device with that address
card() { ip -j link show | jq -r --arg m "$1" '.[] | select(.address == $m) | .ifname'; }
has_card() { [ -n "$(card "$1")" ]; }

# bind_all: every card has its driver, also where that is built in
bind_all() {
	local dev

	modprobe virtio_net
	for dev in /sys/bus/virtio/devices/virtio*; do
		[ "$(<"$dev/device")" != 0x0001 ] || [ -e "$dev/driver" ] ||
			echo "${dev##*/}" >/sys/bus/virtio/drivers/virtio_net/bind
	done
	# (with MSI-X, QEMU's card loses the interrupt for a change of the link)
	modprobe e1000e IntMode=0,0
}

# The other machine: the LAN. Frames to nobody known come all the time.
if [ "${VNS_ROLE:-main}" = peer ]; then
	bind_all
	ip link add lan0 type bridge mcast_snooping 0
	for i in 0 1; do
		dev=$(card 02:00:00:00:1a:0$i)
		ip link set "$dev" master lan0
		ip link set "$dev" up
	done
	ipb host <<-END
		link set lan0 up
		addr add ${VM4[peer]}/24 dev lan0
		addr add ${VM6[peer]}/64 dev lan0 nodad
		link add lan0.7 link lan0 type vlan id 7
		link set lan0.7 up
		addr add 198.51.100.77/25 dev lan0.7
	END
	serve host PEER "tcp,${VM4[peer]},9000" "udp,${VM4[peer]},9000" \
		"tcp,${VM6[peer]},9000" "udp,${VM6[peer]},9000"
	spawn "$TMP/frames" host "$PROGS/frame" lan0 src=02:00:00:00:1a:0a \
		dst=02:00:00:00:77:77 len=200 count=0 rate=5
	wait
	exit
fi

# monitor_open: the way to QEMU
monitor_open() {
	local port

	for port in /sys/class/virtio-ports/*/name; do
		[ "$(<"$port")" = monitor ] || continue
		port=${port%/name}
		exec {MONITOR}<>"/dev/${port##*/}"
	done
	[ -n "${MONITOR:-}" ] || bail "no way to QEMU's monitor"
}

# monitor COMMAND: its answer has to be read, or QEMU would stop listening
monitor() {
	local line

	echo "$1" >&"$MONITOR"
	while IFS= read -r -t 0.5 -u "$MONITOR" line; do
		[[ $line == *"(qemu)"* || $line == *$'\e'* ]] || note "QEMU: $line"
	done
}

# The peer boots beside this machine, and may be later.
peer_serves() { [[ $(ask host "peer=udp,${VM6[peer]},9000") == "peer yes "* ]]; }
running() { net_json net1 .uplink_running; }
running_is() { [ "$(running)" = "$1" ]; }
carrier_is() { [ "$(</sys/class/net/net1/carrier)" = "$1" ]; }
filtered() { bridge fdb show dev "$1" | grep -qi "^$2 .*self"; }

# host_up DEV: as a host has its card
host_up() {
	ipb host <<-END
		link set $1 up
		addr replace $HOST4/24 dev $1
		addr replace $HOST6/64 dev $1 nodad
	END
}

# one DRIVER NUMBER
one() {
	local name=$1 mac=02:00:00:00:0a:0$2 vm=vm-$1 dev path n bus=pci

	dev=$(card "$mac")
	[ "$name" != virtio_net ] || bus=virtio
	sysctl_set host "net/ipv6/conf/$dev/accept_ra" 0
	host_up "$dev"
	wait_for 60 peer_serves || bail "the peer does not answer by $dev"
	hold "$name" host "tcp,${VM4[peer]},9000"
	device host "$dev" 'del(.stats64, .stats)' >"$TMP/before"

	net_add net1 mode bridged uplink "$dev"
	event_mark
	vm_lan "$vm" net1 "2$2"
	talks "$vm" peer "$name"
	reaches "$name: the host is reached" "$vm" a=icmp,$HOST4 b=icmp,$HOST6
	ok "$name: the host's session goes on" hold_is "$name" 'open|flows'

	# Filters
	is "$name: the device is not promiscuous" "$(device host "$dev" .promiscuity)" 0
	ok "$name: the VM's address is in its filter" filtered "$dev" "${VM_MAC[$vm]}"
	capture "$name" host "$dev" -p ether dst 02:00:00:00:77:77
	ipb "$vm" <<-END
		link add eth0.7 link eth0 type vlan id 7
		link set eth0.7 up
		addr add 198.51.100.21/25 dev eth0.7
	END
	ok "$name: tagged frames pass both ways" wait_for 5 pings "$vm" 198.51.100.77
	must ipn "$vm" link del eth0.7
	unlike "$name: frames for other machines are filtered" "$(<"$TMP/cap.$name")" "77:77"
	for ((n = 0; n < 70; n++)); do
		printf 'src=02:00:00:00:70:%02x\n' $n
	done | on "$vm" "$PROGS/frame" eth0 -
	ok "$name: with more addresses than it may filter it is promiscuous" \
		wait_for 5 device_is host "$dev" .promiscuity 1
	ok "$name: frames for other machines come in" seen "$name" "77:77"
	stop "${CAP_PID[$name]}"
	must "$VNETSHARE" port del "p-$vm"
	ok "$name: without the port it is no more" \
		wait_for 5 device_is host "$dev" .promiscuity 0
	must "$VNETSHARE" port add "p-$vm" network net1
	ok "$name: the VM is back" wait_for 5 pings "$vm" "${VM4[peer]}"

	# Offloads
	note "$(ethtool -k "$dev" | grep -E '^(tx-checksumming|tcp-seg|generic-rec|rx-vlan|tx-vlan|large)')"
	like "$name: a transfer of the VM's, every byte right" \
		"$(on "$vm" "$PROGS/peer" stream "tcp,${VM4[peer]},9000" 2000000)" '^whole'
	like "$name: over IPv6" \
		"$(on "$vm" "$PROGS/peer" stream "tcp,${VM6[peer]},9000" 2000000)" '^whole'
	like "$name: one of the host's" \
		"$("$PROGS/peer" stream "tcp,${VM4[peer]},9000" 2000000)" '^whole'
	serve host HOST tcp,$HOST4,9000
	like "$name: between VM and host" \
		"$(on "$vm" "$PROGS/peer" stream "tcp,$HOST4,9000" 2000000)" '^whole'
	stop "$SPAWNED"

	# The link
	ok "$name: the network has a carrier" carrier_is 1
	monitor "set_link nic$2 off"
	ok "$name: without the link it has none" wait_for 10 carrier_is 0
	is "$name: the lost link is shown" "$(running)" false
	event "$name: the lost link is announced" "^change network net1 mode bridged to $dev, no carrier"
	monitor "set_link nic$2 on"
	ok "$name: with the link it has one" wait_for 10 carrier_is 1
	ok "$name: the link is shown" wait_for 5 running_is true
	ok "$name: the VM is back" wait_for 10 pings "$vm" "${VM4[peer]}"
	must ip link set "$dev" down
	ok "$name: down, the network has no carrier" wait_for 5 carrier_is 0
	host_up "$dev"
	ok "$name: up, the VM is back" wait_for 10 pings "$vm" "${VM4[peer]}"

	# The driver
	stream "$name" "$vm" "${VM4[peer]},9000" 100000
	path=$(readlink -f "/sys/class/net/$dev/device")
	echo "${path##*/}" >"/sys/bus/$bus/drivers/$name/unbind"
	ok "$name: unbound, the device is gone at once" wait_for 5 test ! -e "/sys/class/net/$dev"
	is "$name: the network is there, without an uplink" "$(running)" false
	ok "$name: without a carrier" carrier_is 0
	reaches_not "$name: the VM is alone" "$vm" a=icmp,"${VM4[peer]}"
	echo "${path##*/}" >"/sys/bus/$bus/drivers/$name/bind"
	ok "$name: bound again" wait_for 10 has_card "$mac"
	is "$name: under its old name" "$(card "$mac")" "$dev"
	host_up "$dev"
	ok "$name: the network has its uplink again" wait_for 10 running_is true
	ok "$name: the VM is back" wait_for 10 pings "$vm" "${VM4[peer]}"
	stop "${HOLD_PID[stream.$name]}"
	talks "$vm" peer "$name: bound again"

	must "$VNETSHARE" network del net1
	is "$name: the device is as it was" "$(device host "$dev" '"\(.promiscuity) \(.allmulti)"')" \
		"$(jq -r '"\(.promiscuity) \(.allmulti)"' "$TMP/before")"
	refuse "$name: with no address left in its filter" filtered "$dev" "${VM_MAC[$vm]}"
	must ip link set "$dev" down
	must ip addr flush dev "$dev"
}

# drivers_gone: as before the test
drivers_gone() {
	local dev

	rmmod e1000e
	rmmod virtio_net && rmmod net_failover failover
	for dev in /sys/bus/virtio/drivers/virtio_net/virtio*; do
		[ ! -e "$dev" ] || echo "${dev##*/}" >"${dev%/*}/unbind"
	done
}

defer drivers_gone
monitor_open
watch_events
bind_all
for i in 0 1; do
	wait_for 10 has_card 02:00:00:00:0a:0$i || bail "no card $i"
done
for i in 0 1; do
	one "${CARDS[i]}" $i
done

finish
