#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A named uplink is the only way out, where it leads anywhere; without a name
# the host's routing table decides.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A second provider, who answers under the same address as the first
UP1=198.51.100.130 ISP2=198.51.100.254

who() { fetch "$1" "http://$WWW4/"; }
fetch_host() { timeout $((30 * SCALE)) busybox wget -q -O - "$1"; }
neighbours() { ip neigh show dev up1; }

topology
inet_http
ns_add isp2
ipb host <<-END
	link add up1 type veth peer name eth0 netns ${NS[isp2]}
	addr add $UP1/25 dev up1
	link set up1 up
END
defer ip link del up1
ipb isp2 <<-END
	addr add $ISP2/25 dev eth0
	link set eth0 up
	addr add $WWW4/32 dev lo
END
mkdir "$TMP/www2"
echo "hello from the second provider" >"$TMP/www2/index.html"
spawn "$TMP/http2.log" isp2 busybox httpd -f -vv -p "$WWW4:80" -h "$TMP/www2"
wait_for 10 listens isp2 "$WWW4:80" || bail "no web server at the second provider"
net_add net1
vm_up vm1 net1

like "auto: the routing table's way" "$(who vm1)" "far side"
must "$VNETSHARE" network set net1 uplink up1
like "a named uplink without a route: the VM is told" \
	"$(on vm1 ping -n -c 1 -W 5 $WWW4)" "Net Unreachable"
unlike "nobody was looked for on its link" "$(neighbours)" "$WWW4"
ok "it is counted" counter_above net1 drop_no_route 0
ok "what is on its link is reached" pings vm1 $ISP2

must ip route add default via $ISP2 dev up1 metric 500
like "with a route of its own: out that way" "$(who vm1)" "second provider"
like "behind that device's address" "$(<"$TMP/http2.log")" "$UP1"
like "the host itself goes the way it went" "$(fetch_host "http://$WWW4/")" \
	"far side"

must "$VNETSHARE" network set net1 uplink auto
like "auto again: the routing table's way" "$(who vm1)" "far side"

finish
