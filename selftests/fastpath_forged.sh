#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# A session on the fast path belongs to its VM: packets with the same addresses
# and ports from another port, another MAC address, another VLAN, or another
# device of the host are treated as without the fast path.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# forge NAME KEY=VALUE...: packets of vm1's session, as that of its peer unless
# told otherwise
forge() {
	local name=$1; shift

	must on "$name" "$PROGS/frame" eth0 "src=${VM_MAC[vm1]}" "dst=$GW_MAC" \
		"sip=${VM4[vm1]}" dip=$WWW4 sport=5000 dport=9005 len=66 count=10 \
		rate=100 "$@"
}

# not_fast DESCRIPTION COUNTER COMMAND...: none of its packets takes the fast path
not_fast() {
	local desc=$1 counter=$2 fast; shift 2

	fast=$(net_counter net1 "$counter")
	"$@"
	is "$desc: not by the fast path" "$(net_counter net1 "$counter")" "$fast"
}

# the session under test, with as many packets as it takes
few_more() {
	forge vm1 count=3 rate=50
	is_fast net1 9005
}
session() { wait_for 20 few_more || bail "the session is not fast"; }

# out_there: the packets of these that left the host; a last packet of vm1 ends it
out_there() {
	forge vm1 count=1 len=77
	seen wire 'length 77'
	OUT=$(captured wire | grep -v 'length 77')
}

# dropped DESCRIPTION: at least those ten (the VM sends others, too)
dropped() { ok "$1" counter_above net1 drop_locked $((n + 9)); }

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
net_add net2 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
vm_set vm3 net2 9
GW_MAC=$(mac_of host net1)
UP_MAC=$(mac_of host uplink0)
spawn "$TMP/echo" inet "$PROGS/udp" echo $WWW4 9005
wait_for 10 listens inet "$WWW4:9005" || bail "no server"
for vm in vm1 vm2; do
	on $vm nft -f - <<-END2 || bail "nft in $vm"
		table inet quiet {
			chain input {
				type filter hook input priority 0
				udp dport 5000 drop
			}
		}
	END2
done
must "$VNETSHARE" port set p-vm1 mac "${VM_MAC[vm1]}" addr "${VM4[vm1]}" lock on
must "$VNETSHARE" port set p-vm2 mac "${VM_MAC[vm2]}" addr "${VM4[vm2]}" lock on
ok "a locked VM is online" pings vm1 $WWW4

# By its own port it is fast
session
fast=$(net_counter net1 fastpath_out)
forge vm1
ok "the VM's own packets go the fast path" \
	[ "$(net_counter net1 fastpath_out)" -ge $((fast + 8)) ]

# From another port
session
capture wire router l-host -Q in "src $HOST4 and udp and greater 90"
n=$(net_counter net1 drop_locked)
not_fast "from another VM, with that one's MAC" fastpath_out forge vm2
dropped "they are dropped as forged"
out_there
is "forged packets do not leave the host" "$OUT" ""
session
n=$(net_counter net1 drop_locked)
not_fast "from another VM, with its own MAC" fastpath_out forge vm2 "src=${VM_MAC[vm2]}"
dropped "they are dropped for their address"
session
not_fast "from another network's VM" fastpath_out forge vm3 "src=${VM_MAC[vm3]}" \
	"dst=$(mac_of host net2)"

# By its own port, but not as its own
session
n=$(net_counter net1 drop_locked)
not_fast "with another MAC" fastpath_out forge vm1 src=02:00:00:00:09:99
dropped "dropped as locked"
session
not_fast "in a VLAN" fastpath_out forge vm1 encap=810000050800
not_fast "to another MAC" fastpath_out forge vm1 dst=02:00:00:00:09:98
not_fast "to everybody" fastpath_out forge vm1 dst=ff:ff:ff:ff:ff:ff

# It takes another address, which is not its own
capture wire router l-host -Q in "udp and greater 90"
n=$(net_counter net1 drop_locked)
not_fast "with another address" fastpath_out forge vm1 "sip=${VM4[vm2]}"
dropped "dropped as locked"
out_there
is "the packet does not leave the host" "$OUT" ""

# From outside: to the VM's session, from other places
back() {
	local name=$1; shift

	must on "$name" "$PROGS/frame" eth0 "src=$(mac_of "$name" eth0)" \
		"dst=$UP_MAC" "sip=$WWW4" "dip=$HOST4" sport=9005 dport=5000 \
		len=66 count=10 rate=100 "$@"
}
session
not_fast "to a MAC that is not the host's" fastpath_in back lan1 dst=02:00:00:00:09:97
not_fast "to the group of all" fastpath_in back lan1 dst=ff:ff:ff:ff:ff:ff
not_fast "to the VM's own address" fastpath_in back lan1 "dip=${VM4[vm1]}"
not_fast "from another address" fastpath_in back lan1 sip=192.0.2.77
not_fast "to another port" fastpath_in back lan1 dport=5998

# By another device, a strict host does not believe it
ns_add other
ipb host <<-END2
	link add up2 type veth peer name eth0 netns ${NS[other]}
	addr add 198.51.100.130/25 dev up2
	link set up2 up
END2
defer ip link del up2
must ipn other link set eth0 up
sysctl_set host net/ipv4/conf/up2/rp_filter 1
session
UP_MAC=$(mac_of host up2)
not_fast "by another device" fastpath_in back other
goes_fast "the session stays where it was" net1 9005

# The packet that began a session opens no other
not_fast "from the LAN, as if from the VM" fastpath_out \
	must on lan1 "$PROGS/frame" eth0 "src=$(mac_of lan1 eth0)" \
	"dst=$(mac_of host uplink0)" "sip=${VM4[vm1]}" dip=$WWW4 sport=5000 \
	dport=9005 len=66 count=10 rate=100

finish
