#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A named uplink is the only way out, wherever it leads. Without a name the host's
# routing table decides.

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
unlike "no neighbour was looked for on its link" "$(neighbours)" "$WWW4"
ok "it is counted" counter_above net1 drop_no_route 0
ok "an address on its link is reached" pings vm1 $ISP2

must ip route add default via $ISP2 dev up1 metric 500
like "with a route of its own: out that way" "$(who vm1)" "second provider"
like "behind that device's address" "$(<"$TMP/http2.log")" "$UP1"
like "the host itself goes the way it went" "$(fetch_host "http://$WWW4/")" \
	"far side"

# A rule of the host's own that would send it elsewhere, behind our routing: its
# OUTPUT chains see the VM's packets with "firewall host"
OTHER4=198.51.100.200
must "$VNETSHARE" network set net1 firewall host
serve inet FAR udp,$DNS4,9000 udp,$WWW4,9000
serve isp2 ISP2 udp,$ISP2,9000 udp,$WWW4,9000
must ip route add default via $ROUTER4 table 77
must ip rule add fwmark 7 table 77
defer ip rule del fwmark 7 table 77
defer ip route del default table 77
answers "firewall host: out by the uplink" 'yes ISP2 ' "$(ask vm1 a=udp,$WWW4,9000)"
host_nft <<-END
	table ip mine {
		chain translated {
			type nat hook output priority -100
			ip daddr $OTHER4 dnat to $DNS4
		}
		chain marked {
			type route hook output priority -150
			ip daddr $WWW4 udp dport 9000 counter meta mark set 7
		}
	}
END
dropped=$(net_counter net1 drop_no_route)
capture up host uplink0 -Q out "udp port 9000"
reaches_not "a mark that routes it elsewhere: it does not go there" vm1 a=udp,$WWW4,9000
ok "it is counted" counter_above net1 drop_no_route "$dropped"
reaches_not "a rule that translates the address opens no way" vm1 a=udp,$OTHER4,9000
is "nothing left there" "$(captured up)" ""
answers "the host itself goes there" 'yes FAR ' "$(ask host a=udp,$WWW4,9000)"
# (under an address to which nobody there has a way back)
ask host b=udp,$OTHER4,9000 >/dev/null
ok "by either rule" has_line "$TMP/heard.FAR" "^udp $UP1 .* $DNS4 9000"
must nft flush ruleset

must "$VNETSHARE" network set net1 firewall forward uplink auto
like "auto again: the routing table's way" "$(who vm1)" "far side"

finish
