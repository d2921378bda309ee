#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A VM's DHCP lease, the names that resolve for it, and the subnet that a network
# gets.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

lease() { sed -n "s/^$2='\(.*\)'$/\1/p" "$TMP/lease.$1"; }
resolve() { on_vm "$1" getent ahostsv4 "$2" | awk 'NR == 1 { print $1 }'; }
subnet() { ip -j -4 addr show dev "$1" |
	jq -r '.[0].addr_info[0] | "\(.local)/\(.prefixlen)"'; }

topology
inet_dns
inet_http
net_add net1
net_add net2 mtu 1400 subnet 10.99.0.1/24
vm_up vm1 net1
vm_up vm2 net1
vm_up vm3 net2

# The lease
gw=$(net_gw net1)
is "the router is the gateway" "$(lease vm1 router)" "$gw"
is "the DNS server is the gateway" "$(lease vm1 dns)" "$gw"
is "the MTU is the network's" "$(lease vm1 mtu)" 1500
is "the other network's is its own" "$(lease vm3 mtu)" 1400
is "the domain is the network's" "$(lease vm1 domain)" net1.internal
is "the other network's is its own" "$(lease vm3 domain)" net2.internal
is "a subnet that was asked for" "$(subnet net2)" 10.99.0.1/24
like "its leases come from it" "$(vm_ip vm3)" '^10\.99\.0\.[0-9]+$'
like "lease show lists address, MAC and name" \
	"$("$VNETSHARE" lease show net1)" "$(vm_ip vm1).*vm1"
is "as JSON too" "$("$VNETSHARE" -j lease show net1 | jq -r '[.[].name] | sort | join(" ")')" \
	"vm1 vm2"

# Names
is "an Internet name resolves" "$(resolve vm1 www.example.test)" $WWW4
is "a VM's short name" "$(resolve vm1 vm2)" "$(vm_ip vm2)"
is "its full name" "$(resolve vm1 vm2.net1.internal)" "$(vm_ip vm2)"
is "its address has a name" "$(on_vm vm1 getent hosts "$(vm_ip vm2)" | awk '{ print $2 }')" \
	vm2.net1.internal
is "another network's name does not" "$(resolve vm1 vm3.net2.internal)" ""
is "the name resolves in its own network" "$(resolve vm3 vm3.net2.internal)" "$(vm_ip vm3)"
unlike "names of VMs are not asked of the Internet" "$(cat "$TMP/dns.log")" \
	"query.* vm[0-9.]*net1\.internal|query.* vm[123] "
refuse "the host's uplink has no DNS server of a network's" \
	on router busybox nslookup -timeout=1 vm1.net1.internal "$HOST4"
resolves() { [ "$(resolve vm1 "$1")" = "$2" ]; }
spawn "$TMP/dns2.log" inet dnsmasq --keep-in-foreground --conf-file=/dev/null \
	--no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
	--listen-address=198.51.100.2 --host-record=new.example.test,198.51.100.2
wait_for 10 listens inet 198.51.100.2:53 || bail "no second DNS server"
resolv_conf 198.51.100.2
ok "a change of the host's resolvers is followed" \
	wait_for 10 resolves new.example.test 198.51.100.2

# Renewing: the same VM keeps its address
ip1=$(vm_ip vm1)
vm_dhcp vm1
is "a VM that asks again keeps its address" "$(vm_ip vm1)" "$ip1"
pid=$(dnsmasq_pid net1)
kill -KILL "$pid"
another() { [ -n "$(dnsmasq_pid net1)" ] && [ "$(dnsmasq_pid net1)" != "$pid" ]; }
wait_for 10 another
vm_dhcp vm1
is "also of a dnsmasq that was restarted" "$(vm_ip vm1)" "$ip1"

# Free subnets: taken ones are avoided, by address or by route
like "auto picks a private /24" "$(subnet net1)" \
	'^(10\.[0-9]+\.[0-9]+|172\.(1[6-9]|2[0-9]|3[01])\.[0-9]+|192\.168\.[0-9]+)\.1/24$'
must "$VNETSHARE" network del net1
first=${gw%.*}
must ip route add "$first.128/25" via $ROUTER4
defer ip route del "$first.128/25"
net_add net1
unlike "auto avoids what a route takes, even in part" "$(subnet net1)" "^$first\."
must "$VNETSHARE" network del net1
must ip route add 10.0.0.0/8 via $ROUTER4
must ip route add 172.16.0.0/12 via $ROUTER4
must ip addr add 192.168.0.5/17 dev uplink0
net_add net1
like "auto finds the corner that is left" "$(subnet net1)" \
	'^192\.168\.(12[89]|1[3-9][0-9]|2[0-9]{2})\.1/24$'
must "$VNETSHARE" network del net1
must ip addr add 192.168.128.5/17 dev uplink0
out=$("$VNETSHARE" network add net1 2>&1)
result $((!$?)) "with none left, network add fails"
like "the message names the subnet" "$out" "subnet"
ok "no network is made" test ! -e /sys/class/net/net1
ipb host <<-END
	addr del 192.168.0.5/17 dev uplink0
	addr del 192.168.128.5/17 dev uplink0
	route del 10.0.0.0/8
	route del 172.16.0.0/12
END
out=$("$VNETSHARE" network add net1 subnet 10.99.0.0/16 2>&1)
result $((!$?)) "a subnet that overlaps another network's is refused"
like "naming the other" "$out" "net2|10\.99\.0"
ok "no network is made" test ! -e /sys/class/net/net1

# No dnsmasq on the machine
mkdir "$TMP/empty"
: >"$TMP/empty/dnsmasq"
chmod 644 "$TMP/empty/dnsmasq"
dnsmasq=$(readlink -f "$(command -v dnsmasq)")
must mount --bind "$TMP/empty/dnsmasq" "$dnsmasq"
defer umount "$dnsmasq"
out=$("$VNETSHARE" network add net1 2>&1)
rc=$?
umount "$dnsmasq"
is "without dnsmasq: exit 1" $rc 1
like "with the package's name" "$out" "dnsmasq"
ok "no network is made" test ! -e /sys/class/net/net1 -a ! -e /run/vnetshare/net1
must "$VNETSHARE" network del net2
ok "nothing of it is left" wait_for 10 no_dhcp_left

finish
