# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The harness of the tests: subtests, cleanup, waiting. The rest is in lib/:
#
#   world.sh  namespaces, the host's LAN, the router and the Internet
#   vm.sh     networks, port forwards, VMs
#   talk.sh   which machine reaches which: probes, servers, captures
#   fast.sh   the fast path
#
# A test prints KTAP and exits with 0 (passed), 1 (failed) or 4 (skipped). It runs
# as root, from any directory, and writes only below $TMPDIR (/tmp). Environment:
#
#   VNETSHARE          the command; default: "vnetshare" on PATH
#   VNS_KO             the module's file; default: modprobe finds the module. A
#                      module that is loaded already is used as it is.
#   VNS_HOST_IS_MINE   1: the test may change this machine's addresses, routes,
#                      resolvers and firewall rules. Otherwise it runs only under
#                      kselftest, on a machine without a default route and rules,
#                      and is skipped elsewhere.
#   VNS_TIMEOUT_SCALE  factor for deadlines; default: 1
#   VNS_FASTPATH       off: networks are made without the fast path
#   VNS_DEBUG          1: the kernel checks itself and is slow
#
# Where the machine is emulated, starting a program takes a tenth of a second and
# more: hence shell builtins where they do, and busybox, which is static.

VNETSHARE=${VNETSHARE:-vnetshare}
SCALE=${VNS_TIMEOUT_SCALE:-1}
SELF=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# The kernel's "make install" puts all files side by side.
PROGS=$SELF/progs
[ -e "$PROGS/frame" ] || PROGS=$SELF
export PROGS

# ---------------------------------------------------------------- subtests

TEST_NAME=$(basename "${0%.sh}")
TEST_COUNT=0
TEST_FAILED=0
TEST_DONE=0
declare -a CLEANUP=()

