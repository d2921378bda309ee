#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# A session leaves the fast path when it ends: by FIN, by RST, in conntrack
# (deleted, flushed, timed out). It does not time out while it uses the fast path.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The state that conntrack has of the TCP session to a port
tcp_state() { "$VNETSHARE" -j session show net1 port "$1" | jq -r '.[0].state // "none"'; }
state_is() { [[ $(tcp_state "$1") =~ ^($2)$ ]]; }
flows() { net_json net1 .flows; }
flows_are() { [ "$(flows)" -eq "$1" ]; }
age_of() { "$VNETSHARE" -j session show net1 port "$1" | jq -r '.[0].age // 0'; }
older_than() { [ "$(age_of "$1")" -gt "$2" ]; }
packets_of() { "$VNETSHARE" -j session show net1 port "$1" | jq -r '.[0].packets // 0'; }
packets_above() { [ "$(packets_of "$1")" -gt "$2" ]; }
packets_below() { [ "$(packets_of "$1")" -lt "$2" ]; }

topology
topology6
net_add net1 dhcp off
vm_set vm1 net1 9
serve inet FAR tcp,$WWW4,9001-9003 tcp,$WWW6,9001-9002 udp,$WWW4,9005-9008 \
	udp,$WWW6,9005
slow_rules

# By TCP, after many packets that conntrack has not seen
far_ends() { ! on inet ss -Htn state established "sport = :$1" | grep -q .; }
for n in 4 6; do
	www=WWW$n
	hold fin vm1 "tcp,${!www},9001"
	goes_fast "IPv$n: a session to be closed" net1 9001
	fast=$(fast_count net1)
	wait_for 20 fast_above net1 $((fast + 30)) || bail "no packets"
	hang_up fin USR1
	ok "IPv$n, FIN: conntrack knows" wait_for 10 state_is 9001 'time-wait|last-ack|close'
	like "IPv$n, FIN: it left the fast path" "$(fast net1 9001)" '^no(ne)?$'
	ok "IPv$n, FIN: the far end has heard it" wait_for 10 far_ends 9001
	must "$VNETSHARE" session flush net1 port 9001

	hold rst vm1 "tcp,${!www},9002"
	goes_fast "IPv$n: a session to be reset" net1 9002
	fast=$(fast_count net1)
	wait_for 20 fast_above net1 $((fast + 30)) || bail "no packets"
	hang_up rst HUP
	ok "IPv$n, RST: conntrack knows" wait_for 10 state_is 9002 'close|none'
	like "IPv$n, RST: it left the fast path" "$(fast net1 9002)" '^no(ne)?$'
	ok "IPv$n, RST: the far end has heard it" wait_for 10 far_ends 9002
	must "$VNETSHARE" session flush net1 port 9002
done
ok "no entry is left of them" wait_for 5 flows_are 0

# A bulk transfer: conntrack sees the last segments far beyond its window
on vm1 "$PROGS/peer" stream tcp,$WWW4,9003 4000000 >"$TMP/bulk" 2>&1
is "four megabytes come back whole" "$(<"$TMP/bulk")" "whole 4000000"
ok "conntrack has seen its end" wait_for 10 state_is 9003 'time-wait|last-ack|close|none'

# By conntrack
hold deleted vm1 udp,$WWW4,9005
goes_fast "a session to be deleted" net1 9005
wait_for 30 packets_above 9005 200
judged_anew "deleted" net1 conntrack -D -p udp --orig-port-dst 9005
ok "the next packets begin a new session" packets_below 9005 200
ok "the new session flows" wait_for 10 hold_is deleted 'open|flows'

release deleted
hold other vm1 udp,$WWW4,9006
goes_fast "a session to be flushed" net1 9006
wait_for 30 packets_above 9006 200
judged_anew "flushed" net1 conntrack -F
ok "the next packets begin a new session" packets_below 9006 200
ok "the new session flows" wait_for 10 hold_is other 'open|flows'

# A session that goes on: three times as long as conntrack's timeout
release other
must conntrack -F
sysctl_set host net/netfilter/nf_conntrack_udp_timeout 4
sysctl_set host net/netfilter/nf_conntrack_udp_timeout_stream 4
hold kept vm1 udp,$WWW4,9007
goes_fast "with a timeout of four seconds" net1 9007
ok "the session is the same after thirteen seconds" wait_for 30 older_than 9007 13
goes_fast "still in the fast path" net1 9007
ok "flows" hold_is kept 'open|flows'

# A session that does not go on
stopped=$SECONDS
release kept
gone_from() { [ "$(fast net1 "$1")" = none ]; }
ok "nothing more is said: conntrack forgets it" wait_for 20 gone_from 9007
[ $((SECONDS - stopped)) -lt $((30 * SCALE)) ]
result $? "in time ($((SECONDS - stopped)) s)"
ok "no entry is left" wait_for 5 flows_are 0

finish
