#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# Many short connections under load, while conntrack is flushed and rules change
# all the time: all requests are answered, and no entry is left afterwards.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# As many connections as this, or as a slow machine does in a minute, but a minimum
WANTED=50000 ATLEAST=2000 BATCH=500 SECONDS_MAX=60
# and as many at once as it answers before they give up
[ "$SCALE" -lt 10 ] || BATCH=100

flows() { net_json net1 .flows; }
no_flows() { [ "$(flows)" -eq 0 ]; }
tracked() { echo "$(</proc/sys/net/netfilter/nf_conntrack_count)"; }

# batch VM N: N TCP connections at once, half of them over IPv6; prints
# those that were not answered
batch() {
	local i ports=(9001 9002 9003 9004)

	for ((i = 0; i < $2; i += 2)); do
		echo "a$i=tcp,$WWW4,${ports[i / 2 % 4]}"
		echo "b$i=tcp,$WWW6,${ports[i / 2 % 4]}"
	done | on "$1" "$PROGS/peer" try -w 20000 -
}

topology
topology6
net_add net1 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
serve inet FAR tcp,$WWW4,9001-9004 tcp,$WWW6,9001-9004 udp,$WWW4,9010-9013 \
	udp,$WWW6,9010-9011
# they need not be remembered
for what in time_wait close last_ack fin_wait close_wait; do
	sysctl_set host "net/netfilter/nf_conntrack_tcp_timeout_$what" 2
done

# Short connections
begun=$SECONDS
done_n=0
lost=0
while [ $done_n -lt $WANTED ]; do
	[ $((SECONDS - begun)) -lt $SECONDS_MAX ] || [ $done_n -lt $ATLEAST ] || break
	out=$(batch "vm$((1 + done_n / BATCH % 2))" $BATCH)
	lost=$((lost + BATCH - $(grep -c ' yes FAR ' <<<"$out")))
	done_n=$((done_n + BATCH))
	: >"$TMP/heard.FAR"
done
note "$done_n connections in $((SECONDS - begun)) s, $(flows) entries, $(tracked) tracked"
is "all of $done_n connections are answered" $lost 0
ok "some packets of theirs went the fast path" fast_above net1 0
ok "not one entry is left" wait_for 15 no_flows

# Flushed under load: sessions that go on, and much more
declare -a flood=()
slow_rules
for n in 0 1 2 3; do
	hold udp$n vm1 udp,$WWW4,901$n
done
for n in 0 1; do
	hold six$n vm2 udp,$WWW6,901$n
done
gw_mac=$(mac_of host net1)
for ends in "${VM4[vm1]} $WWW4" "${VM6[vm1]} $WWW6"; do
	read -r sip dip <<<"$ends"
	spawn "$TMP/flood" vm1 "$PROGS/frame" eth0 "src=${VM_MAC[vm1]}" \
		"dst=$gw_mac" "sip=$sip" "dip=$dip" sport=5000 dport=9011 count=0 \
		rate=300
	flood+=("$SPAWNED")
done
goes_fast "before: a session" net1 9010
fast=$(fast_count net1)
# new rules at the same time, now and then
# shellcheck disable=SC2016 # expanded by the inner shell
spawn "$TMP/flushes" host bash -c 'for ((i = 0; ; i++)); do
	conntrack -F
	((i % 4)) || nft add rule inet slow forward udp dport 9999 accept
	echo "flushed $i"
	busybox sleep 0.2
done'
flusher=$SPAWNED
ok "conntrack is flushed many times" wait_for 40 has_line "$TMP/flushes" "^flushed 30"
ok "with packets on the fast path all the time" fast_above net1 $((fast + 200))
stop "$flusher" "${flood[@]}"
for n in udp0 udp1 udp2 udp3 six0 six1; do
	ok "$n goes on" wait_for 10 hold_is $n 'open|flows'
done
goes_fast "by the fast path" net1 9010
release udp0 udp1 udp2 udp3 six0 six1
must conntrack -F
ok "not one entry is left" wait_for 5 no_flows

# Many at a time: others still get through
n=1000
for ((i = 0; i < n; i++)); do
	echo "sport=$((10000 + i))"
done >"$TMP/ports"
for ((round = 0; round < 3; round++)); do
	on vm1 "$PROGS/frame" eth0 "src=${VM_MAC[vm1]}" "dst=$gw_mac" \
		"sip=${VM4[vm1]}" dip=$WWW4 dport=9010 count=1 - <"$TMP/ports"
done
many() { [ "$(flows)" -ge $((n * 9 / 10)) ]; }
ok "$n sessions of one VM have entries" wait_for 20 many
hold other vm2 udp,$WWW4,9013
goes_fast "another VM gets in" net1 9013
release other
must "$VNETSHARE" session flush net1
ok "flushed: not one is left" wait_for 10 no_flows

finish
