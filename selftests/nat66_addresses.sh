#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# IPv6 for VMs: a ULA prefix that the network keeps, router advertisements,
# stateless DHCPv6 and DNS, masquerade. The host is no router: it keeps its own
# address and default route, which come from router advertisements. When the host
# has no IPv6 route to the outside, VMs have none either.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

resolve6() { on_vm "$1" getent ahostsv6 "$2" | awk 'NR == 1 { print $1 }'; }
no_route6() { ! has_route6 "$1"; }
takes() { [[ $(ipn "$1" -6 addr show dev eth0) == *" $2"* ]]; }
prefix6() { net_json "$1" .subnet6; }

topology
topology6 ra
inet_dns --host-record="www6.example.test,$WWW6"
host6=$(ip6_of host uplink0)
like "the host has its address and route from the router" \
	"$(ip -6 route show default) $(ip -6 addr show dev uplink0)" "proto ra"
spawn "$TMP/changes" host ip -6 monitor address route
net_add net1
capture ra host net1 -Q out "icmp6[0] == 134"
vm_up vm1 net1
vm_add vm2 net1 native

# Addresses and routes
prefix=$(prefix6 net1)
like "the network has a /64 of the host's own" "$prefix" '^fd[0-9a-f]{2}(:[0-9a-f]{1,4}){1,3}::/64$'
gw6=$(net_gw6 net1)
is "the host is its first address" "$gw6" "${prefix%/64}1"
is "network show says so" "$(net_json net1 .gateway6)" "$gw6"
ok "a VM makes itself an address and learns its router" vm_ra vm1
ok "a VM on a native port has an address and a route" vm_ra vm2
ip1=$(ip6_of vm1 eth0)
like "the VM's address has that prefix" "$ip1" "^${prefix%::/64}:"
frames=$(captured ra)
like "the advertisement: addresses by SLAAC, the rest by DHCPv6" "$frames" \
	'Flags \[(.*, )?other stateful'
unlike "no addresses by DHCPv6" "$frames" 'Flags \[(.*, )?managed'
like "the prefix, for the link and for addresses" "$frames" \
	"prefix info option.*${prefix%/64}/64, Flags \[onlink, auto"
like "the DNS server" "$frames" "rdnss option.*$gw6"
like "the MTU" "$frames" "mtu option.*1500"

# Out
serve inet FAR tcp,$WWW6,80 udp,$WWW6,9000
answers "the far side answers, and sees the host's address" \
	"(yes FAR $host6 |icmp yes)" \
	"$(ask vm1 tcp=tcp,$WWW6,80 udp=udp,$WWW6,9000 icmp=icmp,$WWW6)"
answers "two VMs from one port" "yes FAR $host6 " \
	"$(ask vm1 a=udp,$WWW6,9000,::,5000; ask vm2 b=udp,$WWW6,9000,::,5000)"
is "from two ports of the host" \
	"$(awk '$1 == "udp" { print $3 }' "$TMP/heard.FAR" | sort -u | wc -l)" 3
ok "the session is an ordinary conntrack entry" has_line \
	<(conntracked ipv6 -s "$ip1") "dst=$WWW6.*dst=$host6 "
capture up host uplink0 -Q out ip6
reaches "a third time" vm1 udp=udp,$WWW6,9000
seen up "$WWW6" || fail "the datagram is captured"
unlike "nothing leaves with an address of a VM" "$(captured up)" "[ :]${prefix%::/64}:"