# result 0|1 DESCRIPTION [DIRECTIVE]
result() {
	TEST_COUNT=$((TEST_COUNT + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $TEST_COUNT $2${3:+ # $3}"
	else
		TEST_FAILED=$((TEST_FAILED + 1))
		echo "not ok $TEST_COUNT $2"
	fi
}

note() { printf '%s\n' "$*" | sed 's/^/# /'; }
pass() { result 0 "$1"; }
fail() { result 1 "$1"; shift; [ $# -eq 0 ] || note "$@"; }
skip() { result 0 "$1" "SKIP $2"; }

# ok DESCRIPTION COMMAND...: the command succeeds
ok() {
	local desc=$1 out rc; shift

	out=$("$@" 2>&1 </dev/null); rc=$?
	if [ $rc -eq 0 ]; then
		pass "$desc"
		return 0
	fi
	fail "$desc" "exit $rc of: $*"
	[ -z "$out" ] || note "$(tail -n 20 <<<"$out")"
	return 1
}

# refuse DESCRIPTION COMMAND...: the command fails
refuse() {
	local desc=$1 out; shift

	if out=$("$@" 2>&1 </dev/null); then
		fail "$desc" "succeeded: $*"
		[ -z "$out" ] || note "$(tail -n 20 <<<"$out")"
		return 1
	fi
	pass "$desc"
}

# is DESCRIPTION GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got '$2', wanted '$3'"
		return 1
	fi
}

# input_matches REGEX: sets $MATCHED to the first line of the input that does
input_matches() {
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		if [[ $line =~ $1 ]]; then
			MATCHED=$line
			return 0
		fi
	done
	return 1
}

# matching TEXT REGEX
matching() { input_matches "$2" <<<"$1"; }

# like DESCRIPTION GOT EXTENDED-REGEX: one line of it matches
like() {
	if matching "$2" "$3"; then
		pass "$1"
	else
		fail "$1" "no match for '$3' in:" "$(tail -n 20 <<<"$2")"
		return 1
	fi
}

# unlike DESCRIPTION GOT EXTENDED-REGEX
unlike() {
	if matching "$2" "$3"; then
		fail "$1" "match for '$3':" "$MATCHED"
		return 1
	fi
	pass "$1"
}

bail() {
	fail "setup: $*"
	exit 1
}

# must COMMAND...: part of the setup; the test ends if it fails
must() {
	local out

	out=$("$@" 2>&1 </dev/null) || bail "$* ($out)"
}

skip_all() {
	echo "1..0 # SKIP $*"
	TEST_DONE=1
	exit 4
}

# The last line of a test
finish() {
	TEST_DONE=1
	[ $TEST_FAILED -eq 0 ] && [ $TEST_COUNT -gt 0 ]
	exit
}

# ----------------------------------------------------------------- cleanup

# defer COMMAND...: run at the end, last one first
defer() {
	CLEANUP+=("$(printf '%q ' "$@")")
}

cleanup() {
	local rc=$? i

	trap '' INT TERM
	if [ -s "$TMP/not-found" ]; then
		fail "each command of the test exists" "$(<"$TMP/not-found")"
		rc=1
	fi
	for ((i = ${#CLEANUP[@]} - 1; i >= 0; i--)); do
		eval "${CLEANUP[i]}" >/dev/null 2>&1 </dev/null
	done
	if [ $TEST_DONE -eq 0 ]; then
		fail "$TEST_NAME came to its end"
		rc=1
	fi
	[ "$rc" -eq 4 ] || echo "1..$TEST_COUNT"
	exit "$rc"
}

# A misspelt function would otherwise pass for a command that fails.
command_not_found_handle() {
	echo "$1: command not found" | tee -a "$TMP/not-found" >&2
	return 127
}

# stop PID...: end processes that this test started, and wait for their end
stop() {
	local pid

	for pid; do
		kill "$pid" 2>/dev/null || continue
		if ! wait_for 5 gone "$pid"; then
			kill -KILL "$pid"
		fi
		wait "$pid" 2>/dev/null
	done
}

gone() {
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	stat=${stat##*) }
	[ "${stat%% *}" = Z ]
}

# ----------------------------------------------------------------- waiting

# wait_for SECONDS COMMAND...: poll until the command succeeds
wait_for() {
	local end=$((SECONDS + $1 * SCALE + 1)); shift

	until "$@" >/dev/null 2>&1 </dev/null; do
		[ $SECONDS -lt $end ] || return 1
		nap
	done
}

# A twentieth of a second; six times that on the debug kernel, where the polling
# itself is most of the load.
exec {NEVER}<> <(:)
NAP=0.05
[ "$SCALE" -lt 10 ] || NAP=0.3
nap() { read -r -t $NAP -u "$NEVER" || :; }

# limit SECONDS COMMAND...: run a program with a deadline
limit() {
	local s=$1; shift

	timeout -k 2 $((s * SCALE)) "$@"
}

# has_line FILE REGEX
has_line() { input_matches "$2" <"$1"; } 2>/dev/null
have() { command -v "$1" >/dev/null; }

# ------------------------------------------------------------------ library

# shellcheck source=lib/world.sh
. "$SELF/lib/world.sh"
# shellcheck source=lib/vm.sh
. "$SELF/lib/vm.sh"
# shellcheck source=lib/talk.sh
. "$SELF/lib/talk.sh"
# shellcheck source=lib/fast.sh
. "$SELF/lib/fast.sh"

# ------------------------------------------------------------------- start

# host_is_free: a test gives this machine an uplink, a default route, resolvers and
# firewall rules, and has none of its own to give back
host_is_free() {
	[ "${VNS_HOST_IS_MINE:-}" != 1 ] || return 0
	[ -n "${kselftest_timeout:-}" ] &&
		[ -z "$(ip route show default; ip -6 route show default; nft list ruleset)" ]
}

# unfit REASON: the test cannot run here. Where the runner named the module, nothing
# may be missing, and a test that did not run would pass unseen.
unfit() {
	[ -z "${VNS_KO:-}" ] || bail "$*"
	skip_all "$*"
}

# module_load: until the end, unless the module is there already
module_load() {
	local needed

	[ ! -e /sys/module/vnetshare ] || return 0
	if [ -n "${VNS_KO:-}" ]; then
		IFS=, read -ra needed < <(modinfo -F depends "$VNS_KO")
		[ ${#needed[@]} -eq 0 ] || modprobe -a "${needed[@]}" || return
		insmod "$VNS_KO" || return
	else
		modprobe vnetshare || return
	fi
	defer rmmod vnetshare
}

# prepare: what every test but those of the harness alone needs
prepare() {
	local tool

	[ "$EUID" -eq 0 ] || unfit "needs root"
	for tool in busybox ip nft jq ethtool conntrack ss tcpdump dnsmasq; do
		hash "$tool" 2>/dev/null || unfit "needs $tool"
	done
	host_is_free || skip_all "changes the network of the machine it runs on:" \
		"run selftests/vm/run $TEST_NAME, or set VNS_HOST_IS_MINE=1"
	have "$VNETSHARE" || unfit "no vnetshare command on PATH or in VNETSHARE"
	# the second machine of a test is only its peer
	[ "${VNS_ROLE:-}" != peer ] || return 0
	module_load 2>"$TMP/load" && return
	[ -n "${VNS_KO:-}" ] || modinfo vnetshare >/dev/null 2>&1 ||
		skip_all "no module vnetshare"
	bail "the module cannot be loaded: $(<"$TMP/load")"
}

set -u
TMP=$(mktemp -d "${TMPDIR:-/tmp}/vnetshare-test.XXXXXX")
chmod 755 "$TMP"
export TMP
trap cleanup EXIT
trap 'exit 1' INT TERM
defer rm -rf "$TMP"
echo "KTAP version 1"
# HARNESS_ONLY: set by a test that uses neither the module nor the network here
[ -n "${HARNESS_ONLY:-}" ] || prepare
