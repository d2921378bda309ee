#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# "uplink auto" is the device of the host's default route, chosen when it is asked
# for, and shown. The network follows an uplink that goes down, comes back, is
# renamed, moves to another namespace or disappears; each of these is announced,
# and so is a default route that moves to another device.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

V=$VNETSHARE
uplink() { net_json net1 '"\(.uplink) \(.uplink_auto) \(.uplink_state)"'; }
uplink_is() { [ "$(uplink)" = "$1" ]; }
carrier_is() { [ "$(</sys/class/net/net1/carrier)" = "$1" ]; }
# state DESCRIPTION UPLINK STATE: shown, and as the network's carrier
state() {
	local carrier=0

	[ "$3" != up ] || carrier=1
	ok "$1" wait_for 8 uplink_is "$2 $3" || note "it is $(uplink)"
	ok "$1: carrier" wait_for 5 carrier_is $carrier
}
# other_wire: a second way to the LAN
other_wire() {
	ipb host <<-END
		link add uplink1 type veth peer name l-host1 netns ${NS[router]}
		link set uplink1 up
	END
	ipb router <<-END
		link set l-host1 master lan0
		link set l-host1 up
	END
}
restore() {
	ipb host <<-END
		link set uplink0 up
		addr replace $HOST4/24 dev uplink0
		route replace default via $ROUTER4 dev uplink0
	END
}

topology
lan_add lan1 77
watch_events

# The choice
net_add net1 mode bridged uplink auto
is "auto is the device of the default route" "$(uplink)" "uplink0 true up"
like "the choice is shown" "$("$V" network show net1)" "mode bridged to uplink0 \(auto\)"
vm_add vm1 net1
vm_static vm1 192.0.2.21/24 $ROUTER4
ok "the VM is bridged to it" wait_for 5 pings vm1 "${VM4[lan1]}"
event "the choice is announced" "^add network net1 mode bridged to uplink0 \(auto\)"
other_wire
event_mark
must "$V" network set net1 uplink uplink1
is "a named one is what was asked for" "$(uplink)" "uplink1 false up"
ok "the VM is bridged to the new uplink" wait_for 5 pings vm1 "${VM4[lan1]}"
event "the new uplink is announced" "^change network net1 mode bridged to uplink1 "
must "$V" network set net1 uplink auto
is "auto again" "$(uplink)" "uplink0 true up"
must ip route del default
if out=$("$V" network add net2 mode bridged 2>&1); then
	"$V" network del net2
	fail "without a default route there is no auto" "$out"
else
	like "without a default route there is no auto, and it says so" "$out" "default route"
fi
ok "nothing was made" test ! -e /sys/class/net/net2
is "the chosen uplink stays" "$(uplink)" "uplink0 true up"
ipb host <<-END
	addr add 2001:db8:1::5/64 dev uplink1 nodad
	route add default via 2001:db8:1::fe dev uplink1
END
must "$V" network set net1 uplink auto
is "with one for IPv6 only it is that" "$(uplink)" "uplink1 true up"
must ip -6 route del default
restore
must "$V" network set net1 uplink auto
is "IPv4 comes first" "$(uplink)" "uplink0 true up"

# The default route goes elsewhere
event_mark
ipb host <<-END
	addr add 192.0.2.5/24 dev uplink1
	route replace default via $ROUTER4 dev uplink1
END
event "a default route elsewhere is announced" \
	"^default route is now by uplink1; network net1 stays on uplink0"
is "the uplink does not follow the default route" "$(uplink)" "uplink0 true up"
event_mark
restore
event "back again, too" "^default route is now by uplink0, and network net1 is on uplink0"

# Down and up, at either end
event_mark
must ip link set uplink0 down
state "the uplink goes down" "uplink0 true" no-carrier
event "the lost carrier is announced" "^change network net1 mode bridged to uplink0 \(auto\), no carrier"
ok "a VM is alone" no_answer vm1 "${VM4[lan1]}"
event_mark
restore
state "it comes up" "uplink0 true" up
event "the carrier is announced" "^change network net1 mode bridged to uplink0 \(auto\) [^,]*$"
ok "the VM is back" wait_for 5 pings vm1 "${VM4[lan1]}"
must ipn router link set l-host down
state "the other end goes down" "uplink0 true" no-carrier
must ipn router link set l-host up
state "it comes up" "uplink0 true" up
ok "the VM is back" wait_for 5 pings vm1 "${VM4[lan1]}"

# Another name
event_mark
must ip link set uplink0 down
must ip link set uplink0 name wan0
ipb host <<-END
	link set wan0 up
	addr replace $HOST4/24 dev wan0
	route replace default via $ROUTER4 dev wan0
END
state "a renamed uplink is followed" "wan0 true" up
event "the new name is announced" "^change network net1 mode bridged to wan0 \(auto\)"
ok "the VM is back" wait_for 5 pings vm1 "${VM4[lan1]}"
must ip link set wan0 down
must ip link set wan0 name uplink0
restore
state "and back" "uplink0 true" up

# To another namespace and back
must "$V" network set net1 uplink uplink0
ns_add away
event_mark
must ip link set uplink0 netns "${NS[away]}"
state "an uplink that moves away" "uplink0 false" not-connected
event "the loss of the uplink is announced" "^change network net1 mode bridged to uplink0, not connected"
must ipn away link set uplink0 netns 1
restore
state "and is taken again as it comes back" "uplink0 false" up
ok "the VM is back" wait_for 5 pings vm1 "${VM4[lan1]}"

# Gone and back
event_mark
must ip link del uplink0
state "an uplink that is deleted" "uplink0 false" not-connected
event "the loss of the uplink is announced" "^change network net1 mode bridged to uplink0, not connected"
ok "the port is still there" test -n "$("$V" -j port show p-vm1 | jq -r '.[0].name')"
ipb host <<-END
	link add uplink0 type veth peer name l-host netns ${NS[router]}
END
ipb router <<-END
	link set l-host master lan0
	link set l-host up
END
event_mark
restore
state "one of its name is taken" "uplink0 false" up
event "the return is announced" "^change network net1 mode bridged to uplink0 [^,]*$"
ok "the VM is back" wait_for 5 pings vm1 "${VM4[lan1]}"

# One that is not there yet
must ip link del uplink1
if "$V" network set net1 uplink uplink1 2>/dev/null; then
	state "waiting for a device that is not there" "uplink1 false" not-connected
	other_wire
	state "it comes" "uplink1 false" up
else
	pass "a device that is not there is refused"
	is "and nothing changed" "$(uplink)" "uplink0 false up"
fi

finish