# Names
printf 'nameserver %s\n' "$gw6" >"/etc/netns/${NS[vm1]}/resolv.conf"
is "names are answered over IPv6" "$(resolve6 vm1 www6.example.test)" $WWW6
is "the gateway's, too" "$(resolve6 vm1 host.net1.internal)" "$gw6"
# an information request: options 23 (DNS) and 24 (domains), asked of all servers
capture dhcp6 vm1 eth0 -Q in "udp port 546"
on vm1 "$PROGS/frame" eth0 src="${VM_MAC[vm1]}" dst=33:33:00:01:00:02 \
	sip="$(ipn vm1 -6 -o addr show dev eth0 scope link |
		sed 's/.*inet6 \([^/]*\).*/\1/')" dip=ff02::1:2 sport=546 dport=547 \
	body="0b1234560001000a00030001${VM_MAC[vm1]//:}0006000400170018000800020000"
ok "stateless DHCPv6 answers" seen dhcp6 "dhcp6 reply"
like "with the DNS server and the domain" "$(captured dhcp6)" \
	"DNS-server $gw6.*DNS-search-list net1.internal|DNS-search-list net1.internal.*DNS-server $gw6"

# The host
is "the host does not forward" "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 0
is "the host has its address" "$(ip6_of host uplink0)" "$host6"
like "the host keeps its default route" "$(ip -6 route show default)" "via fe80::.* dev uplink0 proto ra"
is "the host takes no advertisements from VMs" \
	"$(cat /proc/sys/net/ipv6/conf/net1/accept_ra)" 0
must ip link set net1 down
must ip link set net1 up
ok "down and up: the network has its address again" wait_for 15 ip6_of host net1
is "the same" "$(ip6_of host net1)" "$gw6"
ok "the VM is online" wait_for 15 pings vm1 $WWW6

# No way out
router_ra 0
ok "the host's router resigns" wait_for 20 no_route6 host
ok "the VM's route goes" wait_for 20 no_route6 vm1
is "its address stays" "$(ip6_of vm1 eth0)" "$ip1"
reaches "the VM reaches the host" vm1 gw=icmp,"$gw6"
answers "a route of its own leads nowhere, and it is told" ' no icmp 1\.[0-6] ' "$(
	ipn vm1 route add default via "$gw6"
	ask vm1 far=tcp,$WWW6,80
	ipn vm1 route del default via "$gw6")"
router_ra
ok "the router is back" wait_for 20 has_route6 host
ok "the VM's route is back" wait_for 20 has_route6 vm1
reaches "the VM is online again" vm1 far=tcp,$WWW6,80
must ip link add up9 type veth peer name up9peer
defer ip link del up9
must "$VNETSHARE" network set net1 uplink up9
ok "an uplink without a way out: the VM's route goes" wait_for 20 no_route6 vm1
must "$VNETSHARE" network set net1 uplink uplink0
ok "an uplink with one: it comes" wait_for 20 has_route6 vm1
reaches "the VM is online by that uplink" vm1 far=tcp,$WWW6,80
must "$VNETSHARE" network set net1 uplink auto
deleted=$(grep -E '^Deleted' "$TMP/changes")
unlike "the host lost no address all the time" "$deleted" "$host6"
is "the VM's route goes only when the router resigned" \
	"$(grep -c '^Deleted default.*uplink0' <<<"$deleted")" 1

# A write to conf.all.forwarding is one to each device's. To its VMs the network
# stays a router. (The uplink keeps what it has from its own, with 2.)
sysctl_set host net/ipv6/conf/uplink0/accept_ra 2
sysctl_set host net/ipv6/conf/all/forwarding 0
for value in 1 0; do
	capture na vm1 eth0 -Q in "icmp6[0] == 136"
	echo $value >/proc/sys/net/ipv6/conf/all/forwarding
	must ipn vm1 neigh flush dev eth0
	reaches "conf.all.forwarding $value: the VM is online" vm1 gw=icmp,"$gw6" far=icmp,$WWW6
	seen na "tgt is $gw6" || fail "the neighbour advertisement is captured"
	answers "the gateway advertises itself as a router" 'Flags \[router' "$(captured na)"
	ok "the VM's route stays" has_route6 vm1
done

# Off, and by hand
must "$VNETSHARE" network set net1 subnet6 off
is "subnet6 off: no address" "$(ip6_of host net1)" ""
ok "the VM's route goes" wait_for 20 no_route6 vm1
must "$VNETSHARE" network set net1 subnet6 auto
is "subnet6 auto: the same prefix again" "$(prefix6 net1)" "$prefix"
must "$VNETSHARE" network set net1 subnet6 2001:db8:77::/64
is "a given one" "$(prefix6 net1)" 2001:db8:77::/64
ok "the VM takes it" wait_for 20 takes vm1 2001:db8:77:
must "$VNETSHARE" network del net1
net_add net1
is "made again, the network has its prefix" "$(prefix6 net1)" "$prefix"
net_add net2
unlike "another network has another" "$(prefix6 net2)" "^$prefix$"
like "the prefix is of the same host" "$(prefix6 net2)" "^${prefix%:*::/64}:"
out=$("$VNETSHARE" network add net3 subnet6 "${prefix%/64}/64" 2>&1)
result $((!$?)) "a subnet that overlaps another network's is refused"
like "naming it" "$out" "net1|${prefix%/64}"

finish
