# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests share: subtests, cleanup, waiting, the topology and the VMs.
#
# The initial network namespace is the host under test; selftests/vm/run boots
# a machine for it. Everything else is a namespace with a random suffix:
#
#   vm1, vm2, ...           host under test
#  +------------+         +------------------------------+
#  | eth0 o-----|---------|-o p-vm1 --+                  |
#  | (DHCP)     |         |           |  NET             |
#  +------------+         |           +--o  (vnetshare,  |
#  +------------+         |           |   gateway, DHCP, |
#  | eth0 o-----|---------|-o p-vm2 --+   DNS)           |
#  +------------+         |                              |
#                         |       uplink0 192.0.2.1/24   |
#                         +----------o-------------------+
#                                    |
#   lan machines                     |   router
#  +------------+         +----------o-------------------+
#  | eth0 o-----|---------|-o l-NAME |                   |
#  | 192.0.2.N  |         |     lan0 192.0.2.254/24      |
#  +------------+         |     (a Linux bridge)         |
#                         |     wan0 198.51.100.1/25     |
#                         +----------o-------------------+
#                                    |   inet: the Internet
#                         +----------o-------------------+
#                         |     eth0 198.51.100.2/25     |
#                         |     pub0 203.0.113.10 (www, ftp, iperf3)
#                         |          203.0.113.53 (DNS)  |
#                         +------------------------------+
#
# The router knows no way to a network's subnet: a packet that leaves the host
# with a VM's own address is never answered.
#
# topology6 adds IPv6: 2001:db8:1::/64 on the LAN (the host ::1 or what it makes
# of the router's advertisements, the router ::fe, a LAN machine ::N),
# 2001:db8:2::/64 between the router and the Internet, 2001:db8:3::10 and ::53
# there.
#
# Where the machine is emulated, starting a program takes a tenth of a second and
# more: hence shell builtins where they do, and busybox, which is static.

readonly HOST4=192.0.2.1 ROUTER4=192.0.2.254 WWW4=203.0.113.10 DNS4=203.0.113.53
readonly HOST6=2001:db8:1::1 ROUTER6=2001:db8:1::fe WWW6=2001:db8:3::10
readonly DNS6=2001:db8:3::53
export HOST4 ROUTER4 WWW4 DNS4 HOST6 ROUTER6 WWW6 DNS6

VNETSHARE=${VNETSHARE:-vnetshare}
SCALE=${VNS_TIMEOUT_SCALE:-1}
SELF=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROGS=$SELF/progs
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

# stop PID...: end processes that this test started, and wait for them
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

# spawn LOG NAME COMMAND...: start a program in a namespace, in the background;
# the process id is in $SPAWNED
spawn() {
	local log=$1 inside=()

	# empty at once: what waits for a line may not find one of the run before
	: >"$log"
	# no function here: the process has to be the program itself
	[ "$2" = host ] || inside=(busybox nsenter "--net=/run/netns/${NS[$2]}")
	shift 2
	[[ $1 == */* ]] || { hash "$1" && set -- "${BASH_CMDS[$1]}" "${@:2}"; }
	"${inside[@]}" "$@" >"$log" 2>&1 </dev/null &
	SPAWNED=$!
	defer stop "$SPAWNED"
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

# a twentieth of a second; on the debug kernel, where what is asked for between
# two naps is most of what there is to do, six times that
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

# -------------------------------------------------------------- namespaces

declare -A NS=()

# ns_add NAME...: namespaces known to the test as NAME
ns_add() {
	local name full batch=

	for name; do
		full=$name-$(printf '%04x%04x' $RANDOM $RANDOM)
		NS[$name]=$full
		batch+="netns add $full"$'\n'
		defer ns_gone "$full"
	done
	ipb host <<<"$batch"
	for name; do
		must ip -n "${NS[$name]}" link set lo up
	done
}

# ns_gone FULL-NAME: end what runs inside, then the namespace; the far ends of
# its veths go with it. A closed connection that waits for its last answer keeps
# the namespace for minutes: hence the card first.
ns_gone() {
	[ -e "/run/netns/$1" ] || return 0
	# shellcheck disable=SC2046 # one word a process
	stop $(ip netns pids "$1")
	ip -n "$1" link del eth0 2>/dev/null
	ip netns del "$1"
	rm -rf "/etc/netns/$1"
}

# on NAME COMMAND...: run inside ("host" is the host under test)
on() {
	local name=$1; shift

	if [ "$name" = host ]; then
		"$@"
	else
		# the program, not busybox's applet of its name
		[[ $1 == */* ]] || { hash "$1" && set -- "${BASH_CMDS[$1]}" "${@:2}"; }
		busybox nsenter --net="/run/netns/${NS[$name]}" "$@"
	fi
}

