#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# The host notices nothing on its uplink while a bridged network is made, VMs come
# and go, its mode changes, it is deleted, and the module is removed: of a hundred
# echo requests a second none is lost, TCP transfers bring every byte, and
# addresses, routes, neighbours and the device's settings stay as they are.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# look: the host's configuration of the device
look() {
	ip -d -j link show dev uplink0 | jq -S '.[0] | del(.stats, .stats64)'
	ethtool -k uplink0
	ip -o addr show dev uplink0 | sed 's/ *\(valid\|preferred\)_lft [^ ]*//g'
	ip route show table all | grep -Ev 'dev (net1|p-vm)'
	ip -6 route show table all | grep -Ev 'dev (net1|p-vm)' | sed 's/ expires [^ ]*//'
	ip rule show
	# neighbours of before; VMs and link-local addresses may be added
	ip neigh show dev uplink0 | awk '/^(192.0.2|2001:db8:1:)[:.]+(7[78]|254|fe) / { print $1, $2, $3 }' |
		sort
	ip maddr show dev uplink0
	bridge fdb show dev uplink0
	tc qdisc show dev uplink0
	nft list ruleset
	grep -rs . /proc/sys/net/ipv[46]/conf/uplink0 /proc/sys/net/ipv[46]/neigh/uplink0
}
# the network needs the device to receive more frames than the host's
ours() { grep -Ev '"(promiscuity|allmulti)"|^02:00:00:00:01:.. self'; }
compare() { diff <(ours <"$TMP/before") <(look | ours); }

topology
topology6
lan_add lan1 77
lan_add lan2 78
serve_all lan1 host
for name in lan1 lan2; do
	wait_for 10 pings host "${VM4[$name]}" || bail "$name does not answer"
	wait_for 10 pings host "${VM6[$name]}" || bail "$name does not answer"
done
look >"$TMP/before"

beat out host "${VM4[lan1]}"
beat in lan2 "$HOST4"
beat six host "${VM6[lan1]}"
stream out host "${VM4[lan1]},9000" 200000
stream in lan2 "$HOST6,9000" 200000

net_add net1 mode bridged uplink uplink0
vm_lan vm1 net1 21
vm_lan vm2 net1 22 native
reaches "VMs reach the LAN" vm1 a=tcp,"${VM4[lan1]}",9000 b=tcp,"${VM6[lan1]}",9000
reaches "the VM reaches the host" vm2 a=tcp,$HOST4,9000 b=tcp,$HOST6,9000
is "the host's device is as it was" "$(compare)" ""

for i in 1 2 3; do
	must "$VNETSHARE" port del p-vm1
	must "$VNETSHARE" port add p-vm1 network net1
done
ok "a VM that came back reaches the LAN" wait_for 5 pings vm1 "${VM4[lan1]}"
for i in 1 2 3; do
	must "$VNETSHARE" network set net1 mode nat uplink auto
	must "$VNETSHARE" network set net1 mode bridged uplink uplink0
done
ok "bridged again, a VM reaches the LAN" wait_for 5 pings vm1 "${VM4[lan1]}"
is "the host's device is as it was" "$(compare)" ""
must "$VNETSHARE" network set net1 macnat on
ok "likewise with macnat" wait_for 5 pings vm1 "${VM4[lan1]}"
must "$VNETSHARE" network set net1 macnat auto
must ip link set net1 down
must ip link set net1 up
ok "the network down and up" wait_for 5 pings vm1 "${VM4[lan1]}"
must "$VNETSHARE" network del net1
is "deleted, it leaves no trace on the device" "$(look | diff "$TMP/before" -)" ""
must "$VNETSHARE" network add net1 mode bridged uplink uplink0
must "$VNETSHARE" port add p-vm1 network net1
ok "made anew, the VM reaches the LAN" wait_for 5 pings vm1 "${VM4[lan1]}"
must rmmod vnetshare
is "removing the module changes nothing on the host" "$(look | diff "$TMP/before" -)" ""

beat_ends "no echo to the LAN was lost" out
beat_ends "none from the LAN" in
beat_ends "none over IPv6" six
stream_ends "every byte to the LAN came back" out
stream_ends "so did every byte of a LAN machine, over IPv6" in

finish
