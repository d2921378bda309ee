#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each wrong request is refused with a message and with the attribute that is
# wrong or missing, and changes nothing. progs/genl sends requests as they stand;
# the first part derives them from the interface: each attribute of each command
# in each wrong shape.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have "$PROGS/genl" || skip_all "genl is not built: needs libmnl and linux/vnetshare.h"

genl() { "$PROGS/genl"; }

state() {
	ip -d -o link show
	ip -o addr show
	"$VNETSHARE" -j network show
	"$VNETSHARE" -j port show
	"$VNETSHARE" -j forward show
}

net_add net1 dhcp off
gw=$(net_gw net1)
TO=forward.to_address:ip:${gw%.*}.9
must "$VNETSHARE" forward add net1 both 8000-8009 to "${gw%.*}.9"
serve host HOST tcp,0.0.0.0,8100
must ip link add lone0 type veth peer name lone1
defer ip link del lone0
must ip link add here0 type veth peer name here1
defer ip link del here0
must "$VNETSHARE" port add here0 network net1
must "$VNETSHARE" port add box0 network net1 type native
must ip link add name br0 type bridge
defer ip link del br0
must ip link add name taken0 type veth peer name taken1
defer ip link del taken0
must ip link set taken0 master br0
state >"$TMP/before"

NET=network.ifindex:idx:net1
PORT=port.ifindex:idx:here0

# The interface: what each command takes, and a sound request to add to.
declare -A TAKES=(
	[network_get]="ifindex:u32"
	[network_new]="name:str mode:u32 uplink:str mac:mac mtu:u32 ageing:u32
		isolate:u8 share:u8 firewall:u32 uplink_auto:u8 macnat:u32
		group_forward:u32 flood_limit:u32 fastpath:u8"
	[network_set]="ifindex:u32 mode:u32 uplink:str mac:mac mtu:u32 ageing:u32
		isolate:u8 share:u8 firewall:u32 uplink_auto:u8 macnat:u32
		group_forward:u32 flood_limit:u32 fastpath:u8"
	[network_del]="ifindex:u32"
	[port_get]="ifindex:u32 network:u32 id:u32"
	[port_new]="ifindex:u32 name:str network:u32 type:u32 mac:mac lock:u8
		addresses:ips"
	[port_set]="ifindex:u32 network:u32 id:u32 mac:mac lock:u8 addresses:ips"
	[port_del]="ifindex:u32 network:u32 id:u32"
	[fdb_get]="network:u32"
	[neigh_get]="network:u32"
	[flow_get]="network:u32"
	[forward_get]="network:u32"
	[forward_new]="network:u32 protocols:u32 address:ip port:u16 port_last:u16
		to_address:ip to_port:u16"
	[forward_del]="network:u32 id:u32"
)
declare -A SOUND=(
	[network_get]="$NET"
	[network_new]="network.name:str:new1"
	[network_set]="$NET"
	[network_del]="$NET"
	[port_get]="$PORT"
	[port_new]="port.network:idx:net1 port.ifindex:idx:lone0"
	[port_set]="$PORT"
	[port_del]="$PORT"
	[fdb_get]="dump"
	[neigh_get]="dump"
	[flow_get]="dump"
	[forward_get]="dump"
	[forward_new]="forward.network:idx:net1 forward.protocols:u32:1 forward.port:u16:80 $TO"
	[forward_del]="forward.network:idx:net1 forward.id:u32:99"
)
declare -A KNOWS=(
	[network]="ifindex name mode uplink mac mtu ageing uplink_ifindex ports fdb_entries
		isolate share firewall forwards uplink_auto macnat group_forward
		flood_limit uplink_running bridge macnat_active fastpath flows"
	[port]="ifindex name network id type mac lock netnsid running fdb_entries
		addresses learned"
	[fdb]="network mac port_id port_name age pinned"
	[neigh]="network address mac port_id port_name age holder"
	[flow]="network direction protocol source destination source_port
		destination_port"
	[forward]="network id protocols address port port_last to_address to_port
		active connections packets bytes"
)

