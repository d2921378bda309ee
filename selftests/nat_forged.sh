#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A LAN machine cannot send in a VM's name through a host that forwards, in an
# existing session or in a new one.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

probe_vm() { on vm1 "$PROGS/udp" probe -p 5000 $WWW4 7777; }
server_lines() { wc -l <"$TMP/udp.log"; }
probe_lan() { on lan1 "$PROGS/udp" probe -p 6000 $WWW4 7777; }

topology
lan_add lan1 7
inet_udp 7777
net_add net1
vm_up vm1 net1
ip1=$(vm_ip vm1)
sysctl_set host net/ipv4/ip_forward 1
sysctl_set host net/ipv4/conf/all/rp_filter 0
sysctl_set host net/ipv4/conf/uplink0/rp_filter 0

like "the VM has a session" "$(probe_vm)" "reply $WWW4"
before=$(server_lines)

forge() {
	on lan1 "$PROGS/frame" eth0 "dst=$(mac_of host uplink0)" "sip=$1" \
		"dip=$WWW4" "sport=$2" dport=7777 count=5
	# a datagram of the LAN machine's own comes after them
	probe_lan >/dev/null
}

must ipn lan1 neigh replace $ROUTER4 lladdr "$(mac_of router lan0)" dev eth0
probe_lan >/dev/null || bail "the LAN machine does not reach the server"
own=$(($(server_lines) - before))
forge "$ip1" 5000
is "its session carries nothing of another's" "$(server_lines)" $((before + 2 * own))
ok "the forged packets are counted" counter_is net1 drop_not_allowed 5
forge "$ip1" 5001
is "no session begins in its name" "$(server_lines)" $((before + 3 * own))
forge 192.0.2.77 5002
ok "the host forwards other machines' packets as before" \
	[ "$(server_lines)" -ge $((before + 4 * own + 5)) ]
like "the VM's session goes on" "$(probe_vm)" "reply $WWW4"

finish
