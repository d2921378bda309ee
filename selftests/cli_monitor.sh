#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# "monitor" prints networks, ports, forwards and leases as they change, by
# whatever program, as text and as JSON, one line each.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# text DESCRIPTION REGEX: a line of the text output
text() {
	if wait_for 5 has_line "$TMP/text" "$2"; then
		pass "$1"
	else
		fail "$1" "no '$2' in:" "$(tail -n 20 "$TMP/text")"
	fi
}
# json DESCRIPTION FILTER: an object of the JSON output
json() {
	if wait_for 5 matches "$2"; then
		pass "$1"
	else
		fail "$1" "no '$2' in:" "$(tail -n 20 "$TMP/json")"
	fi
}
matches() { [ -n "$(jq -c "select($1)" "$TMP/json" 2>/dev/null)" ]; }

topology
net_add net0 dhcp off
spawn "$TMP/text" host "$VNETSHARE" monitor
spawn "$TMP/json" host "$VNETSHARE" -j monitor
spawn "$TMP/net1" host "$VNETSHARE" monitor net1
spawn "$TMP/nobody" host setpriv --reuid 65534 --regid 65534 --clear-groups \
	"$VNETSHARE" monitor
for file in text json net1 nobody; do
	wait_for 10 has_line "$TMP/$file" start || bail "monitor does not start"
done

net_add net1
text "a network" "^add network net1 mode nat"
json "in JSON" '.event == "add" and .object == "network" and .name == "net1" and .mode == "nat"'
vm_add vm1 net1
text "a port" "^add port p-vm1 network net1"
json "in JSON" '.event == "add" and .object == "port" and .name == "p-vm1" and .network == "net1"'
vm_dhcp vm1 || fail "the VM takes a lease"
ip1=$(vm_ip vm1)
text "a lease" "^add lease ${ip1//./\\.} network net1 mac ${VM_MAC[vm1]} name vm1"
json "in JSON" ".event == \"add\" and .object == \"lease\" and .address == \"$ip1\" and .name == \"vm1\""
must "$VNETSHARE" forward add net1 tcp 8080-8081 to "$ip1:80"
text "a forward" "^add forward .*8080-8081.* ${ip1//./\\.}:80"
json "in JSON" ".event == \"add\" and .object == \"forward\" and .port == 8080 and .to_address == \"$ip1\""
must "$VNETSHARE" network set net1 mode hostonly
text "a change of mode" "^change network net1 mode hostonly"
json "in JSON" '.event == "change" and .object == "network" and .mode == "hostonly"'
must "$VNETSHARE" network share net1 on
json "sharing" '.event == "change" and .name == "net1" and (.shared // .share)'
must "$VNETSHARE" network set net1 firewall host
json "the firewall's setting" '.event == "change" and .name == "net1" and .firewall == "host"'
must ip link set net1 mtu 1400
text "a change of MTU by ip(8)" "^change network net1 .*mtu 1400"
must "$VNETSHARE" port set p-vm1 mac "${VM_MAC[vm1]}" lock on
text "a lock" "^change port p-vm1 .*lock on"
json "in JSON" '.event == "change" and .object == "port" and .lock == true'
must "$VNETSHARE" forward del net1 all
text "a forward that goes" "^del forward "
json "in JSON" '.event == "del" and .object == "forward"'
must ip link set p-vm1 nomaster
text "a port that goes, by ip(8)" "^del port p-vm1 "
# (older kernels rename only what is down)
must ip link set net1 down
must ip link set net1 name net7
text "a new name" "^change network net7 "
must ip link set net7 name net1
must ip link set net1 up
must ip link del net1
text "a network that goes, by ip(8)" "^del network net1"
json "in JSON" '.event == "del" and .object == "network" and .name == "net1"'
must "$VNETSHARE" network del net0
text "the network that was there before" "^del network net0"

unlike "monitor NET tells of that one only" "$(<"$TMP/net1")" "net0"
like "all of it" "$(<"$TMP/net1")" "^add network net1"
is "every line of the JSON is an object" \
	"$(jq -c 'type' "$TMP/json" | sort -u)" '"object"'
like "an unprivileged user may watch" "$(<"$TMP/nobody")" "^add network net1"
pid=$SPAWNED
ok "monitor goes on waiting" test -d "/proc/$pid"
must kill -TERM "$pid"
ok "monitor ends at a signal" wait_for 5 gone "$pid"
spawn "$TMP/last" host "$VNETSHARE" monitor
wait_for 10 has_line "$TMP/last" start || bail "monitor does not start"
must rmmod vnetshare
ok "one ends when the module goes" wait_for 5 gone "$SPAWNED"
like "monitor says why it ends" "$(<"$TMP/last")" "module vnetshare has been removed"
must modprobe vnetshare

finish