# shapes TYPE: values of the wrong type or length
shapes() {
	case $1 in
	u32) echo "flag: u8:1 u16:1 hex:010000 u64:1 nest:" ;;
	u16) echo "flag: u8:1 u32:1 hex:010000 u64:1 nest:" ;;
	ip) echo "flag: u8:1 hex:c00002 hex:c000020101 hex:20010db80000000000000000000000010a nest:" ;;
	ips) echo "u8:1 u32:1 hex:00000000000000000000ffffc00002 hex:00000000000000000000ffffc000020101 nest:" ;;
	u8) echo "flag: u16:1 u32:1 nest:" ;;
	mac) echo "flag: hex:0200000001 hex:02000000010203 nest:" ;;
	str) echo "flag: raw:abc nest: str:abcdefghijklmnop" ;;
	esac
}

# Write the requests and, beside them, the attributes that have to be named
REQUESTS=() WANTED=()
for cmd in "${!TAKES[@]}"; do
	object=${cmd%_*}
	for attr in ${KNOWS[$object]}; do
		type=
		for t in ${TAKES[$cmd]}; do
			[ "${t%:*}" != "$attr" ] || type=${t#*:}
		done
		sound=
		for word in ${SOUND[$cmd]}; do
			[[ $word == "$object.$attr:"* ]] || sound+=" $word"
		done
		# one that the command does not take is refused in any shape
		more=
		[ -n "$type" ] || more=u32:1
		for shape in $(shapes "${type:-u32}") $more; do
			REQUESTS+=("$cmd$sound $object.$attr:$shape")
			WANTED+=("$object.$attr")
		done
	done
	for attr in 0:u32:1 60:u32:1 60:flag:; do
		REQUESTS+=("$cmd ${SOUND[$cmd]} $attr")
		WANTED+=("${attr%%:*}")
	done
done
printf '%s\n' "${REQUESTS[@]}" >"$TMP/requests"
genl <"$TMP/requests" >"$TMP/answers" || bail "genl: $(cat "$TMP/answers")"

mapfile -t ANSWERS <"$TMP/answers"
is "${#REQUESTS[@]} requests of a wrong shape, each answered" "${#ANSWERS[@]}" \
	"${#REQUESTS[@]}"
bad=0
for i in "${!REQUESTS[@]}"; do
	[[ ${ANSWERS[i]} =~ ^(EINVAL|ERANGE)\ attr=${WANTED[i]}\ .*msg=[^-] ]] && continue
	bad=$((bad + 1))
	[ $bad -gt 20 ] || note "${REQUESTS[i]} (${WANTED[i]}): ${ANSWERS[i]}"
done
is "each refused, in words, with the attribute named" "$bad" 0
state >"$TMP/after"
is "nothing changed" "$(diff "$TMP/before" "$TMP/after")" ""

# wrong ERRNO attr=NAME|miss=NAME MESSAGE-REGEX REQUEST...: sent by judge
REQUESTS=() WANTED=()
wrong() {
	WANTED+=("^$1 (.* )?$2 .*msg=.*($3)")
	REQUESTS+=("${*:4}")
}

judge() {
	local i

	mapfile -t ANSWERS < <(printf '%s\n' "${REQUESTS[@]}" | genl)
	for i in "${!REQUESTS[@]}"; do
		like "${REQUESTS[i]}" "${ANSWERS[i]:-no answer}" "${WANTED[i]}"
	done
	REQUESTS=() WANTED=()
}

# Out of range
for m in 0 9 4294967295; do
	wrong EINVAL attr=network.mode "mode" network_new network.name:str:new1 network.mode:u32:$m
done
wrong EINVAL attr=network.mode "mode" network_set $NET network.mode:u32:9
for m in 0 67 65536 4294967295; do
	wrong ERANGE attr=network.mtu . network_new network.name:str:new1 network.mtu:u32:$m
	wrong ERANGE attr=network.mtu . network_set $NET network.mtu:u32:$m
done
for a in 0 86401 4294967295; do
	wrong ERANGE attr=network.ageing . network_set $NET network.ageing:u32:$a
done
for m in 000000000000 010000000001 ffffffffffff; do
	wrong EADDRNOTAVAIL attr=network.mac "unicast" network_set $NET network.mac:hex:$m
	# (a port without an address of its own is one of all zeroes)
	[ $m != 000000000000 ] || continue
	wrong EADDRNOTAVAIL attr=port.mac "unicast" port_set $PORT port.mac:hex:$m
	wrong EADDRNOTAVAIL attr=port.mac "unicast" port_new port.network:idx:net1 \
		port.ifindex:idx:lone0 port.mac:hex:$m
done
wrong ERANGE attr=port.lock . port_set $PORT port.lock:u8:2
wrong ERANGE attr=network.isolate . network_set $NET network.isolate:u8:2
wrong ERANGE attr=network.share . network_set $NET network.share:u8:2
for f in 0 4 4294967295; do
	wrong "E(INVAL|RANGE)" attr=network.firewall . network_set $NET network.firewall:u32:$f
done
wrong ERANGE attr=network.uplink_auto . network_set $NET network.uplink_auto:u8:2
for m in 0 4 4294967295; do
	wrong "E(INVAL|RANGE)" attr=network.macnat . network_set $NET network.macnat:u32:$m
done
# (of spanning tree, pause, and LACP; more than the groups of a link)
for g in 1 2 4 7 65535 65536 2147483648; do
	wrong "E(INVAL|RANGE)" attr=network.group_forward . network_set $NET \
		network.group_forward:u32:$g
done
for p in 0 4 4294967295; do
	wrong "E(INVAL|RANGE)" attr=forward.protocols . forward_new forward.network:idx:net1 \
		forward.protocols:u32:$p forward.port:u16:80 "$TO"
done
wrong ERANGE attr=forward.port . forward_new forward.network:idx:net1 \
	forward.protocols:u32:1 forward.port:u16:0 "$TO"
wrong ERANGE attr=forward.to_port . forward_new forward.network:idx:net1 \
	forward.protocols:u32:1 forward.port:u16:80 "$TO" forward.to_port:u16:0
wrong "E(INVAL|RANGE)" attr=forward.port_last . forward_new forward.network:idx:net1 \
	forward.protocols:u32:1 forward.port:u16:80 "$TO" forward.port_last:u16:79
wrong "E(INVAL|RANGE)" attr=forward.to_port . forward_new forward.network:idx:net1 \
	forward.protocols:u32:1 forward.port:u16:80 "$TO" forward.port_last:u16:90 \
	forward.to_port:u16:65530
wrong ERANGE attr=forward.id . forward_del forward.network:idx:net1 forward.id:u32:0
wrong ERANGE attr=network.ifindex . network_get network.ifindex:u32:0
wrong ERANGE attr=network.ifindex . network_get network.ifindex:u32:2147483648
wrong ERANGE attr=port.type . port_new port.network:idx:net1 port.ifindex:idx:lone0 port.type:u32:0
wrong ERANGE attr=port.type . port_new port.network:idx:net1 port.ifindex:idx:lone0 port.type:u32:3

# Names
for n in "" a/b . .. a:b; do
	wrong EINVAL attr=network.name "name" network_new "network.name:str:$n"
	wrong EINVAL attr=port.name "name" port_new port.network:idx:net1 port.type:u32:2 "port.name:str:$n"
done
wrong EEXIST attr=network.name "exist|use" network_new network.name:str:net1
wrong EEXIST attr=network.name "exist|use" network_new network.name:str:lo
wrong EEXIST attr=port.name "exist|use" port_new port.network:idx:net1 port.type:u32:2 port.name:str:lone0
wrong "E[A-Z]*" attr=network.uplink . network_new network.name:str:new1 network.uplink:str:a/b
wrong "E[A-Z]*" attr=network.uplink . network_set $NET network.uplink:str:a/b

# Attributes that exclude each other
wrong EINVAL attr=network.share "hostonly" network_set $NET network.share:u8:1
wrong EINVAL attr=network.share "hostonly" network_new network.name:str:new1 network.share:u8:1
wrong EINVAL attr=network.isolate "isolat" network_set $NET network.mode:u32:3 network.isolate:u8:1
BRIDGED=network.mode:u32:4
wrong "E[A-Z]*" attr=network.mode "uplink" network_set $NET $BRIDGED
wrong "E[A-Z]*" "(attr|miss)=network.(mode|uplink)" "uplink" network_new network.name:str:new1 $BRIDGED
for up in "" nodev0 lo net1; do
	wrong "E[A-Z]*" attr=network.uplink "uplink" network_set $NET $BRIDGED "network.uplink:str:$up"
	wrong "E[A-Z]*" attr=network.uplink "uplink" network_new network.name:str:new1 $BRIDGED \
		"network.uplink:str:$up"
done
wrong EBUSY attr=network.uplink "uplink|device" network_set $NET $BRIDGED network.uplink:str:here0
wrong EINVAL attr=network.share "hostonly" network_set $NET $BRIDGED network.uplink:str:lone0 \
	network.share:u8:1
new_forward="forward_new forward.network:idx:net1 forward.protocols:u32:1"
for to in 192.0.2.77 "$gw" 127.0.0.1 224.0.0.1 0.0.0.0 255.255.255.255 "${gw%.*}.255" ::1 \
	2001:db8::1 ff02::1 "$(net_gw6 net1)"; do
	wrong "E[A-Z]*" attr=forward.to_address "." "$new_forward forward.port:u16:80" \
		"forward.to_address:ip:$to"
done
wrong "E[A-Z]*" attr=forward.address "." "$new_forward forward.port:u16:80" "$TO" \
	forward.address:ip:2001:db8:1::1
for address in 00000000000000000000ffff7f000001 00000000000000000000ffffe0000001 \
	ff020000000000000000000000000001 00000000000000000000000000000001; do
	wrong "E[A-Z]*" attr=port.addresses "." port_set $PORT port.addresses:hex:$address
done

# Ports that are in use
wrong EEXIST attr=forward.port "another port forward has that port" "$new_forward" "$TO" \
	forward.port:u16:8004
wrong EEXIST attr=forward.port "another port forward has that port" "$new_forward" "$TO" \
	forward.port:u16:7990 forward.port_last:u16:8010
wrong EADDRINUSE attr=forward.port "a socket of the host uses that port already" \
	"$new_forward" "$TO" forward.port:u16:8100

# Missing
wrong EINVAL miss=forward.network "network" forward_new forward.protocols:u32:1 \
	forward.port:u16:80 "$TO"
wrong EINVAL miss=forward.protocols "protocol" forward_new forward.network:idx:net1 \
	forward.port:u16:80 "$TO"
wrong EINVAL miss=forward.port "port" "$new_forward" "$TO"
wrong EINVAL miss=forward.to_address "address" "$new_forward" forward.port:u16:80
wrong EINVAL miss=forward.network "network" forward_del forward.id:u32:1
wrong EINVAL miss=network.name "name" network_new
wrong EINVAL miss=network.ifindex "ifindex" network_get
wrong EINVAL miss=network.ifindex "ifindex" network_set network.mtu:u32:1400
wrong EINVAL miss=network.ifindex "ifindex" network_del
wrong EINVAL miss=port.network "network" port_new port.ifindex:idx:lone0
wrong EINVAL miss=port.ifindex "ifindex" port_new port.network:idx:net1
wrong EINVAL miss=port.name "name" port_new port.network:idx:net1 port.type:u32:2
wrong EINVAL miss=port.ifindex "." port_get
wrong EINVAL miss=port.ifindex "." port_del
wrong EINVAL "miss=port\.(id|ifindex)" . port_get port.network:idx:net1

# Objects that do not exist, or are of another kind
wrong ENODEV attr=network.ifindex "no network" network_get network.ifindex:u32:99999
wrong ENODEV attr=network.ifindex "no network" network_set network.ifindex:idx:lone0 network.mtu:u32:1400
wrong ENODEV attr=network.ifindex "no network" network_del network.ifindex:idx:here0
wrong ENODEV attr=port.network "no network" port_new port.network:idx:lone0 port.ifindex:idx:lone1
# (the kernel names no attribute at the end of a dump)
wrong ENODEV attr=.* "no network" port_get dump port.network:idx:lone0
wrong ENODEV attr=.* "no network" fdb_get dump fdb.network:u32:99999
wrong ENODEV attr=.* "no network" neigh_get dump neigh.network:u32:99999
wrong ENODEV attr=port.ifindex . port_new port.network:idx:net1 port.ifindex:u32:99999
wrong ENOENT attr=port.ifindex . port_get port.ifindex:idx:lone0
wrong ENOENT attr=port.ifindex . port_set port.ifindex:idx:net1 port.lock:u8:0
wrong ENOENT attr=port.ifindex . port_del port.ifindex:idx:taken0
wrong ENOENT attr=port.id . port_get port.network:idx:net1 port.id:u32:999
wrong ENOENT attr=port.id . port_del port.network:idx:net1 port.id:u32:999

wrong ENODEV attr=forward.network "no network" forward_new forward.network:idx:lone0 \
	forward.protocols:u32:1 forward.port:u16:80 "$TO"
wrong ENODEV attr=forward.network "no network" forward_del forward.network:u32:99999
wrong ENODEV attr=.* "no network" forward_get dump forward.network:u32:99999
wrong ENOENT attr=forward.id . forward_del forward.network:idx:net1 forward.id:u32:999

# Devices that cannot be ports
wrong EBUSY attr=port.ifindex "master|br0" port_new port.network:idx:net1 port.ifindex:idx:taken0
wrong EEXIST attr=port.ifindex "already" port_new port.network:idx:net1 port.ifindex:idx:here0
wrong "E[A-Z]*" attr=port.ifindex "loopback|Ethernet" port_new port.network:idx:net1 port.ifindex:idx:lo
wrong "E[A-Z]*" attr=port.ifindex . port_new port.network:idx:net1 port.ifindex:idx:net1
wrong EINVAL attr=port.lock "lock" port_set $PORT port.lock:u8:1

# The message itself; the kernel has no words for a command that it lacks
for cmd in 0 10 15 19 20 22 23 99 255; do
	wrong EOPNOTSUPP attr=- . "$cmd"
done
wrong EOPNOTSUPP attr=- . network_new dump network.name:str:new1
wrong EOPNOTSUPP attr=- . fdb_get
wrong EOPNOTSUPP attr=- . neigh_get
wrong EOPNOTSUPP attr=- . forward_get
wrong EINVAL attr=- "." network_new network.name:str:new1 short=4
judge
is "sound requests still pass" "$(genl <<-END
	network_get $NET
	port_get $PORT
	port_get dump port.network:idx:net1
	fdb_get dump
	forward_get dump forward.network:idx:net1
	END
	)" "$(printf 'OK 1\nOK 1\nOK 2\nOK 0\nOK 1')"