# on_vm NAME COMMAND...: the same, with the VM's own /etc/resolv.conf
on_vm() {
	local name=$1; shift

	ip netns exec "${NS[$name]}" "$@"
}

# ipn NAME ARGS...: ip(8) in a namespace
ipn() {
	local name=$1; shift

	if [ "$name" = host ]; then
		ip "$@"
	else
		ip -n "${NS[$name]}" "$@"
	fi
}

sysctl_back() { echo "$2" >"/proc/sys/$1"; }

# ipb NAME: a batch of ip(8) commands from standard input
ipb() {
	local out

	if [ "$1" = host ]; then
		out=$(ip -batch - 2>&1) || bail "ip: $out"
	else
		out=$(ip -n "${NS[$1]}" -batch - 2>&1) || bail "ip in $1: $out"
	fi
}

# sysctl_set NAME KEY VALUE: as a path below /proc/sys; until the end
sysctl_set() {
	if [ "$1" = host ]; then
		defer sysctl_back "$2" "$(<"/proc/sys/$2")"
		{ echo "$3" >"/proc/sys/$2"; } 2>/dev/null || bail "sysctl $2 $3"
		return
	fi
	# shellcheck disable=SC2016 # expanded by the inner shell
	must on "$1" busybox sh -c 'echo "$2" >"/proc/sys/$1"' - "$2" "$3"
}

# host_nft: rules of the host's own, from standard input, until the end
host_nft() {
	local out

	out=$(nft -f - 2>&1) || bail "nft: $out"
	[ -n "${NFT_DEFERRED:-}" ] || defer nft flush ruleset
	NFT_DEFERRED=1
}

# ---------------------------------------------------------------- topology

# topology: the host's uplink, the router and the Internet
topology() {
	ns_add router inet
	ipb host <<-END
		link set lo up
		link add uplink0 type veth peer name l-host netns ${NS[router]}
		addr add $HOST4/24 dev uplink0
		link set uplink0 up
		route add default via $ROUTER4
	END
	ipb router <<-END
		link add lan0 address 02:00:00:00:00:fe type bridge
		addr add $ROUTER4/24 dev lan0
		link set lan0 up
		link set l-host master lan0 up
		link add wan0 type veth peer name eth0 netns ${NS[inet]}
		addr add 198.51.100.1/25 dev wan0
		link set wan0 up
		route add 203.0.113.0/24 via 198.51.100.2
	END
	ipb inet <<-END
		addr add 198.51.100.2/25 dev eth0
		link set eth0 up
		link add pub0 type bridge
		addr add $WWW4/24 dev pub0
		addr add $DNS4/24 dev pub0
		link set pub0 up
		route add default via 198.51.100.1
	END
	sysctl_set router net/ipv4/ip_forward 1
	sysctl_set host net/ipv4/ip_forward 0
	wait_for 10 pings host $WWW4 || bail "the host does not reach $WWW4"
	VM4[host]=$HOST4
	VM6[host]=$HOST6
}

# Everybody's addresses on the LAN, and those of VMs in their subnet
declare -A VM4=() VM6=()

# topology6 [ra]: IPv6 on all of that. With "ra" the host has its address and
# its default route from what the router advertises; else both are set.
topology6() {
	TOPOLOGY6=1
	ipb router <<-END
		addr add $ROUTER6/64 dev lan0 nodad
		addr add 2001:db8:2::1/64 dev wan0 nodad
		route add 2001:db8:3::/64 via 2001:db8:2::2
	END
	ipb inet <<-END
		addr add 2001:db8:2::2/64 dev eth0 nodad
		addr add $WWW6/64 dev pub0 nodad
		addr add $DNS6/64 dev pub0 nodad
		route add default via 2001:db8:2::1
	END
	sysctl_set router net/ipv6/conf/all/forwarding 1
	if [ "${1:-}" = ra ]; then
		router_ra
	else
		sysctl_set host net/ipv6/conf/uplink0/accept_ra 0
		ipb host <<-END
			addr add $HOST6/64 dev uplink0 nodad
			route add default via $ROUTER6 dev uplink0
		END
	fi
	wait_for 20 pings host $WWW6 || bail "the host does not reach $WWW6"
}

