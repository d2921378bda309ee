# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The machines that reach each other: questions and servers, sessions that go on,
# captures.

# ------------------------------------------------------------ one question

# fetch NAME URL: a download, to standard output
fetch() { on_vm "$1" timeout $((30 * SCALE)) busybox wget -q -O - "$2"; }

# send NAME FILE HOST: an upload; prints what the server answers
send() {
	{
		printf 'POST /cgi-bin/upload HTTP/1.0\r\nContent-Length: %s\r\n\r\n' \
			"$(busybox stat -c %s "$2")"
		busybox cat "$2"
	} | on_vm "$1" timeout $((30 * SCALE)) busybox nc "$3" 80
}

# pings NAME ADDRESS [PING-OPTION...]: one answered echo request
pings() {
	local name=$1 addr=$2; shift 2

	on "$name" busybox ping -c 1 -W $((2 * SCALE)) "$@" "$addr"
}

# no_answer NAME ADDRESS: none within half a second (five times that, emulated)
no_answer() {
	! on "$1" ping -n -c 1 -W "$(((SCALE + 1) / 2)).5" "$2"
}

# ---------------------------------------------------------- asking, answering

# serve NAME TAG PROTO,ADDRESS,PORT[-LAST]...: answers there with its tag and the
# client's address; see progs/peer. Its clients are listed in $TMP/heard.TAG.
serve() {
	spawn "$TMP/heard.$2" "$1" "$PROGS/peer" serve "${@:2}"
	wait_for 10 has_line "$TMP/heard.$2" '^ready' ||
		bail "no server $2: $(<"$TMP/heard.$2")"
}

# ask NAME QUESTION...: prints each with its answer; see progs/peer
ask() { on "$1" "$PROGS/peer" try "${@:2}"; }

