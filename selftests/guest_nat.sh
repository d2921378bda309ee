#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Two real guests, User-Mode Linux, on a nat network: they take leases, talk to
# each other, to the host and to the far side, over IPv4 and IPv6. A port forward
# makes a web server in the first guest reachable from the far side and from the
# second guest.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have linux.uml || skip_all "no user-mode-linux"
topology
topology6
inet_dns
inet_http
serve inet FAR udp,$WWW6,9000
net_add net1
mkdir "$TMP/sign"
for tap in guest0 guest1; do
	must ip tuntap add $tap mode tap
	defer ip link del $tap
	must ip link set $tap up
	must "$VNETSHARE" port add $tap network net1
done

cat >"$TMP/common" <<'END'
# IPv6 is a module there
for m in lib/crc-ccitt net/ipv6/ipv6; do
	insmod /usr/lib/uml/modules/*/kernel/$m.ko
done
ip link set eth0 up
LEASE=/run/lease udhcpc -q -t 60 -T 1 -i eth0 -x hostname:$GUEST_NAME -O mtu \
	-s "$SCRIPT" >/dev/null 2>&1
echo "address $(sed -n "s/^ip='\(.*\)'/\1/p" /run/lease)"
# wait_sign NAME: until the test gives it
wait_sign() { until [ -e "$SIGN/$1" ]; do sleep 0.3; done; }
END
cat "$TMP/common" - >"$TMP/one" <<'END'
mkdir /run/www
echo "hello from one" >/run/www/index.html
httpd -f -vv -p 80 -h /run/www &
wait_sign end
END
cat "$TMP/common" - >"$TMP/two" <<'END'
ping -c 1 -W 5 $GW >/dev/null && echo "gateway"
ping -c 1 -W 5 $WWW >/dev/null && echo "far"
wait_sign one
ping -c 1 -W 5 one.net1.internal >/dev/null && echo "one-by-name"
wget -q -O - http://one.net1.internal/ | sed 's/^/direct: /'
wget -q -O - http://www.example.test/ | sed 's/^/out: /'
until ip -6 route | grep -q ^default; do sleep 0.3; done
echo "address6 $(ip -6 -o addr show dev eth0 scope global | sed 's/.*inet6 \([^/]*\).*/\1/')"
ping6 -c 1 $GW6 >/dev/null && echo "gateway6"
ping6 -c 1 $WWW6 >/dev/null && echo "far6"
wait_sign forwarded
wget -q -O - http://$HOST:8080/ | sed 's/^/hairpin: /'
wait_sign end
END

guests=()
# guest NAME TAP MAC
guest() {
	"$SELF/lib/guest.sh" -a "$3" "$2" "$TMP/$1" GUEST_NAME="$1" WWW=$WWW4 HOST=$HOST4 \
		GW="$(net_gw net1)" GW6="$(net_gw6 net1)" WWW6=$WWW6 SIGN="$TMP/sign" \
		SCRIPT="$SELF/lib/udhcpc.script" >"$TMP/log.$1" 2>&1 </dev/null &
	guests+=($!)
	defer stop $!
}
guest one guest0 02:00:00:00:05:01
guest two guest1 02:00:00:00:05:02

# step DESCRIPTION GUEST REGEX SECONDS
step() {
	if wait_for "$4" has_line "$TMP/log.$2" "$3"; then
		pass "$1"
	else
		fail "$1" "$(tail -n 20 "$TMP/log.$2")"
	fi
}

gw=$(net_gw net1)
gw6=$(net_gw6 net1)
step "the first takes a lease" one "^address ${gw%.*}\.[0-9]+$" 90
ip1=$(sed -n 's/^address //p' "$TMP/log.one")
step "so does the second" two "^address ${gw%.*}\.[0-9]+$" 90
ip2=$(sed -n 's/^address //p' "$TMP/log.two")
: >"$TMP/sign/one"
must "$VNETSHARE" forward add net1 tcp 8080 to one:80
is "a forward to the first, by its name" "$(forward_json net1 '.[0].to_address')" "$ip1"
: >"$TMP/sign/forwarded"

served() { [[ $(on inet busybox wget -q -O - "http://$HOST4:8080/") == "hello from one" ]]; }
ok "the far side reaches the first's web server" wait_for 30 served
step "which sees the client's own address" one "198\.51\.100\.2]?:[0-9]+: (url|response)" 10
step "the second pings the gateway" two "^gateway$" 30
step "and the far side" two "^far$" 20
step "and the first, by name" two "^one-by-name$" 30
step "it reads the first's page" two "^direct: hello from one" 30
# by IPv6, where it has an address in time
step "whose log has its address" one \
	"(${ip2//./\\.}|${gw6%::*}:[0-9a-f:]+)]?:[0-9]+: (url|response)" 10
step "and the far server's" two "^out: hello from the far side" 30
step "it has an IPv6 address" two "^address6 ${gw6%::*}:" 60
step "it pings the gateway's" two "^gateway6$" 20
step "and the far side's" two "^far6$" 20
step "it reaches the first through the forward" two "^hairpin: hello from one" 30
step "the first sees the gateway there" one "${gw//./\\.}]?:[0-9]+: (url|response)" 10
unlike "the far server saw neither's address" "$(<"$TMP/http.log")" "${gw%.*}\.[0-9]+]?:"
is "the leases are listed, by name" "$("$VNETSHARE" -j lease show net1 |
	jq -r '[.[] | "\(.name) \(.address) \(.port)"] | sort | join(", ")')" \
	"one $ip1 guest0, two $ip2 guest1"
: >"$TMP/sign/end"
wait "${guests[@]}"

finish
