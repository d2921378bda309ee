#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# A real guest, User-Mode Linux on a tap: it takes a lease, resolves a name,
# pings, and moves 20 MB each way over HTTP.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have linux.uml || skip_all "no user-mode-linux"
topology
inet_dns
inet_http
head -c 20000000 /dev/urandom >"$TMP/www/big"
SUM=$(sha256sum <"$TMP/www/big" | cut -c1-64)
net_add net1
must ip tuntap add guest0 mode tap
defer ip link del guest0
must ip link set guest0 up
must "$VNETSHARE" port add guest0 network net1

cat >"$TMP/guest.sh" <<'END'
ip link set eth0 up
LEASE=/run/lease udhcpc -q -n -t 20 -T 1 -i eth0 -x hostname:guest -O mtu \
	-s "$SCRIPT" >/dev/null 2>&1
echo "address $(sed -n "s/^ip='\(.*\)'/\1/p" /run/lease)"
ping -c 1 -W 5 "$WWW" >/dev/null && echo "ping"
ping -c 1 -W 5 www.example.test >/dev/null && echo "name"
ping -c 1 -W 5 guest.net1.internal >/dev/null && echo "own-name"
echo "download $(wget -q -O - http://www.example.test/big | sha256sum | cut -c1-64)"
echo "upload $(curl -sS -H Expect: -T "$BIG" -X POST \
	http://www.example.test/cgi-bin/upload | cut -c1-64)"
END
"$SELF/lib/guest.sh" -a 02:00:00:00:05:01 guest0 "$TMP/guest.sh" WWW=$WWW4 \
	SCRIPT="$SELF/lib/udhcpc.script" BIG="$TMP/www/big" >"$TMP/guest.log" 2>&1 \
	</dev/null &
GUEST=$!
defer stop $GUEST

guest_said() { has_line "$TMP/guest.log" "$1"; }
step() {
	local desc=$1 pattern=$2 seconds=$3

	if wait_for "$seconds" guest_said "$pattern"; then
		pass "$desc"
	else
		fail "$desc" "$(tail -n 20 "$TMP/guest.log")"
	fi
}

gw=$(net_gw net1)
step "the guest takes a lease" "^address ${gw%.*}\.[0-9]+$" 60
ip1=$(sed -n 's/^address //p' "$TMP/guest.log")
step "it pings the far side" "^ping" 20
step "it pings it by name" "^name" 20
step "its own name resolves" "^own-name" 20
step "20 MB come whole" "^download $SUM" 150
step "20 MB go whole" "^upload $SUM" 150
like "the lease is listed, by name" "$("$VNETSHARE" lease show net1)" \
	"02:00:00:00:05:01.*guest|guest.*02:00:00:00:05:01"
like "the host can reach the guest's address by then known" \
	"$("$VNETSHARE" -j lease show net1 | jq -r '.[].address')" "^${ip1//./\\.}$"
like "the far server's log shows the host's address" "$(cat "$TMP/http.log")" \
	"$HOST4:[0-9]+: url:/big"
unlike "the server does not see the guest's address" "$(cat "$TMP/http.log")" "${ip1//./\\.}"
wait $GUEST

finish
