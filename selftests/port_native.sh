#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A native port is a container's network card: moved into a namespace, it takes a
# lease, is online, and reaches the other ports.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

natives() { "$VNETSHARE" -j port show | jq -r ".[] | select(.type == \"native\") | $1"; }
no_natives() { [ -z "$(natives .name)" ]; }
no_card() { ! ipn "$1" link show dev eth0; }

topology
inet_dns
inet_http
head -c 2000000 /dev/urandom >"$TMP/www/big"
SUM=$(sha256sum <"$TMP/www/big" | cut -c1-64)
net_add net1

vm_add box1 net1 native
is "it is of the kind vnetport" \
	"$(ipn box1 -d -j link show dev eth0 | jq -r '.[0].linkinfo.info_kind')" vnetport
ok "the container takes a lease" vm_dhcp box1
ip1=$(vm_ip box1)
ok "the gateway answers" pings box1 "$(net_gw net1)"
ok "the Internet answers" pings box1 $WWW4
is "a download by name arrives whole" \
	"$(fetch box1 http://www.example.test/big | sha256sum | cut -c1-64)" "$SUM"
like "an upload arrives whole" \
	"$(send box1 "$TMP/www/big" www.example.test)" "^$SUM"
like "the server's log shows the host's address" "$(cat "$TMP/http.log")" \
	"$HOST4:[0-9]+: url"

# A native port and an attached one, and two native ones
vm_up vm1 net1
ok "a VM on a veth reaches the container" pings vm1 "$ip1"
ok "and the container reaches the VM" pings box1 "$(vm_ip vm1)"
must ip link add c0 link net1 type vnetport
ns_add box2
must ip link set c0 netns "${NS[box2]}" name eth0
must ipn box2 link set eth0 up
vm_static box2 "${ip1%.*}.251/24" "${ip1%.*}.1"
ok "one made by ip-link reaches the Internet too" pings box2 $WWW4
ok "and the other container" pings box2 "$ip1"

# In a VLAN, and in a tunnel, whose bulk data cross in GSO frames
for n in 1 2; do
	ipb box$n <<-END
		link add eth0.7 link eth0 type vlan id 7
		addr add 198.18.7.$n/24 dev eth0.7
		link set eth0.7 up
		link add tun0 type vxlan id 7 remote ${ip1%.*}.$([ $n = 1 ] && echo 251 ||
			echo "${ip1##*.}") dstport 4789 dev eth0
		addr add 198.18.8.$n/24 dev tun0
		link set tun0 up
	END
done
serve box2 BOX2 tcp,198.18.7.2,9001 tcp,198.18.8.2,9001
dropped=$(net_counter net1 drop_malformed)
is "a transfer within a VLAN" \
	"$(on box1 "$PROGS/peer" stream tcp,198.18.7.2,9001 2000000)" "whole 2000000"
is "a transfer in a tunnel" \
	"$(on box1 "$PROGS/peer" stream tcp,198.18.8.2,9001 2000000)" "whole 2000000"
is "nothing was taken for malformed" "$(net_counter net1 drop_malformed)" "$dropped"
gso() {
	[[ $(ipn box1 -s -s link show dev eth0) =~ TX:[^0-9]+([0-9]+)\ +([0-9]+) ]] &&
		[ $((BASH_REMATCH[1] / BASH_REMATCH[2])) -gt 1600 ]
}
ok "frames were longer than the wire's" gso

# The listing, from outside
is "both are listed, with network, name inside and namespace" \
	"$(natives '"\(.network) \(.name) \(.netns)"' | sort)" \
	"$(printf 'net1 eth0 %s\n' "${NS[box1]}" "${NS[box2]}" | sort)"
like "the text says so too" "$("$VNETSHARE" port show)" "native"
is "an unprivileged look at the link inside shows its network's MTU" \
	"$(ipn box1 -j link show dev eth0 | jq '.[0].mtu')" \
	"$(cat /sys/class/net/net1/mtu)"

# It comes and goes with its ends
must ipn box1 link set eth0 down
ok "a port that is down passes nothing" no_answer vm1 "$ip1"
must ipn box1 link set eth0 up
ok "up again, it passes" wait_for 5 pings vm1 "$ip1"
must ip link set net1 down
is "the network down, the port loses its carrier" \
	"$(ipn box1 -j link show dev eth0 | jq -r '.[0].flags | index("LOWER_UP")')" \
	"null"
must ip link set net1 up
ok "the network up, the container reaches it" wait_for 5 pings box1 "$ip1"

id=$(natives .id | head -n 1)
refuse "port del does not guess which of two of one name is meant" \
	"$VNETSHARE" port del eth0 network net1
ok "by its number, port del works from outside the namespace" \
	"$VNETSHARE" port del eth0 network net1 id "$id"
ok "the container's card is gone" no_card box1
ok "a namespace that ends" ns_gone "${NS[box2]}"
ok "takes its port along" wait_for 10 no_natives
ok "the VM goes on" pings vm1 $WWW4

finish
