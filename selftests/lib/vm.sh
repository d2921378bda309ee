# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Networks, port forwards and VMs (namespaces behind a port), and their state as the
# command shows it.

declare -A VM_MAC=()
VM_COUNT=0

# net_add NAME [KEY VALUE...]: a network that the end of the test deletes
net_add() {
	must "$VNETSHARE" network add "$@" ${VNS_FASTPATH:+fastpath "$VNS_FASTPATH"}
	defer net_del "$1"
}

net_del() {
	[ ! -e "/sys/class/net/$1" ] || "$VNETSHARE" network del "$1"
}

# net_gw NAME: the network's first address
net_gw() { ip4_of host "$1"; }

# net_gw6 NAME: likewise of IPv6
net_gw6() { ip6_of host "$1"; }

# net_json NAME FILTER: of the output of network show
net_json() { "$VNETSHARE" -j network show "$1" | jq -r ".[0] | $2"; }

# forward_json NAME FILTER: of the output of forward show, an array
forward_json() { "$VNETSHARE" -j forward show "$1" | jq -r "$2"; }

# forward_id NAME PORT: the number of the forward that begins at that port
forward_id() { forward_json "$1" ".[] | select(.port == $2) | .id"; }

# net_counter NAME COUNTER
net_counter() {
	local out

	out=$(ethtool -S "$1")
	out=${out##*"$2": }
	echo "${out%%$'\n'*}"
}

counter_is() { [ "$(net_counter "$1" "$2")" -eq "$3" ]; }
counter_above() { [ "$(net_counter "$1" "$2")" -gt "$3" ]; }

# The processes of a network's DHCP and DNS; nothing when there are none
dnsmasq_pid() { cat "/run/vnetshare/$1/dnsmasq.pid" 2>/dev/null; }
supervisor_pid() { awk '/^PPid:/ { print $2 }' "/proc/$(dnsmasq_pid "$1")/status"; }

no_dhcp_left() {
	! pgrep -f "/run/vnetshare/[^ ]*/dnsmasq.conf" &&
		! pgrep -f "^vnetshare: DHCP" && [ -z "$(ls /run/vnetshare)" ]
}

# vm_add NAME NET [native]: a namespace plugged into NET, no address yet
vm_add() {
	local name=$1 net=$2 type=${3:-veth}

	ns_add "$name"
	mkdir -p "/etc/netns/${NS[$name]}"
	: >"/etc/netns/${NS[$name]}/resolv.conf"
	VM_COUNT=$((VM_COUNT + 1))
	VM_MAC[$name]=$(printf '02:00:00:00:01:%02x' $VM_COUNT)
	if [ "$type" = native ]; then
		must "$VNETSHARE" port add "p-$name" network "$net" type native
		ip link set "p-$name" netns "${NS[$name]}" name eth0 \
			address "${VM_MAC[$name]}" || bail "move of p-$name"
	else
		ip link add "p-$name" type veth peer name eth0 \
			netns "${NS[$name]}" address "${VM_MAC[$name]}" ||
			bail "veth p-$name"
		must ip link set "p-$name" up
		must "$VNETSHARE" port add "p-$name" network "$net"
	fi
	must ipn "$name" link set eth0 up
}

# vm_dhcp NAME [OPTION...]: configure eth0 by DHCP; the lease is in $TMP/lease.NAME
vm_dhcp() {
	rm -f "$TMP/lease.$1"
	on_vm "$1" env LEASE="$TMP/lease.$1" timeout $((30 * SCALE)) \
		busybox udhcpc -f -q -n -t $((10 * SCALE)) -T 1 -A 1 -i eth0 \
		-x "hostname:$1" -O mtu -s "$SELF/lib/udhcpc.script" "${@:2}" \
		>"$TMP/udhcpc.$1" 2>&1 </dev/null
}

# vm_up NAME NET [native]: plugged in and configured
vm_up() {
	vm_add "$@"
	vm_dhcp "$1" || bail "$1 gets no lease: $(tail -n 3 "$TMP/udhcpc.$1")"
}

# vm_static NAME ADDRESS/LENGTH [GATEWAY]
vm_static() {
	must ipn "$1" addr add "$2" dev eth0
	[ -z "${3:-}" ] || must ipn "$1" route add default via "$3"
}

# vm_ip NAME
vm_ip() { ip4_of "$1" eth0; }

# vm_set NAME NET N: plugged in, with the addresses .N and ::N of its subnets,
# which are in VM4 and VM6 from then on
vm_set() {
	local gw4 gw6

	vm_add "$1" "$2"
	gw4=$(net_gw "$2")
	gw6=$(net_gw6 "$2") || bail "$2 has no IPv6 address"
	VM4[$1]=${gw4%.*}.$3
	VM6[$1]=${gw6%::*}::$3
	ipb "$1" <<-END
		addr add ${VM4[$1]}/24 dev eth0
		addr add ${VM6[$1]}/64 dev eth0 nodad
		route add default via $gw4
		route add default via $gw6
	END
}

# vm_lan NAME NET N [native]: plugged into a bridged network, with the addresses
# .N and ::N of the LAN
vm_lan() {
	vm_add "$1" "$2" "${4:-veth}"
	VM4[$1]=192.0.2.$3
	VM6[$1]=2001:db8:1::$3
	ipb "$1" <<-END
		addr add ${VM4[$1]}/24 dev eth0
		addr add ${VM6[$1]}/64 dev eth0 nodad
		route add default via $ROUTER4
		route add default via $ROUTER6
	END
}

# vm_ra NAME: wait until the VM has an IPv6 address and a default route
vm_ra() {
	wait_for 20 ip6_of "$1" eth0 && wait_for 20 has_route6 "$1"
}
has_route6() { [ -n "$(ipn "$1" -6 route show default)" ]; }

# ---------------------------------------------------------------- events

# watch_events: the output of "monitor" goes to $TMP/events from now on
watch_events() {
	spawn "$TMP/events" host "$VNETSHARE" monitor
	wait_for 10 has_line "$TMP/events" start || bail "monitor does not start"
}

# event_mark: events so far do not count any more
event_mark() { EVENTS_SEEN=$(wc -l <"$TMP/events"); }
EVENTS_SEEN=0

# event DESCRIPTION REGEX: an event since the mark
event() {
	if wait_for 8 said "$2"; then
		pass "$1"
	else
		fail "$1" "no '$2' in:" "$(events)"
	fi
}
events() { tail -n +$((EVENTS_SEEN + 1)) "$TMP/events"; }
said() { matching "$(events)" "$1"; }

# no_event DESCRIPTION REGEX
no_event() { unlike "$1" "$(events)" "$2"; }
