#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# Port forwards, IPv4 and IPv6: from which machines a VM is reached, and with
# which source address; ranges, one address, both protocols. A forward leaves
# alone the VM's own traffic to that port, other networks, other addresses.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
net_add net2 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
vm_set vm3 net2 9
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
v4=${VM4[vm1]}
v6=${VM6[vm1]}
# another address of the host's
OTHER4=192.0.2.2 OTHER6=2001:db8:1::2
ipb host <<-END
	addr add $OTHER4/24 dev uplink0
	addr add $OTHER6/64 dev uplink0 nodad
END

serve vm1 VM1 tcp,"$v4",80 tcp,"$v6",80 udp,"$v4",5000 udp,"$v6",5000 \
	tcp,"$v4",9000-9004 udp,"$v4",9000-9004 \
	tcp,"$v6",9000-9004 udp,"$v6",9000-9004
serve inet FAR tcp,$WWW4,80 tcp,$WWW6,80 udp,$WWW4,5353 udp,$WWW6,5353
serve lan1 LAN tcp,192.0.2.77,80 udp,192.0.2.77,5353 \
	tcp,2001:db8:1::77,80 udp,2001:db8:1::77,5353

forward() { ok "forward add $*" "$VNETSHARE" forward add "$@"; }
forward net1 tcp 80 to "$v4:80"
forward net1 tcp 80 to "[$v6]:80"
forward net1 udp 5353 to "$v4:5000"
forward net1 udp 5353 to "[$v6]:5000"
forward net1 both 7000-7004 to "$v4:9000"
forward net1 both 7000-7004 to "[$v6]:9000"
forward net1 both $OTHER4:8081 to "$v4:9001"
forward net1 both "[$OTHER6]:8081" to "[$v6]:9001"

# at NAME ADDRESS: questions at the wildcard forwards
at() { echo "$1.tcp=tcp,$2,80 $1.udp=udp,$2,5353 $1.tcp-range=tcp,$2,7003 $1.udp-range=udp,$2,7003"; }
# as DESCRIPTION FROM CLIENT QUESTION...: the VM sees CLIENT
as() { answers "$1" "yes VM1 $3 " "$(ask "$2" "${@:4}")"; }

