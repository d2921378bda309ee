#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# The counters are the same with the fast path and without: conntrack's packets
# and bytes of each direction, the network's counters, the port forward's.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

N=150 LEN=321

# tracked FAMILY PORT: packets and bytes of both directions of the session to a port
tracked() {
	"$VNETSHARE" -j session show net1 port "$1" | jq -r "
		[.[] | select(.to_port == $1)] | length as \$n | .[0] |
		\"\(\$n): \(.packets) \(.bytes) \(.reply_packets) \(.reply_bytes)\""
}
tracked_is() { [ "$(tracked "$1")" = "$2" ]; }

# says NAME GATEWAY-MAC SIP DIP SPORT DPORT
says() {
	on "$1" "$PROGS/frame" eth0 "src=$(mac_of "$1" eth0)" "dst=$2" "sip=$3" \
		"dip=$4" "sport=$5" "dport=$6" count=$N rate=100 len=$LEN
}

stat_of() { echo "$(<"/sys/class/net/net1/statistics/$1")"; }

# quiet NAME: it drops answers to packets that it has not sent
quiet() {
	on "$1" nft -f - <<-END2 || bail "nft in $1"
		table inet quiet {
			chain input {
				type filter hook input priority 0
				udp dport 5000-5999 drop
			}
		}
	END2
}

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
# a session of a second counts as a question with its answer, and is over soon
sysctl_set host net/netfilter/nf_conntrack_udp_timeout 600
gw_mac=$(mac_of host net1)
up_mac=$(mac_of host uplink0)
for server in "$WWW4 9001 inet" "$WWW6 9002 inet" "${VM4[vm1]} 9003 vm1" \
	"${VM6[vm1]} 9004 vm1"; do
	read -r address port name <<<"$server"
	spawn "$TMP/echo.$port" "$name" "$PROGS/udp" echo "$address" "$port"
	[[ $address != *:* ]] || address="[$address]"
	wait_for 10 listens "$name" "$address:$port" || bail "no server at $address"
done
quiet vm1
quiet vm2
quiet lan1
"$VNETSHARE" -b - <<-END2 || bail "the forwards"
	forward add net1 udp 9003 to ${VM4[vm1]}:9003
	forward add net1 udp 9004 to [${VM6[vm1]}]:9004
END2
wait_for 10 pings vm1 $WWW6 || bail "vm1 is not online"
wait_for 10 pings lan1 $HOST6 || bail "lan1 does not reach the host"

b4=$((LEN + 28)) b6=$((LEN + 48))
want4="1: $N $((N * b4)) $N $((N * b4))"
want6="1: $N $((N * b6)) $N $((N * b6))"

# sessions SPORT: all kinds, one after the other
sessions() {
	must conntrack -F
	says vm1 "$gw_mac" "${VM4[vm1]}" $WWW4 "$1" 9001
	says vm1 "$gw_mac" "${VM6[vm1]}" $WWW6 "$1" 9002
	says lan1 "$up_mac" 192.0.2.77 $HOST4 "$1" 9003
	says lan1 "$up_mac" 2001:db8:1::77 $HOST6 "$1" 9004
}

# counted DESCRIPTION: the counters that these sessions must give
counted() {
	local field

	wait_for 10 tracked_is 9001 "$want4"
	is "$1: out, IPv4" "$(tracked 9001)" "$want4"
	wait_for 10 tracked_is 9002 "$want6"
	is "$1: out, IPv6" "$(tracked 9002)" "$want6"
	wait_for 10 tracked_is 9003 "$want4"
	is "$1: by a forward, IPv4" "$(tracked 9003)" "$want4"
	wait_for 10 tracked_is 9004 "$want6"
	is "$1: by a forward, IPv6" "$(tracked 9004)" "$want6"
	for field in packets bytes connections; do
		forward_json net1 "[.[].$field] | map(tostring) | join(\" \")"
	done >"$TMP/forwards.$1"
}

# One way of it, and the other: the differences of all counters
for how in off on; do
	must "$VNETSHARE" network set net1 fastpath $how
	out=$(net_counter net1 forwarded_out)
	in=$(net_counter net1 forwarded_in)
	fast=$(fast_count net1)
	rx=$(stat_of rx_bytes)
	tx=$(stat_of tx_bytes)
	[ $how = on ] || sessions 5000
	[ $how = off ] || sessions 5001
	counted $how
	is "$how: packets out" $(($(net_counter net1 forwarded_out) - out)) $((4 * N))
	is "$how: packets in" $(($(net_counter net1 forwarded_in) - in)) $((4 * N))
	fast=$(($(fast_count net1) - fast))
	rx=$(($(stat_of rx_bytes) - rx))
	tx=$(($(stat_of tx_bytes) - tx))
	note "$how: $fast packets by the fast path, $rx bytes received, $tx sent"
	# neighbour discovery may add some frames
	need_rx=$((2 * N * (b4 + b6))) need_tx=$((2 * N * (b4 + b6 + 28)))
	[ $rx -ge $need_rx ] && [ $rx -lt $((need_rx + 20000)) ]
	result $? "$how: the network's device has received it"
	[ $tx -ge $need_tx ] && [ $tx -lt $((need_tx + 20000)) ]
	result $? "$how: the network's device has sent it"
	if [ $how = off ]; then
		is "off: nothing by the fast path" $fast 0
		first=$(<"$TMP/forwards.off")
	else
		[ $fast -ge $((8 * N - 80)) ]
		result $? "on: nearly all by the fast path"
	fi
done
note "forwards: $first; $(<"$TMP/forwards.on")"
is "the forwards counted once more what they had" "$(<"$TMP/forwards.on")" \
	"$(while read -r a b; do echo "$((2 * a)) $((2 * b))"; done <<<"$first")"

finish
