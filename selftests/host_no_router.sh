#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VM that advertises itself as an IPv6 router gives the host neither an
# address nor a route.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

has_address() { ipn "$1" -6 -o addr show dev "$2" | grep -q 'inet6 2001:db8:'; }
has_route() { ipn "$1" -6 route show default | grep -q .; }

net_add net1
vm_up vm1 net1
vm_add vm2 net1
must ipn vm1 addr add 2001:db8:66::1/64 dev eth0
spawn "$TMP/ra.log" vm1 dnsmasq --keep-in-foreground --conf-file=/dev/null \
	--port=0 --pid-file= --user=root --log-facility=- --enable-ra \
	--ra-param=eth0,high,4,1800 --dhcp-range=2001:db8:66::,ra-only

ok "another VM believes it" wait_for 20 has_address vm2 eth0
ok "the other VM takes it for its router" wait_for 5 has_route vm2
must ip link set net1 mtu 1200
must ip link set net1 mtu 1500
must ip link set net1 down
must ip link set net1 up
must ipn vm2 addr flush dev eth0 scope global
ok "another advertisement came" wait_for 20 has_address vm2 eth0
refuse "the host took no address" has_address host net1
refuse "the host took no route" has_route host

finish
