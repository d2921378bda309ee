# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# The world of a test. The initial network namespace is the host under test;
# everything else is a namespace with a random suffix:
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
# topology6 adds IPv6: 2001:db8:1::/64 on the LAN (the host ::1, or an address
# from the router's advertisements; the router ::fe; a LAN machine ::N),
# 2001:db8:2::/64 between the router and the Internet, 2001:db8:3::10 and ::53
# there.

readonly HOST4=192.0.2.1 ROUTER4=192.0.2.254 WWW4=203.0.113.10 DNS4=203.0.113.53
readonly HOST6=2001:db8:1::1 ROUTER6=2001:db8:1::fe WWW6=2001:db8:3::10
readonly DNS6=2001:db8:3::53
export HOST4 ROUTER4 WWW4 DNS4 HOST6 ROUTER6 WWW6 DNS6

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

# ns_gone FULL-NAME: end the processes inside, then the namespace; the far ends of
# its veths go with it. A closed connection that waits for its last answer keeps
# the namespace for minutes: hence eth0 is deleted first.
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

# spawn LOG NAME COMMAND...: start a program in a namespace, in the background;
# the process id is in $SPAWNED
spawn() {
	local log=$1 inside=()

	# empty at once: a wait for a line must not find one of an earlier run
	: >"$log"
	# not by on(): the process has to be the program itself
	[ "$2" = host ] || inside=(busybox nsenter "--net=/run/netns/${NS[$2]}")
	shift 2
	[[ $1 == */* ]] || { hash "$1" && set -- "${BASH_CMDS[$1]}" "${@:2}"; }
	"${inside[@]}" "$@" >"$log" 2>&1 </dev/null &
	SPAWNED=$!
	defer stop "$SPAWNED"
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

# The addresses of all machines on the LAN, and of VMs in their subnet
declare -A VM4=() VM6=()

# topology6 [ra]: the same with IPv6. With "ra" the host takes its address and its
# default route from the router's advertisements; else both are set.
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

# device NAME DEV FILTER: a device as ip(8) shows it
device() { ipn "$1" -d -j link show dev "$2" | jq -r ".[0] | $3"; }
device_is() { [ "$(device "$1" "$2" "$3")" = "$4" ]; }

# docker_rules: Docker's changes to the host's ruleset: FORWARD passes nothing but
# its containers
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
