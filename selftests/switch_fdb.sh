#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VM that sends from ever new addresses fills its own share of the table and no
# more. Other VMs do not notice, and memory stays bounded.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

PORT_LIMIT=1024
NETWORK_LIMIT=16384
PORT_SHARE=16	# which a port may know even then

entries() { "$VNETSHARE" -j fdb show net1 | jq --arg p "$1" \
	'[.[] | select(.port == $p)] | length'; }
network_entries() { "$VNETSHARE" -j network show net1 | jq '.[0].fdb_entries'; }
unreclaimable() { awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo; }
flood() { on "$1" "$PROGS/frame" eth0 src=random dst="$2" count="$3"; }

topology
net_add net1 dhcp off
for vm in vm1 vm2 vm3; do
	vm_add $vm net1
	sysctl_set $vm net/ipv6/conf/eth0/disable_ipv6 1
done
gw=$(net_gw net1)
net_mac=$(mac_of host net1)
vm_static vm2 "${gw%.*}.12/24" "$gw"
vm_static vm3 "${gw%.*}.13/24" "$gw"
ok "VMs talk" pings vm2 "${gw%.*}.13"

before=$(unreclaimable)
ok "a flood of 50,000 source addresses" flood vm1 "$net_mac" 50000
is "the port has its limit of them" "$(entries p-vm1)" $PORT_LIMIT
ok "the rest is counted" wait_for 5 counter_above net1 fdb_full 40000
used=$(($(unreclaimable) - before))
# (KASAN keeps for a while what was freed)
most=$((SCALE < 10 ? 4 : 8))
[ $used -lt $((most * 1024)) ]
result $? "memory grew by less than $most MiB ($used KiB)"

# The others, while it goes on
spawn "$TMP/flood" vm1 "$PROGS/frame" eth0 src=random dst="$net_mac" count=0
FLOOD=$SPAWNED
ok "under the flood, VMs talk" pings vm2 "${gw%.*}.13"
ok "and reach the Internet" pings vm2 $WWW4
must ipn vm2 neigh flush dev eth0
ok "and find each other anew" pings vm2 "${gw%.*}.13"
is "both are still known" "$(entries p-vm2) $(entries p-vm3)" "1 1"
capture vm1 vm1 eth0 -Q in "icmp or arp"
ok "their unicast" pings vm2 "${gw%.*}.13" -c 3 -A
ok "unicast is not flooded: only broadcasts reach the third port" \
	pings vm3 "${gw%.*}.12"
unlike "as the third port shows" "$(captured vm1)" "ICMP echo"
stop "$FLOOD"
vm_add vm4 net1
vm_static vm4 "${gw%.*}.14/24" "$gw"
ok "a VM plugged in after the flood is learned" pings vm4 $WWW4
is "and known" "$(entries p-vm4)" 1

# Forged addresses of others
must on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" dst="$net_mac" count=20
ok "an address that a full port claims is not lost to its owner" \
	pings vm3 "${gw%.*}.12"

# The network's limit: many ports at theirs
ns_add many
{
	for i in $(seq 17); do
		echo "link add m$i type veth peer name e$i netns ${NS[many]}"
		echo "link set m$i up master net1"
	done
} | ipb host
for i in $(seq 17); do
	echo "link set e$i up"
done | ipb many
for i in $(seq 17); do
	on many "$PROGS/frame" "e$i" src=random dst="$net_mac" count=1100
done
n=$(network_entries)
[ "$n" -le $((NETWORK_LIMIT + 21 * PORT_SHARE)) ] &&
	[ "$n" -gt $((NETWORK_LIMIT - PORT_LIMIT)) ]
result $? "17 full ports: the network knows about $NETWORK_LIMIT ($n)"
ok "and works" pings vm2 $WWW4
must "$VNETSHARE" network set net1 ageing 1
few() { [ "$(network_entries)" -lt 100 ]; }
ok "silence empties the table" wait_for 10 few
must "$VNETSHARE" network set net1 ageing 300
ok "and what comes next is learned" pings vm3 "${gw%.*}.12"
is "as before" "$(entries p-vm3)" 1

finish