# router_ra [SECONDS]: the router advertises the LAN's prefix, and itself as the
# default router for so long (1800; 0: not at all)
router_ra() {
	[ -z "${RA_PID:-}" ] || stop "$RA_PID"
	spawn "$TMP/ra.log" router dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --port=0 --user=root --pid-file= \
		--log-facility=- --interface=lan0 --enable-ra \
		--dhcp-leasefile="$TMP/ra.leases" \
		--dhcp-range=2001:db8:1::,ra-only,64,2h \
		--ra-param="lan0,10,${1:-1800}"
	RA_PID=$SPAWNED
}

# lan_add NAME N: a machine on the host's LAN, 192.0.2.N
lan_add() {
	ns_add "$1"
	ipb router <<-END
		link add l-$1 type veth peer name eth0 netns ${NS[$1]}
		link set l-$1 master lan0 up
	END
	ipb "$1" <<-END
		addr add 192.0.2.$2/24 dev eth0
		link set eth0 up
		route add default via $ROUTER4
	END
	VM4[$1]=192.0.2.$2
	VM6[$1]=2001:db8:1::$2
	[ -n "${TOPOLOGY6:-}" ] || return 0
	ipb "$1" <<-END
		addr add 2001:db8:1::$2/64 dev eth0 nodad
		route add default via $ROUTER6
	END
}

# lan_dhcp: the LAN's own DHCP server and router advertisements
lan_dhcp() {
	spawn "$TMP/lan-dhcp.log" router dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --port=0 --user=root --pid-file= \
		--log-facility=- --log-dhcp --interface=lan0 \
		--dhcp-leasefile="$TMP/lan.leases" --dhcp-authoritative \
		--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2h \
		--dhcp-option=option:router,$ROUTER4 --no-ping \
		--enable-ra --dhcp-range=2001:db8:1::,ra-only,64,2h \
		--ra-param=lan0,10,1800
	wait_for 10 has_line "$TMP/lan-dhcp.log" 'IP range' ||
		bail "the LAN's DHCP server: $(<"$TMP/lan-dhcp.log")"
}

# inet_dns [DNSMASQ-OPTION...]: the Internet's DNS server; the host uses it
inet_dns() {
	spawn "$TMP/dns.log" inet dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --no-resolv --no-hosts --user=root \
		--pid-file= --log-facility=- --log-queries \
		--bind-interfaces --listen-address=$DNS4 \
		--local=/test/ --host-record="www.example.test,$WWW4" \
		--host-record="ftp.example.test,$WWW4" "$@"
	wait_for 10 listens inet "$DNS4:53" || bail "the DNS server does not start"
	resolv_conf "$DNS4"
}

# resolv_conf ADDRESS...: the host's resolvers
resolv_conf() {
	if [ ! -e "$TMP/resolv.conf.orig" ]; then
		cp -a /etc/resolv.conf "$TMP/resolv.conf.orig" 2>/dev/null ||
			: >"$TMP/resolv.conf.orig"
		defer resolv_conf_back
	fi
	[ ! -L /etc/resolv.conf ] || rm /etc/resolv.conf
	printf 'nameserver %s\n' "$@" >/etc/resolv.conf
}

resolv_conf_back() {
	if [ -L "$TMP/resolv.conf.orig" ]; then
		rm -f /etc/resolv.conf
		cp -a "$TMP/resolv.conf.orig" /etc/resolv.conf
	else
		cat "$TMP/resolv.conf.orig" >/etc/resolv.conf
	fi
}

# inet_http: a web server; serves $TMP/www and takes uploads at
# /cgi-bin/upload, which answers with their SHA-256. $TMP/http.log holds the
# clients' addresses.
inet_http() {
	mkdir -p "$TMP/www/cgi-bin"
	echo "hello from the far side" >"$TMP/www/index.html"
	printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\n%s\n' \
		"head -c \"\$CONTENT_LENGTH\" | sha256sum" \
		>"$TMP/www/cgi-bin/upload"
	chmod 755 "$TMP/www/cgi-bin/upload"
	spawn "$TMP/http.log" inet busybox httpd -f -vv -p "$WWW4:80" \
		-h "$TMP/www"
	wait_for 10 listens inet "$WWW4:80" || bail "the web server does not start"
}

