# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path: the sessions that take it, and that leave it.

# fast NET PORT: the directions in which the youngest session to that port takes the
# fast path: both, there, back or no; none: there is no such session
fast() {
	"$VNETSHARE" -j session show "$1" port "$2" | jq -r "
		[.[] | select(.to_port == $2)] | sort_by(.age)[0] |
		if . == null then \"none\"
		elif .fastpath and .reply_fastpath then \"both\"
		elif .fastpath then \"there\"
		elif .reply_fastpath then \"back\"
		else \"no\" end"
}
is_fast() { [[ $(fast "$1" "$2") =~ ^(${3:-both})$ ]]; }

# goes_fast DESCRIPTION NET PORT: after its first packets, both ways
goes_fast() { ok "$1" wait_for 20 is_fast "$2" "$3"; }

# fast_count NET: packets that took the fast path
fast_count() { ethtool -S "$1" | awk '/ fastpath_/ { n += $2 } END { print n + 0 }'; }
fast_above() { [ "$(fast_count "$1")" -gt "$2" ]; }

# slow_rules: count packets of ports 9000 to 9999 in FORWARD. (Reading the counters
# does not change the rules.)
slow_rules() {
	host_nft <<-END
		table inet slow {
			counter seen { }
			chain forward {
				type filter hook forward priority filter
				meta l4proto { tcp, udp } th dport 9000-9999 counter name seen
				meta l4proto { tcp, udp } th sport 9000-9999 counter name seen
			}
		}
	END
}
slow_count() {
	local out

	out=$(nft list counter inet slow seen)
	[[ $out =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
slow_above() { [ "$(slow_count)" -gt "$1" ]; }

# judged_anew DESCRIPTION NET COMMAND...: after the command, the session that goes on
# meanwhile takes the slow path once, and then the fast path again. (Without a
# change, it would take the slow path after ten seconds.)
judged_anew() {
	local desc=$1 net=$2 slow fast; shift 2

	wait_for 20 fast_above "$net" "$(fast_count "$net")" ||
		fail "$desc: nothing goes the fast path"
	slow=$(slow_count)
	must "$@"
	fast=$(fast_count "$net")
	ok "$desc: goes the fast path again" wait_for 20 fast_above "$net" "$fast"
	ok "$desc: having been judged anew" slow_above "$slow"
}

# fast_stops DESCRIPTION NET HOLD COMMAND...: after the command, no packet takes the
# fast path, and there is no answer
fast_stops() {
	local desc=$1 net=$2 hold=$3 fast; shift 3

	must "$@"
	nap # a work queue has the rest to do
	fast=$(fast_count "$net")
	ok "$desc: no answer any more" wait_for 10 hold_is "$hold" 'stalled|closed'
	is "$desc: no packet goes the fast path" "$(fast_count "$net")" "$fast"
}

# hang_up ID SIGNAL: a session that hold began ends by FIN (USR1) or RST (HUP)
hang_up() {
	kill "-$2" "${HOLD_PID[$1]}"
	wait_for 10 hold_is "$1" ended || bail "$1 does not end"
}