# answers DESCRIPTION REGEX TEXT: every line of ask's output matches, and there is
# one
answers() {
	local line others=() lines=0

	while IFS= read -r line; do
		[ -n "$line" ] || continue
		lines=$((lines + 1))
		[[ $line =~ $2 ]] || others+=("$line")
	done <<<"$3"
	if [ $lines -gt 0 ] && [ ${#others[@]} -eq 0 ]; then
		pass "$1"
	else
		fail "$1" "wanted '$2' of all $lines:" \
			"$(printf '\n%s' "${others[@]:0:12}")"
		return 1
	fi
}

# reaches DESCRIPTION NAME QUESTION...: all of them are answered
reaches() { answers "$1" '^[^ ]+ yes' "$(ask "${@:2}")"; }

# reaches_not DESCRIPTION NAME QUESTION...: none of them is
reaches_not() { answers "$1" '^[^ ]+ no (timeout|icmp|E)' "$(ask "${@:2}")"; }

# serve_all NAME...: each answers under its addresses in VM4 and VM6
serve_all() {
	local name

	for name; do
		serve "$name" "${name^^}" "tcp,${VM4[$name]},9000" \
			"udp,${VM4[$name]},9000" "tcp,${VM6[$name]},9000" \
			"udp,${VM6[$name]},9000"
	done
}

# talks FROM TO [WHEN]: TO answers every kind of question, and sees FROM's own
# address
talks() {
	answers "${3:+$3: }$1 to $2" \
		"^icmp. yes|^.* yes ${2^^} (${VM4[$1]//./\\.}|${VM6[$1]}) " \
		"$(talk "$1" "$2")"
}
talk() {
	ask "$1" "tcp4=tcp,${VM4[$2]},9000" "udp4=udp,${VM4[$2]},9000" \
		"icmp4=icmp,${VM4[$2]}" "tcp6=tcp,${VM6[$2]},9000" \
		"udp6=udp,${VM6[$2]},9000" "icmp6=icmp,${VM6[$2]}"
}

# talks_not FROM TO [WHEN]: no question is answered
talks_not() {
	answers "${3:+$3: }not $1 to $2" '^[^ ]+ no (timeout|icmp|E)' \
		"$(talk "$1" "$2")"
}

# groups_hear NAME DEV: listens to the groups, until the end
GROUPS_HEARD=("224.0.0.251,5353" "ff02::fb,5353" "239.1.2.3,5454" "192.0.2.255,5555")
groups_hear() {
	GROUPS_DEV[$1]=$2
	spawn "$TMP/group.$1" "$1" "$PROGS/group" hear "$2" "${GROUPS_HEARD[@]}"
	wait_for 10 has_line "$TMP/group.$1" '^ready' ||
		bail "no listener: $(<"$TMP/group.$1")"
}
declare -A GROUPS_DEV=()

# groups_reach FROM TO...: each TO hears once a packet of FROM's to each group
groups_reach() {
	local from=$1 group word=$((GROUPS_WORD += 1)) to n=0; shift

	for group in "${GROUPS_HEARD[@]}"; do
		on "$from" "$PROGS/group" tell "${GROUPS_DEV[$from]}" "$group" \
			"word$word." || n=9
	done
	for to; do
		wait_for 5 heard "$to" "$word"
		is "$from to all: $to hears every group, once" \
			"$(grep -c " word$word\.$" "$TMP/group.$to")" ${#GROUPS_HEARD[@]}
	done
	is "$from could say it" $n 0
}
GROUPS_WORD=0
heard() { [ "$(grep -c " word$2\.$" "$TMP/group.$1")" -ge ${#GROUPS_HEARD[@]} ]; }

# binds QUESTION: can a socket of the host have that port? (tcp,ADDRESS,PORT)
binds() {
	local rc

	: >"$TMP/bind"
	"$PROGS/peer" serve TRY "$1" >>"$TMP/bind" 2>&1 </dev/null &
	wait_for 5 bound_or_gone $!
	has_line "$TMP/bind" '^ready'
	rc=$?
	kill $! 2>/dev/null
	wait $! 2>/dev/null
	return "$rc"
}
bound_or_gone() { has_line "$TMP/bind" '^ready' || gone "$1"; }

# hold ID NAME QUESTION: asks on and on in one session, whose state is in
# $TMP/hold.ID
hold() {
	spawn "$TMP/hold.$1" "$2" "$PROGS/peer" hold "$3"
	HOLD_PID[$1]=$SPAWNED
	wait_for 10 has_line "$TMP/hold.$1" '^open' ||
		bail "no session $1: $(<"$TMP/hold.$1")"
}

declare -A HOLD_PID=()

# beat ID NAME ADDRESS: a hundred echo requests a second
beat() {
	spawn "$TMP/beat.$1" "$2" ping -n -i 0.01 "$3"
	HOLD_PID[beat.$1]=$SPAWNED
	wait_for 10 has_line "$TMP/beat.$1" 'icmp_seq=1 ' ||
		bail "no answer from $3: $(<"$TMP/beat.$1")"
}

# beat_ends DESCRIPTION ID: that ends, and each request had one answer. The last
# one may still have been under way.
beat_ends() {
	local out

	stop "${HOLD_PID[beat.$2]}"
	out=$(awk '
		match($0, /icmp_seq=[0-9]+/) {
			seq = substr($0, RSTART + 9, RLENGTH - 9) + 0
			if (seen[seq]++)
				print "twice: " $0
			if (seq > last)
				last = seq
			n++
			next
		}
		/^(From|ping:)/
		END {
			for (seq = 1; seq <= last; seq++)
				if (!seen[seq])
					print "lost: " seq " of " last
			print "answers: " n + 0
		}' "$TMP/beat.$2")
	note "$1: $out"
	if [[ $out =~ ^answers:\ ([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" -gt 100 ]; then
		pass "$1"
	else
		fail "$1" "$(tail -n 20 <<<"$out")"
		return 1
	fi
}

# stream ID NAME ADDRESS,PORT RATE: a TCP transfer to a server of serve's and
# back, so many bytes a second
stream() {
	spawn "$TMP/stream.$1" "$2" "$PROGS/peer" stream "tcp,$3" 0 "$4"
	HOLD_PID[stream.$1]=$SPAWNED
}

# stream_ends DESCRIPTION ID: that ends, and every byte came back right
stream_ends() {
	kill "${HOLD_PID[stream.$2]}"
	wait_for 15 gone "${HOLD_PID[stream.$2]}"
	note "$1: $(<"$TMP/stream.$2")"
	like "$1" "$(<"$TMP/stream.$2")" '^whole [1-9][0-9]{4}'
}

# release ID...: ends the client of that session
release() {
	local id

	for id; do
		stop "${HOLD_PID[$id]}"
	done
}

# hold_is ID REGEX: the session's state now: open, flows, stalled, closed
hold_is() {
	local line state=

	while IFS= read -r line; do
		state=$line
	done <"$TMP/hold.$1"
	[[ $state =~ ^($2) ]]
}

# conntracked FAMILY ARGUMENT...: the entries that conntrack -L lists
conntracked() { conntrack -f "$1" -L "${@:2}" 2>/dev/null; }
untracked() { [ -z "$(conntracked "$@")" ]; }

# -------------------------------------------------------------- the wire

# capture ID NAME DEV [FILTER...]: tcpdump into $TMP/cap.ID
capture() {
	local id=$1 name=$2 dev=$3; shift 3

	spawn "$TMP/cap.$id" "$name" \
		tcpdump -l -n -e -vv --immediate-mode -i "$dev" "$@"
	CAP_PID[$id]=$SPAWNED
	wait_for 10 has_line "$TMP/cap.$id" 'listening on' ||
		bail "tcpdump in $name on $dev: $(cat "$TMP/cap.$id")"
}

# seen ID REGEX: wait until the capture shows it
seen() {
	wait_for "${3:-5}" has_line "$TMP/cap.$1" "$2"
}

# captured ID: end the capture and print it, one line a frame
captured() {
	local line frame=

	stop "${CAP_PID[$1]}"
	while IFS= read -r line; do
		if [[ $line == [0-9][0-9]:* ]]; then
			[ -z "$frame" ] || echo "$frame"
			frame=$line
		elif [[ $line == [[:space:]]* ]]; then
			frame+=" ${line#"${line%%[![:space:]]*}"}"
		fi
	done <"$TMP/cap.$1"
	[ -z "$frame" ] || echo "$frame"
}

declare -A CAP_PID=()