# shellcheck disable=SC2046 # words
{
as "from the LAN, as who it is" lan1 192.0.2.77 $(at lan $HOST4) $(at other $OTHER4)
as "over IPv6" lan1 2001:db8:1::77 $(at lan $HOST6) $(at other $OTHER6)
as "from the far side, as who it is" inet 198.51.100.2 $(at far $HOST4)
as "over IPv6" inet 2001:db8:2::2 $(at far $HOST6)
as "from the host at its LAN address, as that" host $HOST4 $(at host $HOST4)
as "over IPv6" host $HOST6 $(at host $HOST6)
as "from the host at another address of that device, as the first" host $HOST4 $(at host $OTHER4)
as "from the host at the gateway's address, as that" host "$gw4" $(at host "$gw4")
as "over IPv6" host "$gw6" $(at host "$gw6")
as "from 127.0.0.1, as the gateway" host "$gw4" $(at lo 127.0.0.1)
as "from another loopback address, as the gateway" host "$gw4" $(at lo 127.9.8.7)
as "from ::1, as the gateway" host "$gw6" $(at lo ::1)
as "from a VM of the network, as the gateway" vm2 "$gw4" $(at gw "$gw4") $(at host $HOST4)
as "over IPv6" vm2 "$gw6" $(at gw "$gw6") $(at host $HOST6)
as "from the VM itself, as the gateway" vm1 "$gw4" $(at gw "$gw4") $(at host $HOST4)
as "over IPv6" vm1 "$gw6" $(at gw "$gw6") $(at host $HOST6)

# One to one
for proto in tcp udp; do
	out=$(ask lan1 0=$proto,$HOST4,7000 1=$proto,$HOST4,7001 \
		4=$proto,$HOST4,7004 0=$proto,$HOST6,7000 \
		3=$proto,$HOST6,7003 4=$proto,$HOST6,7004)
	answers "a range of $proto is one to one" \
		"^([0-4]) yes VM1 .* 900[0-4]$" "$out"
	is "each port at its own" "$(awk '{ print 9000 + $1 - $NF }' <<<"$out" | sort -u)" 0
done

# One address only
as "one address: there" lan1 '(192\.0\.2\.77|2001:db8:1::77)' tcp4=tcp,$OTHER4,8081 \
	udp4=udp,$OTHER4,8081 tcp6=tcp,$OTHER6,8081 udp6=udp,$OTHER6,8081
reaches_not "not at another" lan1 tcp4=tcp,$HOST4,8081 udp4=udp,$HOST4,8081 \
	tcp6=tcp,$HOST6,8081 udp6=udp,$HOST6,8081
reaches_not "no answer at a loopback address or the gateway's" host lo4=tcp,127.0.0.1,8081 \
	lo6=tcp,::1,8081 gw4=tcp,"$gw4",8081 gw6=udp,"$gw6",8081

# Traffic that no forward takes
link=$(ip -6 -o addr show dev uplink0 scope link)
link=${link#*inet6 }
reaches_not "other ports and protocols are the host's" lan1 \
	below=tcp,$HOST4,6999 above=tcp,$HOST4,7005 udp80=udp,$HOST4,80 \
	tcp5353=tcp,$HOST4,5353 below6=tcp,$HOST6,6999 above6=udp,$HOST6,7005 \
	link=tcp,"${link%%/*}%eth0",80
reaches_not "a VM of another network is not forwarded" vm3 \
	$(at gw "$gw4") $(at gw "$gw6") $(at host $HOST4) $(at host $HOST6) \
	$(at own "$(net_gw net2)") $(at own "$(net_gw6 net2)")

# "Every local address", not every packet
answers "a VM's traffic to such ports elsewhere is its own" 'yes (FAR|LAN) ' "$(ask vm1 \
	far4=tcp,$WWW4,80 far6=tcp,$WWW6,80 far4u=udp,$WWW4,5353 far6u=udp,$WWW6,5353 \
	lan4=tcp,192.0.2.77,80 lan4u=udp,192.0.2.77,5353 lan6=tcp,2001:db8:1::77,80)"
answers "the neighbour's traffic is its own" 'yes (FAR|LAN) ' "$(ask vm2 far4=tcp,$WWW4,80 \
	far6=tcp,$WWW6,80 far4u=udp,$WWW4,5353 lan4=tcp,192.0.2.77,80)"
answers "another network's traffic is its own" 'yes (FAR|LAN) ' "$(ask vm3 far4=tcp,$WWW4,80 \
	far6=tcp,$WWW6,80 far4u=udp,$WWW4,5353 lan4=tcp,192.0.2.77,80)"
answers "the host's traffic is its own" 'yes (FAR|LAN) ' "$(ask host far4=tcp,$WWW4,80 \
	far6=tcp,$WWW6,80 far6u=udp,$WWW6,5353 lan4=tcp,192.0.2.77,80)"
}

# Listing and counters
field() { "$VNETSHARE" -j forward show net1 |
	jq -r --arg a "$v4" ".[] | select(.port == $1 and .to_address == \$a) | $2"; }
is "shown: a single port" "$(field 80 \
	'"\(.network) \(.proto) \(.address) \(.port) \(.port_last) \(.to_port) \(.active)"')" \
	"net1 tcp * 80 80 80 true"
is "shown: a range of both protocols" "$(field 7000 \
	'"\(.network) \(.proto) \(.address) \(.port) \(.port_last) \(.to_port)"')" \
	"net1 both * 7000 7004 9000"
is "shown: one address" "$(field 8081 .address)" $OTHER4
is "network show counts them" "$(net_json net1 .forwards)" 8
before=$(field 80 .connections)
bytes=$(field 80 .bytes)
reaches "three more connections" lan1 a=tcp,$HOST4,80 b=tcp,$HOST4,80 c=tcp,$HOST4,80
is "connections are counted" "$(field 80 .connections)" $((before + 3))
[ "$(field 80 .packets)" -ge $((3 * (before + 3))) ]
result $? "so are packets ($(field 80 .packets))"
[ "$(field 80 .bytes)" -ge $((bytes + 3 * 120)) ]
result $? "and bytes ($(field 80 .bytes))"
is "each forward counts its own connections" "$(field 8081 .connections)" 2
is "the host is no router" \
	"$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding)" \
	"$(printf '0\n0')"

finish
