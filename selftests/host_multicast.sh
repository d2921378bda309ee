#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs on the host hear the host's own broadcasts and multicasts on a network,
# as on any device. Frames of the host are not counted as a VM's.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# hears_itself DEV TO OWN [OPTION...]: the host answers itself
hears_itself() {
	ok "$1: packets to $2 are heard" has_line \
		<(limit 5 ping -n -c 1 -W 2 -I "$1" "${@:4}" "$2") "from ${3//./\\.}[%:]"
}

topology
topology6
net_add net1 dhcp off
vm_set vm1 net1 9
gw4=$(net_gw net1)
sysctl_set host net/ipv4/icmp_echo_ignore_broadcasts 0
# of them all, the VM answers none
sysctl_set vm1 net/ipv6/icmp/echo_ignore_multicast 1
sysctl_set router net/ipv6/icmp/echo_ignore_multicast 1
for dev in uplink0 net1; do
	own=$(ip -6 -o addr show dev $dev scope link -tentative)
	own=${own#*inet6 }
	hears_itself $dev ff02::1 "${own%%/*}"
	own=$(ip4_of host $dev)
	hears_itself $dev "${own%.*}.255" "$own" -b
	hears_itself $dev 224.0.0.1 "$own"
done
is "none of it is dropped as a VM's" "$(net_counter net1 drop_bad_source_address)" 0
reaches "the VM is there" vm1 gw=icmp,"$gw4"

finish
