#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A network changes nothing on the host except that it adds its own device;
# deleted, it leaves the host as it was. Compared: every net.* sysctl, the
# rulesets, routes, rules, addresses, links with their details, queueing,
# neighbour tables, listening sockets, the resolver's configuration, files, the
# module list.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# sysctls of DEVICE are left out; these move by themselves:
VOLATILE='nf_conntrack_count|tcp_fastopen_key|/stat/|netfilter/nf_log'

# look OUT: writes down all of that
look() {
	{
		echo "# sysctl"
		grep -rs . /proc/sys/net | grep -Ev "$VOLATILE" | sort
		echo "# link"
		ip -d -o link show | sed 's/^[0-9]*: //' | sort
		echo "# addr"
		ip -o addr show | sed 's/^[0-9]*: //; s/ *\(valid\|preferred\)_lft [^ ]*//g' | sort
		echo "# route"
		ip route show table all | sort
		ip -6 route show table all | sed 's/ expires [^ ]*//' | sort
		echo "# rule"
		ip rule show; ip -6 rule show
		echo "# nft"
		nft list ruleset
		for t in iptables-save ip6tables-save; do
			have $t && $t | grep -v '^#'
		done
		echo "# tc"
		tc qdisc show; tc filter show dev uplink0
		tc filter show dev uplink0 ingress
		echo "# sockets"
		# (not what closed connections of the tests before have left)
		ss -Hlnptuxa exclude time-wait 2>/dev/null | awk '{ print $1, $5 }' | grep -v '^u_' | sort
		echo "# files"
		sha256sum /etc/resolv.conf /etc/hosts
		find /run/vnetshare /etc/vnetshare /etc/dnsmasq.d | sort
		echo "# processes"
		pgrep -af 'dnsmasq|vnetshare:'
		echo "# modules"
		lsmod | awk '{ print $1 }' | grep -v '^vnetshare$' | sort
	} 2>/dev/null >"$1"
}

same() { diff "$1" "$2" | grep '^[<>]'; }

topology
inet_dns
inet_http
# rules and settings that a host may have
host_nft <<-END
	table inet mine {
		chain input {
			type filter hook input priority 0
			tcp dport 2222 drop
		}
	}
END
must ip rule add from 192.0.2.200 table 77
defer ip rule del from 192.0.2.200 table 77
must ip route add 198.51.100.77 via $ROUTER4 table 77
defer ip route del 198.51.100.77 table 77

# Without the module; what it needs is in the kernel by now
must rmmod vnetshare
look "$TMP/without"
must modprobe vnetshare
look "$TMP/with"
is "loading the module changes nothing" "$(same "$TMP/without" "$TMP/with")" ""

# The VM's end is the test's own: there before
ns_add vm1
mkdir -p "/etc/netns/${NS[vm1]}"
: >"/etc/netns/${NS[vm1]}/resolv.conf"
must ip link add p-vm1 type veth peer name eth0 netns "${NS[vm1]}"
must ip link set p-vm1 up
must ipn vm1 link set eth0 up
wait_for 5 test "$(cat /sys/class/net/p-vm1/carrier)" = 1
no_tentative() { [ -z "$(ip -6 addr show tentative)" ]; }
wait_for 10 no_tentative || fail "the host is quiet before the test"
look "$TMP/before"

# During: only lines that speak of the network's device or subnet may come
net_add net1
must "$VNETSHARE" port add p-vm1 network net1
vm_dhcp vm1 || fail "the VM takes a lease"
like "the VM downloads" "$(fetch vm1 http://www.example.test/)" "far side"
gw=$(net_gw net1)
look "$TMP/during"
gw6=$(net_gw6 net1)
OWN="net1|${gw%.*}\.|${gw6%1}|p-vm1|^/run/vnetshare\$|$(mac_of host net1)"
for when in before during; do
	grep -Ev "$OWN" "$TMP/$when" >"$TMP/$when.others"
done
is "while it runs, only its own device and subnet are new" \
	"$(same "$TMP/before.others" "$TMP/during.others")" ""
is "the host is no router" "$(cat /proc/sys/net/ipv4/ip_forward)" 0
is "IPv6 forwarding is off" "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 0
is "the uplink is not promiscuous" \
	"$(ip -d -j link show dev uplink0 | jq '.[0].promiscuity')" 0
is "route_localnet is off on other devices" \
	"$(grep -l 1 /proc/sys/net/ipv4/conf/*/route_localnet | grep -v '/net1/')" ""
is "the port keeps its own sysctls" \
	"$(grep -h '/conf/p-vm1/\|/neigh/p-vm1/' "$TMP/before" | md5sum)" \
	"$(grep -h '/conf/p-vm1/\|/neigh/p-vm1/' "$TMP/during" | md5sum)"
is "only the port's master and its queue of addresses change" \
	"$(ip -d -j link show dev p-vm1 | jq -r '.[0] | .mtu, .operstate')" \
	"$(printf '1500\nUP')"

# After
must "$VNETSHARE" network del net1
wait_for 10 no_dhcp_left
back() { look "$TMP/after"; cmp "$TMP/before" "$TMP/after"; }
wait_for 5 back
is "after network del the host is as it was" "$(same "$TMP/before" "$TMP/after")" ""
must "$VNETSHARE" network add net1
must "$VNETSHARE" port add p-vm1 network net1
vm_dhcp vm1
fetch vm1 http://www.example.test/ >/dev/null
must rmmod vnetshare
wait_for 10 no_dhcp_left
wait_for 5 back
is "also after rmmod" "$(same "$TMP/before" "$TMP/after")" ""

finish
