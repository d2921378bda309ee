#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Plugging a device in: by ip(8) and by the command, with the same result; refused
# where it cannot work; undone without a trace.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

link() { ip -d -j link show dev "$1" | jq -r ".[0].$2"; }
has_carrier() { [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = "$2" ]; }
describe() { ip -d -j link show dev "$1" | jq -S 'del(.[] | .stats, .stats64)'; }

# refused DESCRIPTION REGEX COMMAND...: with a message for people
refused() {
	local desc=$1 msg=$2 out; shift 2

	if out=$("$@" 2>&1); then
		fail "$desc" "succeeded: $*"
	else
		like "$desc" "$out" "$msg"
	fi
}

net_add net1 dhcp off
net_add net2 dhcp off
gw=$(net_gw net1)
for i in 1 2; do
	ns_add vm$i
	must ip link add p$i type veth peer name eth0 netns "${NS[vm$i]}"
	must ip link set p$i up
	must ipn vm$i link set eth0 up
	vm_static vm$i "${gw%.*}.1$i/24" "$gw"
done

# Carrier, and both ways to plug in
ok "without a port there is no carrier" wait_for 5 has_carrier net1 0
describe p1 >"$TMP/p1"
must ip link set p1 master net1
ok "ip link set master plugs in" wait_for 5 pings vm1 "$gw"
ok "the network has a carrier" wait_for 5 has_carrier net1 1
like "the command lists the port" \
	"$("$VNETSHARE" -j port show | jq -c '.[] | [.name, .network, .type]')" \
	'^\["p1","net1","attached"\]$'
must "$VNETSHARE" port add p2 network net1
is "the command plugs in: ip(8) shows the master" "$(link p2 master)" net1
ok "the VMs reach each other" wait_for 5 pings vm1 "${gw%.*}.12"
must ipn vm1 link set eth0 down
ok "one port without carrier is not the network's end" has_carrier net1 1
must ipn vm2 link set eth0 down
ok "none with carrier is" wait_for 5 has_carrier net1 0
must ipn vm2 link set eth0 up
must ipn vm1 link set eth0 up
ok "one back brings it back" wait_for 5 has_carrier net1 1
must ip link set p2 nomaster
ok "unplugged by ip(8), it reaches nothing" no_answer vm2 "$gw"
is "and is listed no more" \
	"$("$VNETSHARE" -j port show | jq -r '.[].name')" p1
ok "unplugged by the command" "$VNETSHARE" port del p1
is "ip(8) shows no master" "$(link p1 master)" null
describe p1 >"$TMP/p1.after"
ok "the device is as it was" cmp "$TMP/p1" "$TMP/p1.after"

# MTU
must "$VNETSHARE" network set net1 mtu 1400
must "$VNETSHARE" port add p1 network net1
is "a port takes over the network's MTU" "$(link p1 mtu)" 1400
must "$VNETSHARE" network set net1 mtu 1450
is "and follows it" "$(link p1 mtu)" 1450
must ip link set net1 mtu 1420
is "set by ip(8) too" "$(link p1 mtu)" 1420
must "$VNETSHARE" port del p1
is "unplugged it has its own again" "$(link p1 mtu)" 1500
must "$VNETSHARE" network set net1 mtu 1500

# Devices that cannot be ports
refused "the loopback device is no port" "loopback|Ethernet" \
	"$VNETSHARE" port add lo network net1
refuse "not by ip(8) either" ip link set lo master net1
must "$VNETSHARE" port add p1 network net1
refused "a port of another network is refused, naming it" "net1" \
	"$VNETSHARE" port add p1 network net2
refused "a network is no port of another" . "$VNETSHARE" port add net2 network net1
refuse "not by ip(8) either" ip link set net2 master net1
refused "a network is no port of its own" . "$VNETSHARE" port add net1 network net1
must ip link add br0 type bridge
defer ip link del br0
must ip link set p2 master br0
refused "a port of a bridge is refused, naming it" "br0" \
	"$VNETSHARE" port add p2 network net1
must ip link set p2 nomaster
modprobe tun
if ip tuntap add tun0 mode tun; then
	refused "a device without Ethernet is refused" "Ethernet" \
		"$VNETSHARE" port add tun0 network net1
	ip link del tun0
fi
if modprobe mac80211_hwsim radios=1 2>/dev/null; then
	defer rmmod mac80211_hwsim
	wlan=$(basename "$(echo /sys/class/net/wlan*)")
	refused "a wireless station is refused" "bridge|wireless|Wi-Fi|own address" \
		"$VNETSHARE" port add "$wlan" network net1
else
	skip "a wireless station is refused" "no mac80211_hwsim"
fi
refused "one that is not there" "nodev0|No such|no device" \
	"$VNETSHARE" port add nodev0 network net1
refused "a network that is not there" "nonet|No such|no network" \
	"$VNETSHARE" port add p2 network nonet
is "nothing of that plugged in" \
	"$("$VNETSHARE" -j port show | jq -r '[.[].name] | join(" ")')" p1

# Frames of a guest with segmentation offload cross whole
for t in tap0 tap1; do
	must ip tuntap add $t mode tap vnet_hdr
	defer ip link del $t
	must ip link set $t up
	must "$VNETSHARE" port add $t network net1
done
out=$("$PROGS/tapgso" tap0 tap1 02:00:00:00:07:01 02:00:00:00:07:02 \
	"${gw%.*}.21" "${gw%.*}.22" 2>&1)
is "a segment of 40 kB crosses from tap to tap in one piece" "$out" \
	"frame 40054 gso 1 1448"

# A port renamed, a network renamed, a port moved away
must ip link set p1 down
must ip link set p1 name q1
is "a renamed port is listed by its new name" "$("$VNETSHARE" -j port show |
	jq -r '[.[].name] | index("q1") != null')" true
must ip link set q1 name p1
must ip link set p1 up
ns_add away
must ip link set p1 netns "${NS[away]}"
is "a port that moves to another namespace is none any more" \
	"$("$VNETSHARE" -j port show | jq -r '[.[].name] | index("p1")')" null
must ipn away link set p1 netns 1
must ip link set p1 up
must ip link set p1 master net1
ok "back again it is plugged in anew" wait_for 5 pings vm1 "$gw"

finish