# inet_udp PORT [OPTION...]: a UDP echo server, which notes its clients
inet_udp() {
	local port=$1; shift

	spawn "$TMP/udp.log" inet "$PROGS/udp" echo "$@" "$WWW4" "$port"
	wait_for 10 listens inet "$WWW4:$port" || bail "the UDP server does not start"
}

# mac_of NAME DEV
mac_of() {
	local out

	out=$(ipn "$1" -o link show dev "$2")
	out=${out##*link/ether }
	echo "${out%% *}"
}

# listens NAME ADDRESS:PORT
listens() { [[ $(on "$1" ss -Hltun) == *" $2 "* ]]; }

# --------------------------------------------------------------------- VMs

declare -A VM_MAC=()
VM_COUNT=0

# net_add NAME [KEY VALUE...]: a network that the end of the test deletes
net_add() {
	must "$VNETSHARE" network add "$@" ${VNS_FASTPATH:+fastpath "$VNS_FASTPATH"}
	defer net_del "$1"
}

net_del() {
	[ ! -e "/sys/class/net/$1" ] || "$VNETSHARE" network del "$1"
}

# net_gw NAME: the network's first address
net_gw() { ip4_of host "$1"; }

# net_gw6 NAME: likewise of IPv6
net_gw6() { ip6_of host "$1"; }

# ip4_of NAME DEV: its first IPv4 address
ip4_of() {
	local out

	out=$(ipn "$1" -4 -o addr show dev "$2")
	out=${out#*inet }
	echo "${out%%/*}"
}

# ip6_of NAME DEV: its first global IPv6 address, once it may be used
ip6_of() {
	local out

	out=$(ipn "$1" -6 -o addr show dev "$2" scope global -tentative)
	[[ $out == *inet6* ]] || return
	out=${out#*inet6 }
	echo "${out%%/*}"
}

# net_json NAME FILTER: what network show says of it
net_json() { "$VNETSHARE" -j network show "$1" | jq -r ".[0] | $2"; }

# forward_json NAME FILTER: what forward show says, an array
forward_json() { "$VNETSHARE" -j forward show "$1" | jq -r "$2"; }

# forward_id NAME PORT: the number of the forward that begins at that port
forward_id() { forward_json "$1" ".[] | select(.port == $2) | .id"; }

# net_counter NAME COUNTER
net_counter() {
	local out

	out=$(ethtool -S "$1")
	out=${out##*"$2": }
	echo "${out%%$'\n'*}"
}

counter_is() { [ "$(net_counter "$1" "$2")" -eq "$3" ]; }
counter_above() { [ "$(net_counter "$1" "$2")" -gt "$3" ]; }

# The processes of a network's DHCP and DNS; nothing when there are none
dnsmasq_pid() { cat "/run/vnetshare/$1/dnsmasq.pid" 2>/dev/null; }
supervisor_pid() { awk '/^PPid:/ { print $2 }' "/proc/$(dnsmasq_pid "$1")/status"; }

no_dhcp_left() {
	! pgrep -f "/run/vnetshare/[^ ]*/dnsmasq.conf" &&
		! pgrep -f "^vnetshare: DHCP" && [ -z "$(ls /run/vnetshare)" ]
}

# vm_add NAME NET [native]: a namespace plugged into NET, no address yet
vm_add() {
	local name=$1 net=$2 type=${3:-veth}

	ns_add "$name"
	mkdir -p "/etc/netns/${NS[$name]}"
	: >"/etc/netns/${NS[$name]}/resolv.conf"
	VM_COUNT=$((VM_COUNT + 1))
	VM_MAC[$name]=$(printf '02:00:00:00:01:%02x' $VM_COUNT)
	if [ "$type" = native ]; then
		must "$VNETSHARE" port add "p-$name" network "$net" type native
		ip link set "p-$name" netns "${NS[$name]}" name eth0 \
			address "${VM_MAC[$name]}" || bail "move of p-$name"
	else
		ip link add "p-$name" type veth peer name eth0 \
			netns "${NS[$name]}" address "${VM_MAC[$name]}" ||
			bail "veth p-$name"
		must ip link set "p-$name" up
		must "$VNETSHARE" port add "p-$name" network "$net"
	fi
	must ipn "$name" link set eth0 up
}

# vm_dhcp NAME [OPTION...]: configure eth0 by DHCP; what the server said is in
# $TMP/lease.NAME
vm_dhcp() {
	rm -f "$TMP/lease.$1"
	on_vm "$1" env LEASE="$TMP/lease.$1" timeout $((30 * SCALE)) \
		busybox udhcpc -f -q -n -t $((10 * SCALE)) -T 1 -A 1 -i eth0 \
		-x "hostname:$1" -O mtu -s "$SELF/udhcpc.script" "${@:2}" \
		>"$TMP/udhcpc.$1" 2>&1 </dev/null
}

# vm_up NAME NET [native]: plugged in and configured
vm_up() {
	vm_add "$@"
	vm_dhcp "$1" || bail "$1 gets no lease: $(tail -n 3 "$TMP/udhcpc.$1")"
}

# vm_static NAME ADDRESS/LENGTH [GATEWAY]
vm_static() {
	must ipn "$1" addr add "$2" dev eth0
	[ -z "${3:-}" ] || must ipn "$1" route add default via "$3"
}

# vm_ip NAME
vm_ip() { ip4_of "$1" eth0; }

# vm_set NAME NET N: plugged in, with the addresses .N and ::N of its subnets,
# which are in VM4 and VM6 from then on
vm_set() {
	local gw4 gw6

	vm_add "$1" "$2"
	gw4=$(net_gw "$2")
	gw6=$(net_gw6 "$2") || bail "$2 has no IPv6 address"
	VM4[$1]=${gw4%.*}.$3
	VM6[$1]=${gw6%::*}::$3
	ipb "$1" <<-END
		addr add ${VM4[$1]}/24 dev eth0
		addr add ${VM6[$1]}/64 dev eth0 nodad
		route add default via $gw4
		route add default via $gw6
	END
}

# vm_lan NAME NET N [native]: plugged into a bridged network, with the addresses
# .N and ::N of the LAN
vm_lan() {
	vm_add "$1" "$2" "${4:-veth}"
	VM4[$1]=192.0.2.$3
	VM6[$1]=2001:db8:1::$3
	ipb "$1" <<-END
		addr add ${VM4[$1]}/24 dev eth0
		addr add ${VM6[$1]}/64 dev eth0 nodad
		route add default via $ROUTER4
		route add default via $ROUTER6
	END
}

# vm_ra NAME: wait until the VM has an IPv6 address and a default route
has_route6() { [ -n "$(ipn "$1" -6 route show default)" ]; }
vm_ra() {
	wait_for 20 ip6_of "$1" eth0 && wait_for 20 has_route6 "$1"
}

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

# serve NAME TAG PROTO,ADDRESS,PORT[-LAST]...: answers there with its tag and
# with who asked; see progs/peer. Whom it heard is in $TMP/heard.TAG.
serve() {
	spawn "$TMP/heard.$2" "$1" "$PROGS/peer" serve "${@:2}"
	wait_for 10 has_line "$TMP/heard.$2" '^ready' ||
		bail "no server $2: $(<"$TMP/heard.$2")"
}

# ask NAME QUESTION...: prints each with its answer; see progs/peer
ask() { on "$1" "$PROGS/peer" try "${@:2}"; }

# answers DESCRIPTION REGEX TEXT: every line of what ask printed matches, and
# there is one
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

# talks FROM TO [WHEN]: everything that may be asked there is answered, by TO,
# who sees FROM's own address
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

# talks_not FROM TO [WHEN]: nothing is
talks_not() {
	answers "${3:+$3: }not $1 to $2" '^[^ ]+ no (timeout|icmp|E)' \
		"$(talk "$1" "$2")"
}

# groups_hear NAME DEV: listens to what is said to groups, until the end
GROUPS_HEARD=("224.0.0.251,5353" "ff02::fb,5353" "239.1.2.3,5454" "192.0.2.255,5555")
groups_hear() {
	GROUPS_DEV[$1]=$2
	spawn "$TMP/group.$1" "$1" "$PROGS/group" hear "$2" "${GROUPS_HEARD[@]}"
	wait_for 10 has_line "$TMP/group.$1" '^ready' ||
		bail "no listener: $(<"$TMP/group.$1")"
}
declare -A GROUPS_DEV=()

# groups_reach FROM TO...: what FROM says to each group is heard once by all of
# these
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

# hold ID NAME QUESTION: asks on and on in one session; how that does is in
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

# release ID...: nobody asks in that session any more
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

# conntracked FAMILY ARGUMENT...: conntrack -L says so much
conntracked() { conntrack -f "$1" -L "${@:2}" 2>/dev/null; }
untracked() { [ -z "$(conntracked "$@")" ]; }

# docker_rules: what Docker does to the host's ruleset: FORWARD passes nothing
# but its containers
docker_rules() {
	local family

	for family in ip ip6; do
		echo "table $family filter {
			chain DOCKER-USER {
				counter return
			}
			chain DOCKER-ISOLATION-STAGE-1 {
				iifname docker0 oifname != docker0 counter return
				counter return
			}
			chain FORWARD {
				type filter hook forward priority filter; policy drop;
				counter jump DOCKER-USER
				counter jump DOCKER-ISOLATION-STAGE-1
				oifname docker0 ct state related,established counter accept
				iifname docker0 oifname != docker0 counter accept
				iifname docker0 oifname docker0 counter accept
			}
		}"
	done >"$TMP/docker.nft"
	host_nft <"$TMP/docker.nft"
}

# ---------------------------------------------------------------- events

# watch_events: what "monitor" says goes to $TMP/events from now on
watch_events() {
	spawn "$TMP/events" host "$VNETSHARE" monitor
	wait_for 10 has_line "$TMP/events" start || bail "monitor does not start"
}

# event_mark: what was said so far does not count any more
event_mark() { EVENTS_SEEN=$(wc -l <"$TMP/events"); }
EVENTS_SEEN=0

# event DESCRIPTION REGEX: a line of what was said since
event() {
	if wait_for 8 said "$2"; then
		pass "$1"
	else
		fail "$1" "no '$2' in:" "$(events)"
	fi
}
events() { tail -n +$((EVENTS_SEEN + 1)) "$TMP/events"; }
said() { matching "$(events)" "$1"; }

# no_event DESCRIPTION REGEX
no_event() { unlike "$1" "$(events)" "$2"; }

# --------------------------------------------------------- the fast path

# fast NET PORT: which way the youngest session to that port goes the fast path:
# both, there, back or no; none: there is no such session
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

# fast_count NET: packets that went the fast path
fast_count() { ethtool -S "$1" | awk '/ fastpath_/ { n += $2 } END { print n + 0 }'; }
fast_above() { [ "$(fast_count "$1")" -gt "$2" ]; }

# slow_rules: count what comes by in FORWARD, of ports 9000 to 9999. (A look at
# the counters is no change of the rules.)
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

# judged_anew DESCRIPTION NET COMMAND...: the session that goes on meanwhile is
# shown to the slow path, and then goes the fast path again. (Left alone, it would
# be in ten seconds.)
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

# fast_stops DESCRIPTION NET HOLD COMMAND...: not a packet goes the fast path from
# then on, nor is there an answer
fast_stops() {
	local desc=$1 net=$2 hold=$3 fast; shift 3

	must "$@"
	nap # what is left to a work queue
	fast=$(fast_count "$net")
	ok "$desc: no answer any more" wait_for 10 hold_is "$hold" 'stalled|closed'
	is "$desc: no packet goes the fast path" "$(fast_count "$net")" "$fast"
}

# hang_up ID SIGNAL: a session that hold began ends by FIN (USR1) or RST (HUP)
hang_up() {
	kill "-$2" "${HOLD_PID[$1]}"
	wait_for 10 hold_is "$1" ended || bail "$1 does not end"
}

# -------------------------------------------------------------- the wire

# device NAME DEV FILTER: what ip(8) says of a device
device() { ipn "$1" -d -j link show dev "$2" | jq -r ".[0] | $3"; }
device_is() { [ "$(device "$1" "$2" "$3")" = "$4" ]; }

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

# ------------------------------------------------------------------- start

set -u
TMP=$(mktemp -d /tmp/vnetshare-test.XXXXXX)
chmod 755 "$TMP"
export TMP
trap cleanup EXIT
trap 'exit 1' INT TERM
defer rm -rf "$TMP"
echo "KTAP version 1"

# A test rewrites resolv.conf, routes and links: not on somebody's machine.
if [ -z "${VNS_KO:-}" ] && [ -z "${VNS_HOST_IS_MINE:-}" ]; then
	skip_all "runs in a machine of its own: selftests/vm/run $TEST_NAME"
fi