state >"$TMP/after"
is "still nothing changed" "$(diff "$TMP/before" "$TMP/after")" ""

# Without the right
cp "$PROGS/genl" "$TMP/genl"
chmod 755 "$TMP/genl"
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
cat >"$TMP/forbidden" <<-END
	network_new network.name:str:new1
	network_set $NET network.mtu:u32:1400
	network_del $NET
	port_new port.network:idx:net1 port.ifindex:idx:lone0
	port_set $PORT port.lock:u8:0
	port_del $PORT
	forward_new forward.network:idx:net1 forward.protocols:u32:1 forward.port:u16:80 $TO
	forward_del forward.network:idx:net1
	flow_get dump flow.network:idx:net1
END
is "EPERM for nobody, whatever changes something or shows sessions" \
	"$(as_nobody "$TMP/genl" <"$TMP/forbidden" | grep -c '^EPERM ')" 9
is "EPERM for the root of a user namespace" \
	"$(as_nobody unshare -Ur "$TMP/genl" <"$TMP/forbidden" | grep -c '^EPERM ')" 9
like "an unprivileged user may read" "$(as_nobody "$TMP/genl" <<<"network_get $NET")" "^OK 1"
like "the owner of the network namespace may make networks in it" \
	"$(as_nobody unshare -Urn "$TMP/genl" <<<"network_new network.name:str:net1")" \
	"^OK 1"
state >"$TMP/after"
is "and nothing changed" "$(diff "$TMP/before" "$TMP/after")" ""

finish
