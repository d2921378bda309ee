#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# Attached devices that had another MTU than their network leave: deleted, moved to
# another namespace, with their peer's namespace, with the program that holds their
# tap, from the namespaces of an ordinary user. None leaves a reference behind, which
# would keep every namespace of the machine from ending: each one here is waited for.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

mtu_of() { device "$1" "$2" .mtu; }
# The kernel deletes a namespace's devices only when nobody refers to them any more.
link_gone() { ! ipn "$1" link show dev "$2"; }
forget() { must ip netns del "${NS[$1]}"; }
has_state() { on "$1" busybox test -e "/proc/sys/net/$2/conf/$3"; }
# net1's ports
ports_left() { "$VNETSHARE" -j port show | jq length; }
no_port() { [ "$(ports_left)" = 0 ]; }

# port_add NS NAME PEER: a veth there with MTU 1500, attached to net1 there
port_add() {
	must ipn "$1" link add "$2" mtu 1500 type veth peer name "$3"
	must ipn "$1" link set "$2" up
	must ipn "$1" link set "$2" master net1
}

# ms COMMAND...: how many milliseconds it takes, into $MS
ms() {
	local from=${EPOCHREALTIME/./}

	"$@" >/dev/null 2>&1
	MS=$(((${EPOCHREALTIME/./} - from) / 1000))
}

must ip link set lo up
must ip link add net1 mtu 1400 type vnetshare
must ip link set net1 up

# Deletion
times=()
for mtu in 1500 1400; do
	must ip link set net1 mtu "$mtu"
	port_add host p0 p1
	is "a port has the network's MTU of $mtu" "$(mtu_of host p0)" "$mtu"
	ms ip link del p0
	note "network's MTU $mtu: deletion of a port's device took $MS ms"
	times+=("$MS")
	ok "its device is gone" link_gone host p0
done
# The kernel looks again for a reference that is left after a fixed time of a second.
ok "another MTU makes a deletion no slower" \
	[ "${times[1]}" -lt $((times[0] * 2 + 800)) ]

# By hand, and by the network's deletion: the MTU of before comes back, and is told
port_add host p0 p1
must ip link set p0 nomaster
is "a released device has its MTU again" "$(mtu_of host p0)" 1500
must ip link set p0 master net1
must ip link set p0 mtu 1300
must ip link set p0 nomaster
is "one that was given another MTU meanwhile keeps that" "$(mtu_of host p0)" 1300
must ip link del p0

# Moves
ns_add old new
must ipn old link add net1 mtu 1400 type vnetshare
must ipn old link set net1 up
port_add old p0 p1
must ipn old link set p0 netns "${NS[new]}"
is "a device that moves has its MTU again" "$(mtu_of new p0)" 1500
for family in ipv4 ipv6; do
	refuse "no $family state of it is left where it was" has_state old "$family" p0
	ok "its $family state is where it is now" has_state new "$family" p0
done
must ipn new link set p0 up
must ipn new addr add 10.9.0.1/24 dev p0
ok "it takes an address there" ipn new route get 10.9.0.2
must ipn new link set p0 netns "${NS[old]}"
must ipn old link set p0 master net1
ok "it comes back and is a port again" device_is old p0 .master net1
must ipn old link set p0 netns "${NS[new]}"
must ipn new link del p0
ok "it can be deleted" link_gone new p0

# A device of which the far end's namespace ends
ns_add far
must ip link add p0 mtu 1500 type veth peer name far0 netns "${NS[far]}"
must ip link set p0 master net1
forget far
ok "the peer's namespace ends: the port goes" wait_for 20 link_gone host p0
ok "the network has no port" wait_for 5 no_port

# A tap, whose program ends
must ip tuntap add t0 mode tap
must ip link set t0 master net1
must ip tuntap del t0 mode tap
ok "a persistent tap goes" link_gone host t0
spawn "$TMP/tap" host "$PROGS/tap" t1
ok "a program holds a tap" wait_for 10 has_line "$TMP/tap" ready
must ip link set t1 master net1
is "the tap has the network's MTU" "$(mtu_of host t1)" 1400
stop "$SPAWNED"
ok "the tap is gone with it" wait_for 20 link_gone host t1

# An uplink of a bridged network, and a native port, in a namespace that ends
port_add old p0 p1
must ipn old link add up0 mtu 1300 type veth peer name up1 netns "${NS[new]}"
must ipn old link set up0 up
must "$VNETSHARE" -n "${NS[old]}" network add br1 mode bridged uplink up0
must ipn old link add c0 link net1 type vnetport
must ipn old link set c0 netns "${NS[new]}" mtu 1280
forget old
ok "a namespace ends with its network, port and uplink" wait_for 20 link_gone new up1
ok "a native port of its network goes too" wait_for 20 link_gone new c0

# The same from the namespaces of an ordinary user
# shellcheck disable=SC2016 # expanded by the inner shell
unprivileged() {
	setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urn sh -c '
		ip link add net1 mtu 1400 type vnetshare || exit
		ip link add p0 mtu 1500 type veth peer name p1
		ip link set p0 master net1 || exit
		unshare -n sh -c "echo; read -r _" <"$1" >"$2" & pid=$!
		read -r _ <"$2"
		ip link set p0 netns "$pid" || exit
		echo >"$1"
		wait "$pid"' - "$TMP/to" "$TMP/from"
}
mkfifo "$TMP/to" "$TMP/from"
chmod 711 "$TMP"
chmod 666 "$TMP/to" "$TMP/from"
exec {keep}<>"$TMP/to"
ok "an ordinary user moves a port out of a namespace that ends" unprivileged
exec {keep}>&-

# Namespaces end one after the other: this one is gone only behind all of the above
ns_add last
must ip link add l0 type veth peer name l1 netns "${NS[last]}"
forget last
ok "namespaces end as before" wait_for 20 link_gone host l0
must ip link del net1

finish
