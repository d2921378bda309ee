#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# Devices around bridged networks. The uplink's loss and return are announced once
# each. A network that is no longer bridged forgets the IP addresses that it
# learned. A network on a device and one on a VLAN of that device hear each other.
# An uplink stays an Ethernet device. A device above a Wi-Fi station is treated as
# the station itself.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have "$PROGS/genl" || skip_all "genl is not built: needs libmnl and linux/vnetshare.h"

genl() { "$PROGS/genl" <<<"$1"; }
uplink() { net_json net1 '"\(.uplink) \(.uplink_auto) \(.uplink_state)"'; }
addresses() { genl "neigh_get dump neigh.network:idx:net1"; }
macnat() { net_json "$1" '"\(.macnat) \(.macnat_active)"'; }

topology
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode bridged uplink uplink0
vm_add vm1 net1
vm_static vm1 192.0.2.21/24
watch_events

# Down and up: the uplink's state is announced, in one event or more
event_mark
must ip link set uplink0 down
event "an uplink that goes down is announced" \
	"^change network net1 mode bridged to uplink0, no carrier"
must ip link set uplink0 up
event "an uplink that comes up is announced" "^change network net1 mode bridged to uplink0 [^,]*$"
ok "(that is settled)" wait_for 8 device_is host uplink0 .operstate UP
must "$VNETSHARE" network set net1 ageing 200
event "(the monitor is up to date)" "^change network net1 .*ageing 200"
is "each is announced once" "$(events | grep '^change network net1 ' | grep -vc 'ageing 200')" 2 ||
	note "$(events)"

# By itself, and chosen
is "a named uplink is no chosen one" "$(uplink)" "uplink0 false up"
like "a request that says nothing but that it is" \
	"$(genl "network_set network.ifindex:idx:net1 network.uplink_auto:u8:1")" '^OK'
is "the request takes effect" "$(uplink)" "uplink0 true up"
like "the other way round, too" \
	"$(genl "network_set network.ifindex:idx:net1 network.uplink_auto:u8:0")" '^OK'
is "the opposite request takes effect" "$(uplink)" "uplink0 false up"

# Known IP addresses
ok "a VM reaches the LAN" wait_for 5 pings vm1 "${VM4[lan1]}"
like "its IP address is known" "$(addresses)" '^OK [1-9]'
must "$VNETSHARE" network set net1 mode isolated uplink auto
is "in another mode none is" "$(addresses)" "OK 0"
must "$VNETSHARE" network set net1 mode bridged uplink uplink0
# (which it learns as the VM asks for the other's)
must ipn vm1 neigh flush dev eth0
ok "bridged again, the VM reaches the LAN" wait_for 5 pings vm1 "${VM4[lan1]}"
like "its IP address is known again" "$(addresses)" '^OK [1-9]'

# A network on the device, and one on a VLAN of that
must ip link add link uplink0 name uplink0.5 type vlan id 5
defer ip link del uplink0.5
must ip link set uplink0.5 up
net_add net2 mode bridged uplink uplink0.5
vm_add vm2 net2
capture vm1 vm1 eth0 -Q "in" ether src "${VM_MAC[vm2]}"
capture vm2 vm2 eth0 -Q "in" ether src "${VM_MAC[vm1]}"
capture wire router l-host -Q "in" ether src "${VM_MAC[vm2]}"
must on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" encap=8100000588b5 len=200
ok "a VM's frame to all in the VLAN comes to a VM there" seen vm2 'length 214:'
must on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" len=201
ok "one from there to all comes back, tagged" seen vm1 'length 219: vlan 5,'
must on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" dst="${VM_MAC[vm1]}" len=202
ok "a frame to that VM alone reaches it" seen vm1 'length 220: vlan 5,'
must on vm2 "$PROGS/frame" eth0 src="${VM_MAC[vm2]}" len=203
ok "those to all go to the LAN" seen wire 'length 221: vlan 5,'
unlike "the one to the VM alone did not" "$(<"$TMP/cap.wire")" 'length 220:'

# A bond without devices takes over the type of its first
modprobe bonding max_bonds=0
defer rmmod bonding

# Packets that a device merges (LRO) could not be sent on: it is turned off meanwhile
lro() { [[ $(ethtool -k b1) =~ large-receive-offload:\ ([a-z]+) ]] && echo "${BASH_REMATCH[1]}"; }
must ip link add b1 type bond
must ip link set b1 up
is "a device with large receive offload" "$(lro)" on
must "$VNETSHARE" network add net9 mode bridged uplink b1
is "as uplink: off" "$(lro)" off
must "$VNETSHARE" network del net9
is "large receive offload is on again" "$(lro)" on
must "$VNETSHARE" network add net9 dhcp off
must "$VNETSHARE" port add b1 network net9
is "as port: off" "$(lro)" off
must "$VNETSHARE" port del b1
is "large receive offload is on again" "$(lro)" on
must "$VNETSHARE" network del net9
must ip link del b1

must ip link add bond0 type bond mode active-backup
defer ip link del bond0
net_add net3 mode bridged uplink bond0
if ip tuntap add tun0 mode tun 2>/dev/null; then
	defer ip link del tun0
	refuse "an uplink can not become another sort of device" ip link set tun0 master bond0
	is "it is still Ethernet" "$(device host bond0 .link_type)" ether
else
	skip "an uplink can not become another sort of device" "no tun"
fi

# A station takes no frames for other addresses, nor do the VLANs on it
wlan=
if modprobe mac80211_hwsim radios=1 2>/dev/null; then
	defer rmmod mac80211_hwsim
	for path in /sys/class/ieee80211/*/device/net/*; do
		wlan=${path##*/}
	done
fi
if [ -n "$wlan" ] && ip link add link "$wlan" name wlan.5 type vlan id 5 2>/dev/null; then
	defer ip link del wlan.5
	net_add net4 mode bridged uplink wlan.5
	is "a VLAN of a Wi-Fi station: VMs have its address by themselves" "$(macnat net4)" "auto true"
	refuse "macnat can not be off" "$VNETSHARE" network set net4 macnat off
	is "nothing came of that" "$(macnat net4)" "auto true"
else
	skip "a VLAN of a Wi-Fi station: VMs have its address by themselves" "no such device here"
fi

finish
