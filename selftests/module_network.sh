#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A network is deleted in every possible way, with ports plugged in and under
# traffic, and leaves nothing. DHCP and DNS live exactly as long as the network.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

no_link() { [ ! -e "/sys/class/net/$1" ]; }
master_of() { ip -j link show dev "$1" | jq -r '.[0].master // ""'; }

# The state that a network leaves: none
nothing_left() {
	ok "$1: DHCP and DNS have ended" wait_for 10 no_dhcp_left
	is "$1: the port belongs to nobody" "$(master_of p-vm1)" ""
	is "$1: its promiscuity is what it was" \
		"$(ip -d -j link show dev p-vm1 | jq '.[0].promiscuity')" 0
	is "$1: no route of it is left" "$(ip route show table all | grep -c net1)" 0
}

# traffic: a flood out of the VM, to the switch and through nat
traffic() {
	FLOODS=()
	for dst in "$(mac_of host net1)" ff:ff:ff:ff:ff:ff 02:00:00:00:77:77; do
		spawn "$TMP/flood" vm1 "$PROGS/frame" eth0 count=0 rate=2000 \
			src="${VM_MAC[vm1]}" dst="$dst" sip="$(vm_ip vm1)" \
			dip=$WWW4 dport=7777 sport=$((RANDOM % 20000 + 2000))
		FLOODS+=("$SPAWNED")
	done
	wait_for 5 counter_above net1 forwarded_out 20 || fail "traffic flows"
}

quiet() { stop "${FLOODS[@]}"; }

# plug: the network, with the VM on it
plug() {
	must "$VNETSHARE" network add net1
	must "$VNETSHARE" port add p-vm1 network net1
	vm_dhcp vm1 || fail "the VM takes a lease ($1)"
}

topology
inet_dns
inet_udp 7777
net_add net1
vm_up vm1 net1
ok "DHCP and DNS run" test -n "$(dnsmasq_pid net1)"

gateway=$(mac_of host net1)
traffic
ok "network del, under traffic" "$VNETSHARE" network del net1
quiet
ok "the device is gone" no_link net1
nothing_left "network del"

plug "before ip link del"
is "made again, the gateway has the address that VMs know" \
	"$(mac_of host net1)" "$gateway"
traffic
ok "ip link del, under traffic" ip link del net1
quiet
nothing_left "ip link del"

plug "before rmmod"
traffic
ok "rmmod, under traffic" rmmod vnetshare
quiet
ok "the device is gone" no_link net1
nothing_left "rmmod"
must modprobe vnetshare

# A port goes
plug "before the port goes"
traffic
must ip link set p-vm1 nomaster
is "a port taken out" "$("$VNETSHARE" -j port show | jq length)" 0
must ip link set p-vm1 master net1
quiet
ok "a port put back is online" wait_for 5 pings vm1 $WWW4
traffic
must ip link del p-vm1
quiet
is "a port whose device goes is no port" "$("$VNETSHARE" -j port show | jq length)" 0
ok "the network stays" test -e /sys/class/net/net1
ns_gone "${NS[vm1]}"
vm_up vm1 net1

# The uplink goes, and comes back under its name
must "$VNETSHARE" network set net1 uplink uplink0
ok "online through a named uplink" pings vm1 $WWW4
ipn router link set l-host down
ipb host <<-END
	link set uplink0 down
	link set uplink0 name gone0
END
ok "the uplink renamed away: nothing passes" no_answer vm1 $WWW4
like "the state is listed" "$("$VNETSHARE" -j network show net1 |
	jq -c '.[0] | {uplink}')" "uplink0"
ipb host <<-END
	link set gone0 name uplink0
	link set uplink0 up
	route replace default via $ROUTER4
END
ipn router link set l-host up
ok "the uplink is back under its name: online" wait_for 10 pings vm1 $WWW4
traffic
must ip link del uplink0
quiet
ok "the uplink deleted under traffic: the network stays" test -e /sys/class/net/net1
ok "the gateway answers" pings vm1 "$(net_gw net1)"
ipb host <<-END
	link add uplink0 type veth peer name l-host netns ${NS[router]}
	addr add $HOST4/24 dev uplink0
	link set uplink0 up
	route replace default via $ROUTER4
END
must ipn router link set l-host master lan0 up
ok "a new one of its name: online" wait_for 10 pings vm1 $WWW4

# dnsmasq is restarted when it ends
pid=$(dnsmasq_pid net1)
another() { [ -n "$(dnsmasq_pid net1)" ] && [ "$(dnsmasq_pid net1)" != "$pid" ]; }
must kill -KILL "$pid"
ok "dnsmasq, killed, is started again" wait_for 10 another
ok "the new dnsmasq serves" vm_dhcp vm1
pid=$(dnsmasq_pid net1)
must kill -KILL "$(supervisor_pid net1)"
ok "its supervisor, killed, takes it along" wait_for 10 gone "$pid"
ok "network del works without them" "$VNETSHARE" network del net1
nothing_left "after that"

finish
