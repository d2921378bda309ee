#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# A port that a socket of the host uses is refused to a forward. A forward's port
# is refused to the host's sockets while the forward exists. Other invalid
# forwards are refused.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# refused DESCRIPTION MESSAGE ARGUMENT...: of forward add
refused() {
	local desc=$1 message=$2 out; shift 2

	if out=$("$VNETSHARE" forward add "$@" 2>&1 </dev/null); then
		fail "$desc" "succeeded: $*"
	else
		like "$desc" "$out" "$message"
	fi
}
# allowed DESCRIPTION NET PROTOCOL PORTS ...: added, and deleted again
allowed() {
	ok "$1" "$VNETSHARE" forward add "${@:2}"
	must "$VNETSHARE" forward del "$2" all
}

topology
topology6
ipb host <<-END
	addr add 192.0.2.2/24 dev uplink0
END
net_add net1 dhcp off
net_add net2 dhcp off
vm_set vm1 net1 9
vm_set vm2 net2 9
v4=${VM4[vm1]}
v6=${VM6[vm1]}
serve vm1 VM1 tcp,"$v4",80 udp,"$v4",80 tcp,"$v6",80

# Sockets' ports: on all addresses of IPv4, one, a loopback one, all of IPv6
serve host ANY4 tcp,0.0.0.0,8001 udp,0.0.0.0,8002
serve host ONE4 tcp,$HOST4,8003 udp,$HOST4,8004
serve host LO4 tcp,127.0.0.1,8005 udp,127.0.0.1,8006
serve host ANY6 tcp,::,8007 udp,::,8008
TAKEN="a socket of the host uses that port already"
while read -r proto port to what; do
	[ "$to" = 4 ] && to=$v4 || to="[$v6]"
	refused "$proto $port to $to: $what" "$TAKEN" net1 "$proto" "$port" to "$to:80"
done <<-END
	tcp 8001 4 a socket at every address
	udp 8002 4 likewise
	both 8001 4 likewise, of one of both protocols
	both 8002 4 likewise, of the other
	tcp 8003 4 a socket at one address
	udp 8004 4 likewise
	tcp 8005 4 a socket at a loopback address
	udp 8006 4 likewise
	tcp 8007 6 a socket at every IPv6 address
	udp 8008 6 likewise
	tcp 7990-8010 4 one within a range
	tcp $HOST4:8003 4 a socket at the address asked for
	udp $HOST4:8004 4 likewise
	tcp $HOST4:8001 4 a socket at every address, at one asked for
END
is "nothing of that is there" "$(forward_json net1 length)" 0
ok "no port of the refused range is reserved" binds tcp,0.0.0.0,7990
allowed "the other protocol" net1 udp 8001 to "$v4:80"
allowed "the other family" net1 tcp 8007 to "$v4:80"
allowed "the other family is allowed" net1 tcp 8001 to "[$v6]:80"
allowed "another address than the socket's" net1 tcp 192.0.2.2:8003 to "$v4:80"

# Reserved
must "$VNETSHARE" forward add net1 both 8080-8082 to "$v4:80"
must "$VNETSHARE" forward add net1 tcp 8090 to "[$v6]:80"
must "$VNETSHARE" forward add net1 udp 192.0.2.2:8095 to "$v4:80"
for what in tcp,0.0.0.0,8080 udp,0.0.0.0,8081 tcp,$HOST4,8082 udp,127.0.0.1,8080 \
	tcp,::,8090 tcp,::1,8090 udp,192.0.2.2,8095 udp,0.0.0.0,8095; do
	refuse "reserved: $what" binds "$what"
done
for what in tcp,0.0.0.0,8083 tcp,0.0.0.0,8090 udp,::,8090 udp,$HOST4,8095 \
	tcp,192.0.2.2,8095; do
	ok "not reserved: $what" binds "$what"
done
answers "the forward works meanwhile" 'yes VM1' "$(ask router a=tcp,$HOST4,8080)"
must ip link set net1 down
refuse "reserved with the network down" binds tcp,0.0.0.0,8080
must ip link set net1 up

# Two forwards cannot have one port
SAME="another port forward has that port"
refused "a second forward of a port" "$SAME" net1 tcp 8080 to "$v4:81"
refused "a forward of another network is refused" "$SAME" net2 tcp 8080 to "${VM4[vm2]}:80"
refused "a range that overlaps" "$SAME" net2 udp 8070-8080 to "${VM4[vm2]}:80"
refused "one address of all" "$SAME" net1 tcp $HOST4:8080 to "$v4:81"
refused "all of one address" "$SAME" net1 udp 8095 to "$v4:81"
allowed_beside() {
	ok "$1" "$VNETSHARE" forward add "${@:2}"
}
allowed_beside "another address beside one" net2 udp $HOST4:8095 to "${VM4[vm2]}:80"
allowed_beside "the other family beside one" net2 tcp 8080 to "[${VM6[vm2]}]:80"

# Free again
must "$VNETSHARE" forward del net1 "$(forward_id net1 8080)"
ok "free after forward del" binds tcp,0.0.0.0,8080
ok "in both protocols, to the end of the range" binds udp,0.0.0.0,8082
refuse "others stay" binds tcp,::,8090
must "$VNETSHARE" network del net1
ok "free after network del" binds tcp,::,8090
must "$VNETSHARE" forward del net2 all
ok "free after forward del NET all" binds udp,$HOST4,8095
is "none is left" "$("$VNETSHARE" -j forward show | jq length)" 0

# Invalid forwards
v4=${VM4[vm2]}
gw=$(net_gw net2)
while IFS='|' read -r what message args; do
	# shellcheck disable=SC2086 # words
	refused "$what" "$message" net2 $args
done <<-END
	an address outside the network|subnet|tcp 80 to 192.0.2.77:80
	the host's own address there|own|tcp 80 to $gw:80
	the host's address elsewhere|subnet|tcp 80 to $HOST4:80
	a loopback address|.|tcp 80 to 127.0.0.1:80
	a multicast address|.|tcp 80 to 224.0.0.1:80
	a broadcast address|.|tcp 80 to ${gw%.*}.255:80
	families that differ|.|tcp [2001:db8:1::1]:80 to $v4:80
	port 0|.|tcp 0 to $v4:80
	a range that ends before it begins|.|tcp 90-80 to $v4:80
	a range that ends behind the last port|.|tcp 80-90 to $v4:65530
	another protocol|.|sctp 80 to $v4:80
END
is "none of that is there" "$("$VNETSHARE" -j forward show | jq length)" 0
refused "a network that is not there" "nonet" nonet tcp 80 to "$v4:80"
refuse "forward del of a number that is none" "$VNETSHARE" forward del net2 99

finish
