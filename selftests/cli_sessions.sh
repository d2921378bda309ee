#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# Sessions are listed with their ends, translation, state, bytes and age, as text
# and JSON, selected by network, VM, port and protocol. They can be ended.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# show FILTER ARGUMENT...: of the JSON
show() { "$VNETSHARE" -j session show "${@:2}" | jq -r "$1"; }
# one FILTER PORT: of the session to that port
one() { show "[.[] | select(.to_port == $2)][0] | $1" net1; }
ports() { show '[.[].to_port // 0] | sort | map(tostring) | join(" ")' "$@"; }

topology
topology6
inet_dns
lan_add lan1 77
# the module's own counters do not depend on this sysctl
sysctl_set host net/netfilter/nf_conntrack_acct 0
net_add net1
net_add net2 dhcp off
vm_up vm1 net1
vm_up vm2 net1
vm_set vm3 net2 9
vm_ra vm1 || bail "vm1 gets no IPv6 address"
ip1=$(vm_ip vm1)
ip2=$(vm_ip vm2)
ip61=$(ip6_of vm1 eth0)
gw4=$(net_gw net1)
serve inet FAR tcp,$WWW4,9001 udp,$WWW4,9002 tcp,$WWW6,9003 udp,$WWW4,9005 udp,$WWW4,9006
serve vm1 VM1 tcp,"$ip1",80
serve host HOST tcp,"$gw4",9007
must "$VNETSHARE" forward add net1 tcp 8080 to "$ip1:80"
must conntrack -F

hold tcp vm1 tcp,$WWW4,9001
hold udp vm1 udp,$WWW4,9002,0.0.0.0,5000
hold tcp6 vm1 tcp,$WWW6,9003
hold second vm2 udp,$WWW4,9005
hold forward lan1 tcp,$HOST4,8080
hold own vm1 tcp,"$gw4",9007
hold other vm3 udp,$WWW4,9006
hold foreign host tcp,$WWW4,9001
reaches "an echo" vm1 echo=icmp,$WWW4

# Fields of one session
is "network, protocol and both ends" "$(one '"\(.network) \(.proto) \(.kind) \(.name) \(.vm) \(.from_address) \(.to_address) \(.to_port)"' 9001)" \
	"net1 tcp out vm1 $ip1 $ip1 $WWW4 9001"
is "translated to what" "$(one .translated_from_address 9002)" "$HOST4"
is "from which port" "$(one .from_port 9002)" 5000
is "the far end is not translated" "$(one .translated_to_address 9002)" null
is "TCP's state" "$(one .state 9001)" established
like "UDP's" "$(one .state 9002)" "^(assured|replied)$"
is "over IPv6" "$(one '"\(.proto) \(.vm) \(.translated_from_address)"' 9003)" "tcp $ip61 $HOST6"
is "one through a forward: the client stays who he is" \
	"$(one '"\(.kind) \(.from_address) \(.to_address) \(.translated_to_address) \(.translated_to_port)"' 8080)" \
	"forward 192.0.2.77 $HOST4 $ip1 80"
is "one to the host" "$(one '"\(.kind) \(.to_address)"' 9007)" "to-host $gw4"
is "an echo" "$(show '[.[] | select(.proto == "icmp")][0] | "\(.vm) \(.to_address)"' net1)" \
	"$ip1 $WWW4"

# Bytes and age, counted with accounting off
bytes() { one '.bytes + .reply_bytes' 9001; }
more() { [ "$(bytes)" -gt "$1" ]; }
first=$(bytes)
[ "${first:-0}" -gt 100 ]
result $? "bytes of both directions are counted ($first)"
ok "the bytes grow" wait_for 5 more "$first"
[ "$(one .packets 9001)" -gt 2 ]
result $? "so are packets"
age=$(one .age 9001)
older() { [ "$(one .age 9001)" -gt "${age:-999999}" ]; }
[ "${age:-99999}" -lt $((60 * SCALE)) ]
result $? "the age is that of the session ($age s)"
ok "the age grows" wait_for 5 older
is "the host's own sessions get no accounting by this" \
	\
	"$(conntracked ipv4 -p tcp -s $HOST4 --orig-port-dst 9001 | grep -c bytes=)" 0

# Text
text=$("$VNETSHARE" session show net1)
like "text has a head" "$text" "^NETWORK +PROTO"
like "the text has a line for each" "$text" \
	"^net1 +tcp +out +vm1 +$ip1:[0-9]+ +$HOST4:[0-9]+ +$WWW4:9001 .*established"
like "IPv6 addresses stand in brackets" "$text" "\[$ip61\]:[0-9]+ +.*\[$WWW6\]:9003"

# Filters
is "a network's" "$(ports net2)" 9006
is "all networks'" "$(show '[.[].network] | unique | join(" ")')" "net1 net2"
unlike "none of the host's own" "$(show '.[].from_address' net1)" "^$HOST4$"
is "a VM's, by address" "$(ports net1 vm "$ip2")" 9005
is "a VM's, by name" "$(ports net1 vm vm2)" 9005
is "by port" "$(ports net1 port 9002)" 9002
is "by the VM's port" "$(ports net1 port 5000)" 9002
is "by protocol" "$(ports net1 proto udp)" "$(show '[.[] | select(.proto == "udp") |
	.to_port] | sort | map(tostring) | join(" ")' net1)"
like "UDP is there" " $(ports net1 proto udp) " " 9002 "
is "by several" "$(ports net1 vm vm1 proto tcp port 9003)" 9003
is "an unknown VM has no sessions" "$(show length net1 vm 192.0.2.200)" 0

# Ended; the clients are quiet, since a packet would begin a session anew
release udp second own
must "$VNETSHARE" session flush net1 port 9002
ok "flush of one: it is gone" untracked ipv4 -p udp --orig-port-dst 9002
like "the others stay" " $(ports net1) " " 9001 .* 9005 "
is "flush of a VM says how many" \
	"$("$VNETSHARE" -j session flush net1 vm vm2 proto udp | jq -r '.[0].flushed')" 1
ok "the session is gone from conntrack" untracked ipv4 -p udp --orig-port-dst 9005
like "another VM's stays" " $(ports net1) " " 9001 "
release tcp tcp6 forward
must "$VNETSHARE" session flush net1
is "flush of a network: none is left" "$(show length net1)" 0
is "another network's is" "$(ports net2)" 9006
ok "the other session goes on" hold_is other 'open|flows'
refuse "session show of what is no network" "$VNETSHARE" session show nonet
"$VNETSHARE" session show net1 proto hyper >/dev/null 2>&1
is "an unknown protocol: exit 2" $? 2

finish
