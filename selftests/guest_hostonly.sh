#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 360
#
# Two real guests, User-Mode Linux, on a hostonly network, which is shared and
# unshared while they run: each time the guests learn of the new route by
# themselves.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have linux.uml || skip_all "no user-mode-linux"
topology
topology6
inet_dns
net_add net1 mode hostonly
mkdir "$TMP/sign"
for tap in guest0 guest1; do
	must ip tuntap add $tap mode tap
	defer ip link del $tap
	must ip link set $tap up
	must "$VNETSHARE" port add $tap network net1
done

cat >"$TMP/script" <<'END'
wait_sign() { until [ -e "$SIGN/$1" ]; do sleep 0.3; done; }
# look WHEN: prints which addresses answer, and the routes
look() {
	ping -c 1 -W 5 $GW >/dev/null && echo "$1 gateway"
	ping -c 1 -W 5 $PEER.net1.internal >/dev/null && echo "$1 peer"
	ping -c 1 -W 3 $WWW >/dev/null && echo "$1 far" || echo "$1 no-far"
	ping6 -c 1 $GW6 >/dev/null && echo "$1 gateway6"
	ping6 -c 1 -W 3 $WWW6 >/dev/null && echo "$1 far6" || echo "$1 no-far6"
	echo "$1 routes $(ip route | grep -c ^default) $(ip -6 route | grep -c ^default)"
	echo "$1 end"
}
# IPv6 is a module there
for m in lib/crc-ccitt net/ipv6/ipv6; do
	insmod /usr/lib/uml/modules/*/kernel/$m.ko
done
ip link set eth0 up
# it stays, and renews the lease when that is due
LEASE=/run/lease udhcpc -f -t 60 -T 1 -i eth0 -x hostname:$GUEST_NAME \
	-s "$SCRIPT" >/dev/null 2>&1 &
until [ -s /run/lease ]; do sleep 0.3; done
echo "address $(sed -n "s/^ip='\(.*\)'/\1/p" /run/lease)"
until ip -6 addr show dev eth0 scope global | grep -q inet6; do sleep 0.3; done
wait_sign hostonly
look hostonly
wait_sign shared
until ip route | grep -q ^default; do sleep 0.5; done
until ip -6 route | grep -q ^default; do sleep 0.3; done
look shared
wait_sign unshared
while ip -6 route | grep -q ^default; do sleep 0.3; done
look unshared
END

guests=()
# guest NAME PEER TAP MAC
guest() {
	"$SELF/lib/guest.sh" -a "$4" "$3" "$TMP/script" GUEST_NAME="$1" PEER="$2" WWW=$WWW4 \
		GW="$(net_gw net1)" GW6="$(net_gw6 net1)" WWW6=$WWW6 SIGN="$TMP/sign" \
		SCRIPT="$SELF/lib/udhcpc.script" >"$TMP/log.$1" 2>&1 </dev/null &
	guests+=($!)
	defer stop $!
}
guest one two guest0 02:00:00:00:05:01
guest two one guest1 02:00:00:00:05:02

# both DESCRIPTION REGEX SECONDS: the output of both guests
both() {
	local name

	for name in one two; do
		if wait_for "$3" has_line "$TMP/log.$name" "$2"; then
			pass "$name: $1"
		else
			fail "$name: $1" "$(tail -n 20 "$TMP/log.$name")"
		fi
	done
}

gw=$(net_gw net1)
both "a lease" "^address ${gw%.*}\.[0-9]+$" 90
: >"$TMP/sign/hostonly"
both "hostonly: looked around" "^hostonly end" 90
both "hostonly: the host answers" "^hostonly gateway$" 1
both "hostonly: over IPv6" "^hostonly gateway6$" 1
both "hostonly: the other guest answers, by name" "^hostonly peer$" 1
both "hostonly: the far side does not" "^hostonly no-far$" 1
both "hostonly: the far side does not answer over IPv6" "^hostonly no-far6$" 1
both "hostonly: no default route" "^hostonly routes 0 0$" 1

must "$VNETSHARE" network share net1 on
: >"$TMP/sign/shared"
# a lease of two minutes is renewed after one
both "shared: they learn of the router, and looked around" "^shared end" 150
both "shared: the host answers" "^shared gateway$" 1
both "shared: the other guest answers" "^shared peer$" 1
both "shared: the far side answers" "^shared far$" 1
both "shared: the far side answers over IPv6" "^shared far6$" 1
both "shared: default routes" "^shared routes 1 1$" 1

must "$VNETSHARE" network share net1 off
: >"$TMP/sign/unshared"
both "unshared: looked around" "^unshared end" 90
both "unshared: the host answers" "^unshared gateway$" 1
both "unshared: over IPv6" "^unshared gateway6$" 1
both "unshared: the other guest answers" "^unshared peer$" 1
both "unshared: the far side does not" "^unshared no-far$" 1
both "unshared: the far side does not answer over IPv6" "^unshared no-far6$" 1
wait "${guests[@]}"

finish
