#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A namespace with a network, ports and native ports goes away under traffic. A
# namespace that holds only a native port of a network elsewhere goes away, too.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A namespace is really gone when the far ends of its veths are: only then has
# the kernel taken its devices down. No reference to any may be left over.
link_gone() { ! ipn "$1" link show dev "$2"; }
forget() { ns_gone "${NS[$1]}"; }
# No process of the test lives in a host, and the network's must end by itself
forget_host() { ip netns del "${NS[$1]}"; }

# Another host, in a namespace: $1, with an uplink of its own
host_add() {
	ns_add "$1"
	must ip link add "l-$1" netns "${NS[router]}" type veth peer name uplink0 \
		netns "${NS[$1]}"
	ipb router <<-END
		link set l-$1 master lan0 up
	END
	ipb "$1" <<-END
		addr add 192.0.2.$2/24 dev uplink0
		link set uplink0 up
		route add default via $ROUTER4
	END
}

# A network there, a VM on a veth, a container on a native port: both flood
furnish() {
	local host=$1

	ipn "$host" link show dev net1 >/dev/null 2>&1 ||
		must "$VNETSHARE" -n "${NS[$host]}" network add net1 subnet 10.66.0.1/24
	ns_add vm1
	must ip link add p-vm1 netns "${NS[$host]}" type veth peer name eth0 \
		netns "${NS[vm1]}"
	must ipn "$host" link set p-vm1 up
	must "$VNETSHARE" -n "${NS[$host]}" port add p-vm1 network net1
	ns_add box
	must "$VNETSHARE" -n "${NS[$host]}" port add box0 network net1 type native
	must ipn "$host" link set box0 netns "${NS[box]}" name eth0
	for vm in vm1 box; do
		mkdir -p "/etc/netns/${NS[$vm]}"
		: >"/etc/netns/${NS[$vm]}/resolv.conf"
		must ipn $vm link set eth0 up
		vm_dhcp $vm || fail "$vm takes a lease in $host"
		ok "$vm is online in $host" wait_for 5 pings $vm $WWW4
		spawn "$TMP/f" $vm ping -q -n -i 0.05 $WWW4
		spawn "$TMP/f" $vm "$PROGS/frame" eth0 count=0 rate=200
	done
}

topology
inet_dns

host_add host2 2
furnish host2
ip2=$(vm_ip vm1)
like "a network of one namespace is not seen in another" \
	"$("$VNETSHARE" -j network show | jq length)" '^0$'
ok "the container is not reached" no_answer host "$ip2"

# The whole host goes, first
forget_host host2
ok "a host goes: its uplink's far end is gone" wait_for 20 link_gone router l-host2
ok "the VM's card too" wait_for 20 link_gone vm1 eth0
ok "the container's native port too" wait_for 20 link_gone box eth0
ok "its DHCP and DNS have ended" wait_for 10 no_dhcp_left
forget vm1
forget box

# The VMs go first, the network stays
host_add host3 3
furnish host3
forget box
forget vm1
no_ports() { [ "$("$VNETSHARE" -n "${NS[host3]}" -j port show | jq length)" = 0 ]; }
ok "containers and VMs go: no port is left" wait_for 20 no_ports
ok "the network stays" ipn host3 link show dev net1

# All at once
furnish host3
pids=()
for n in vm1 box; do
	ns_gone "${NS[$n]}" &
	pids+=($!)
done
forget_host host3
wait "${pids[@]}"
ok "all at once: gone" wait_for 20 link_gone router l-host3
ok "DHCP and DNS have ended" wait_for 10 no_dhcp_left

# A network whose device moves along with a namespace's end, made by ip(8)
host_add host4 4
must ipn host4 link add net1 type vnetshare
must ipn host4 link add c0 link net1 type vnetport
ns_add box
must ipn host4 link set c0 netns "${NS[box]}"
forget_host host4
ok "made by ip(8), the same" wait_for 20 link_gone router l-host4
ok "its native port too" wait_for 20 link_gone box c0
refuse "a network does not move to another namespace" sh -c \
	"ip link add net5 type vnetshare && ip link set net5 netns ${NS[box]}"
ip link del net5
ok "the host is online" pings host $WWW4

finish
