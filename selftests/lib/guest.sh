#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# guest.sh [-a MAC] [-m MEGABYTES] TAP SCRIPT [NAME=VALUE...]
#
# A real virtual machine on a tap: User-Mode Linux with this machine's files,
# read-only, as its root; only /run and /etc/resolv.conf can be written and are
# its own. Its first process is SCRIPT, run by busybox's shell with NAME=VALUE in
# its environment; its network card is eth0, not configured. Its output comes out
# here line by line, its exit code is the exit code; 125 when the machine ended
# without one. A signal to this program ends the machine.
set -u

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
usage() { sed -n 's/^# \(guest.sh.*\)/usage: \1/p' "$0" >&2; exit 2; }

mac=
memory=128
while getopts a:m: option; do
	case $option in
	a) mac=$OPTARG ;;
	m) memory=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
tap=$1
script=$(realpath -- "$2") || exit 2
shift 2
command -v linux.uml >/dev/null || {
	echo "guest.sh: no linux.uml: apt-get install user-mode-linux" >&2
	exit 4
}
[ -n "$mac" ] || mac=$(printf '52:54:00:%02x:%02x:%02x' $((RANDOM % 256)) \
	$((RANDOM % 256)) $((RANDOM % 256)))

dir=$(mktemp -d /tmp/guest.XXXXXX) || exit 1
uml=
end() {
	trap - EXIT INT TERM HUP
	if [ -n "$uml" ] && kill -TERM "$uml" 2>/dev/null; then
		for ((i = 0; i < 50; i++)); do
			kill -0 "$uml" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$uml" 2>/dev/null
	fi
	rm -rf -- "$dir"
	exit "${1:-1}"
}
trap 'end 143' INT TERM HUP
trap 'end 1' EXIT

mkfifo "$dir/console"
preload=
[ "${VNS_TIMEOUT_SCALE:-1}" -lt 10 ] || preload=${PROGS:-$here/../progs}/slowtick.so

# What the kernel's own command line hands to its first program. The tap is
# the machine's only card; "quiet" keeps the kernel's log out of the output. Each
# of 512 old terminals would start a process to say that it is there.
TMPDIR=/dev/shm LD_PRELOAD=$preload linux.uml "mem=${memory}M" "uml_dir=$dir" \
	quiet loglevel=3 \
	"vec0:transport=tap,ifname=$tap,mac=$mac" \
	root=/dev/root rootfstype=hostfs rootflags=/ ro \
	con=null con0=null,fd:1 ssl=null pty.legacy_count=0 \
	"init=$here/guest-init" "GUEST_SCRIPT=$script" "$@" \
	</dev/null >"$dir/console" 2>&1 &
uml=$!

code=125
while IFS= read -r line; do
	line=${line%$'\r'}
	case $line in
	"@guest-exit "*) code=${line#@guest-exit }; break ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$dir/console"
end "$code"
