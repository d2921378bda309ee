#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A Linux bridge that a network joins and leaves keeps its MAC address and its
# MTU; by itself it would take the lowest of its ports'. The network has the MTU
# of the device that it is bridged to, unless another is set.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

mtu() { device host "$1" .mtu; }
mode() { net_json net1 '"\(.mode) \(.mtu)"'; }
# refused DESCRIPTION REGEX COMMAND...: with a message
refused() {
	local out

	if out=$("${@:3}" 2>&1); then
		fail "$1" "it was done"
	else
		like "$1" "$out" "$2"
	fi
}

topology
lan_add lan1 77
# (a made-up one might be as high as a network's gets)
must ip link set uplink0 address 52:54:00:00:00:01

# The MTU of a device
must ip link set uplink0 mtu 1400
must "$VNETSHARE" network add net1 mode bridged uplink uplink0
defer net_del net1
is "a network has its uplink's MTU" "$(mode)" "bridged 1400"
must "$VNETSHARE" network del net1
must "$VNETSHARE" network add net1 mode bridged uplink uplink0 mtu 1300
is "unless told otherwise" "$(mode)" "bridged 1300"
is "the uplink keeps its own" "$(mtu uplink0)" 1400
must "$VNETSHARE" network del net1
must ip link set uplink0 mtu 1500

# The host's addresses are on a Linux bridge
ip addr flush dev uplink0 scope global
ipb host <<-END
	link add br0 type bridge mcast_snooping 0
	link set uplink0 master br0
	link set br0 up
	addr add $HOST4/24 dev br0
END
defer ip link del br0
wait_for 10 pings host "${VM4[lan1]}" || bail "no LAN by the bridge"
mac=$(mac_of host br0)
is "(the bridge has the address of its port)" "$mac" "$(mac_of host uplink0)"

# The lowest address
low=02:00:00:00:00:01
must "$VNETSHARE" network add net1 mode isolated mac $low
is "a network has a low address" "$(mac_of host net1)" $low
must "$VNETSHARE" network set net1 mode bridged uplink br0
vm_add vm1 net1
vm_static vm1 192.0.2.21/24
is "the bridge that it joins keeps its own" "$(mac_of host br0)" "$mac"
ok "a VM reaches the host" wait_for 5 pings vm1 $HOST4
ok "the VM reaches the LAN" wait_for 5 pings vm1 "${VM4[lan1]}"
must "$VNETSHARE" network set net1 mode isolated uplink auto
is "the bridge that it leaves does, too" "$(mac_of host br0)" "$mac"
is "the network has its address again" "$(mac_of host net1)" $low
must "$VNETSHARE" network set net1 mode bridged uplink uplink0
is "likewise by the bridge's port" "$(mac_of host br0)" "$mac"
must ip link set net1 nomaster
joined() { [ -e /sys/class/net/br0/brif/net1 ]; }
ok "taken out by ip(8), the network joins again" wait_for 5 joined
is "the bridge still has its own MAC address" "$(mac_of host br0)" "$mac"

# MAC addresses that are set on the network while it is the bridge's port
refused "a lower one than the bridge's is refused" "would take over" \
	"$VNETSHARE" network set net1 mac $low
refuse "by ip(8) as well" ip link set net1 address $low
is "the bridge still has its own" "$(mac_of host br0)" "$mac"
other=fe:ff:ff:00:00:02
ok "a higher one is not" "$VNETSHARE" network set net1 mac $other
must "$VNETSHARE" network set net1 mode isolated uplink auto
is "the network keeps that when it leaves" "$(mac_of host net1)" $other

# An address as high as those of many taps
must ip link set uplink0 address fe:54:00:00:00:01
is "(which the bridge takes over)" "$(mac_of host br0)" fe:54:00:00:00:01
must "$VNETSHARE" network set net1 mac $low
must "$VNETSHARE" network set net1 mode bridged uplink br0
is "the bridge keeps its MAC address" "$(mac_of host br0)" fe:54:00:00:00:01
is "the network's is higher" "$(mac_of host net1)" fe:ff:ff:00:00:01

# A smaller MTU
refused "a smaller MTU than the bridge's is refused" "MTU|mtu" "$VNETSHARE" network set net1 mtu 1400
refuse "by ip(8) as well" ip link set net1 mtu 1400
is "the network's is as it was" "$(mode)" "bridged 1500"
is "the bridge's MTU is as before" "$(mtu br0)" 1500
ok "a larger one is not refused" "$VNETSHARE" network set net1 mtu 1600
is "the bridge does not take over the network's MTU" "$(mtu br0) $(mtu net1)" "1500 1600"
must "$VNETSHARE" network set net1 mode isolated uplink auto
must "$VNETSHARE" network set net1 mtu 1400
refused "a network of a smaller MTU does not join" "MTU is less than the Linux bridge's" \
	"$VNETSHARE" network set net1 mode bridged uplink br0
is "the network stays as it was" "$(mode)" "isolated 1400"
is "the bridge's MTU stays" "$(mtu br0)" 1500
must "$VNETSHARE" network del net1

# A bridge that was given an MTU does not follow its ports'
must ip link set br0 mtu 1450
must "$VNETSHARE" network add net1 mode bridged uplink uplink0
is "a network at a bridge's port has the bridge's MTU" "$(mode)" "bridged 1450"
is "the port's is as it was" "$(mtu uplink0)" 1500
ok "the host reaches the LAN" pings host "${VM4[lan1]}"

finish
