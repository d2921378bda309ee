# shellcheck shell=bash disable=SC2034	# measure.sh reads what is set here
# SPDX-License-Identifier: GPL-2.0
#
# The systems that "make bench" measures. Each NAME_up plugs in the taps and says
# how frames are to be written and to arrive (SYSTEM, ENDS, V4, V6); NAME_down
# takes all of it away again. _nat: vm0 behind the host's address; _l2 A B: two
# of the taps on one Ethernet.

declare -A TAP=([vm0]="5,vm0,tx" [vm1]="6,vm1,tx" [lan0]="7,lan0,tx")
declare -A PEER_MAC=([vm0]=$VM_MAC0 [vm1]=$VM_MAC1 [lan0]=$ROUTER_MAC)

# The host's leg on the LAN, with a router whose MAC is known.
uplink_up() {
	ipb host <<-END
		addr add $HOST4/24 dev lan0
		addr add $HOST6/64 dev lan0 nodad
		neigh replace $ROUTER4 lladdr $ROUTER_MAC dev lan0 nud permanent
		neigh replace $ROUTER6 lladdr $ROUTER_MAC dev lan0 nud permanent
		route add default via $ROUTER4
		route add default via $ROUTER6
	END
}

uplink_down() {
	ip -6 route flush default
	ip addr flush dev lan0
	ip neigh flush dev lan0 nud permanent
	conntrack -F 2>/dev/null
}

# forwarding 0|1: is the host a router
forwarding() {
	echo "$1" >/proc/sys/net/ipv4/ip_forward
	echo "$1" >/proc/sys/net/ipv6/conf/all/forwarding
}

# nat_ends GATEWAY-MAC: addresses of a NAT
nat_ends() {
	ENDS="a=${TAP[vm0]} amac=$VM_MAC0 agw=$1"
	ENDS+=" b=${TAP[lan0]} bmac=$ROUTER_MAC bgw=$UPLINK_MAC ttl=1"
	V4="src=$VM0_4 dst=$WWW4 see=$HOST4"
	V6="src=$VM0_6 dst=$WWW6 see=$HOST6"
}

# l2_ends A B [DEVICE-A [DEVICE-B]]: nothing is changed on the way
l2_ends() {
	ENDS="a=${3:-${TAP[$1]}} amac=${PEER_MAC[$1]} agw=${PEER_MAC[$2]}"
	ENDS+=" b=${4:-${TAP[$2]}} bmac=${PEER_MAC[$2]} bgw=${PEER_MAC[$1]}"
	V4="src=$VM0_4 dst=$WWW4"
	V6="src=$VM0_6 dst=$WWW6"
}

# vm_neighbours DEV: the VM is known on the host's leg
vm_neighbours() {
	must ip neigh replace "$VM0_4" lladdr "$VM_MAC0" dev "$1" nud permanent
	must ip neigh replace "$VM0_6" lladdr "$VM_MAC0" dev "$1" nud permanent
}

mac() { cat "/sys/class/net/$1/address"; }

# --- the limit -----------------------------------------------------------------

limit_nat_up() {
	limit_up in=vm0 out=lan0 saddr="$HOST4" smac="$UPLINK_MAC" dmac="$ROUTER_MAC"
	SYSTEM=limit
	nat_ends "$UPLINK_MAC"
}
limit_nat_down() { limit_down; }

limit_l2_up() {
	limit_up in="$1" out="$2"
	SYSTEM=limit
	l2_ends "$1" "$2"
}
limit_l2_down() { limit_down; }

# --- vnetshare -----------------------------------------------------------------

vnetshare_nat_up() {
	uplink_up
	must "$VNETSHARE" network add net1 dhcp off subnet "$NET4" subnet6 "$NET6"
	must "$VNETSHARE" port add vm0 network net1
	vm_neighbours net1
	SYSTEM=vnetshare
	nat_ends "$(mac net1)"
}

vnetshare_nat_down() {
	must "$VNETSHARE" network del net1
	uplink_down
	must rmmod vnetshare
}

# A native port, which is a container's card: frames go in and out by a packet
# socket, the host's own stack does not see them.
vnetshare_native_nat_up() {
	uplink_up
	must "$VNETSHARE" network add net1 dhcp off subnet "$NET4" subnet6 "$NET6"
	must "$VNETSHARE" port add port0 network net1 type native
	must ip link set port0 up
	vm_neighbours net1
	limit_up in=port0
	SYSTEM="vnetshare, native port"
	nat_ends "$(mac net1)"
	ENDS=${ENDS/a=5,vm0,tx/a=packet,port0,rx}
	FLOOR_OF=([a]=packet-out [b]=packet-in)
}

vnetshare_native_nat_down() {
	FLOOR_OF=([a]=tap [b]=tap)
	limit_down
	vnetshare_nat_down
}

# forward_ends: from side b, through a forward of the host's to vm0
forward_ends() {
	V4="from=b src=$WWW4 dst=$HOST4 dport=5000 to=$VM0_4 toport=5001"
	V6="from=b src=$WWW6 dst=$HOST6 dport=5000 to=$VM0_6 toport=5001"
}

vnetshare_forward_up() {
	vnetshare_nat_up
	must "$VNETSHARE" forward add net1 both 5000 to "$VM0_4:5001"
	must "$VNETSHARE" forward add net1 both 5000 to "[$VM0_6]:5001"
	forward_ends
}
vnetshare_forward_down() { vnetshare_nat_down; }

# vnetshare_l2_up A B [KEY VALUE...]: VM to VM on a network of its own, else bridged
vnetshare_l2_up() {
	local a=$1 b=$2 dev; shift 2

	if [ "$b" = lan0 ]; then
		uplink_up
		must "$VNETSHARE" network add net1 mode bridged uplink lan0 "$@"
	else
		must "$VNETSHARE" network add net1 dhcp off subnet "$NET4" subnet6 "$NET6"
	fi
	for dev in "$a" "$b"; do
		[ "$dev" = lan0 ] || must "$VNETSHARE" port add "$dev" network net1
	done
	SYSTEM=vnetshare
	l2_ends "$a" "$b"
	if [ "${*:1:2}" = "macnat on" ]; then
		SYSTEM="vnetshare macnat"
		ENDS=${ENDS/bgw=*/bgw=$UPLINK_MAC}
	fi
}
vnetshare_l2_down() { vnetshare_nat_down; }

vnetshare_has_bridged() { "$VNETSHARE" network --help 2>&1 | grep -q bridged; }

# --- Linux bridge, with masquerade and with flowtables --------------------------

# The rules of libvirt's default network, IPv4 and IPv6.
libvirt_rules() {
	local family net net2 groups

	for family in ip ip6; do
		net=$NET4 groups="224.0.0.0/24 255.255.255.255/32"
		[ $family = ip ] || net=$NET6 groups="ff02::/16"
		echo "table $family libvirt_network {
			chain guest_cross {
				iif br0 oif br0 counter accept
			}
			chain guest_input {
				oif br0 $family daddr $net ct state related,established counter accept
				oif br0 counter reject
			}
			chain guest_output {
				$family saddr $net iif br0 counter accept
				iif br0 counter reject
			}
			chain forward {
				type filter hook forward priority filter; policy accept;
				counter jump guest_cross
				counter jump guest_input
				counter jump guest_output
			}
			chain guest_nat {
				type nat hook postrouting priority srcnat; policy accept;"
		for net2 in $groups; do
			echo "$family saddr $net $family daddr $net2 counter return"
		done
		echo "		meta l4proto tcp $family saddr $net $family daddr != $net counter masquerade to :1024-65535
				meta l4proto udp $family saddr $net $family daddr != $net counter masquerade to :1024-65535
				$family saddr $net $family daddr != $net counter masquerade
			}
		}"
	done
}

masquerade_nat_up() {
	uplink_up
	ipb host <<-END
		link add br0 type bridge forward_delay 0
		link set br0 up
		link set vm0 master br0
		addr add $GW4/24 dev br0
		addr add $GW6/64 dev br0 nodad
	END
	vm_neighbours br0
	forwarding 1
	libvirt_rules >"$TMP/rules"
	must nft -f "$TMP/rules"
	SYSTEM="bridge + masquerade"
	nat_ends "$(mac br0)"
}

masquerade_nat_down() {
	must nft flush ruleset
	forwarding 0
	must ip link del br0
	uplink_down
}

# As an administrator has it: a rule that translates, and one that lets in.
masquerade_forward_up() {
	masquerade_nat_up
	cat >"$TMP/rules" <<-END
		insert rule ip libvirt_network guest_input ct status dnat accept
		insert rule ip6 libvirt_network guest_input ct status dnat accept
		table ip forwards {
			chain prerouting {
				type nat hook prerouting priority dstnat; policy accept;
				fib daddr type local meta l4proto { tcp, udp } th dport 5000 dnat to $VM0_4:5001
			}
		}
		table ip6 forwards {
			chain prerouting {
				type nat hook prerouting priority dstnat; policy accept;
				fib daddr type local meta l4proto { tcp, udp } th dport 5000 dnat to [$VM0_6]:5001
			}
		}
	END
	must nft -f "$TMP/rules"
	forward_ends
}
masquerade_forward_down() { masquerade_nat_down; }

# flowtable_rules DEVICE-OF-VM UPLINK
flowtable_rules() {
	cat >"$TMP/rules" <<-END
		table inet shortcut {
			flowtable fast {
				hook ingress priority 0; devices = { $1, $2 };
			}
			chain forward {
				type filter hook forward priority -1; policy accept;
				meta l4proto { tcp, udp } flow add @fast
			}
		}
	END
	must nft -f "$TMP/rules"
	SYSTEM+=" + flowtable"
}

flowtable_nat_up() {
	masquerade_nat_up
	flowtable_rules vm0 lan0
}
flowtable_nat_down() { masquerade_nat_down; }

flowtable_forward_up() {
	masquerade_forward_up
	flowtable_rules vm0 lan0
}
flowtable_forward_down() { masquerade_nat_down; }

bridge_l2_up() {
	ipb host <<-END
		link add br0 type bridge forward_delay 0
		link set br0 up
		link set $1 master br0
		link set $2 master br0
	END
	SYSTEM="Linux bridge"
	l2_ends "$1" "$2"
}
bridge_l2_down() { must ip link del br0; }

# --- macvtap ----------------------------------------------------------------------

# mv_add FD VM: a macvtap on lan0, open on FD
mv_add() {
	local dev=mv-$2

	must ip link add "$dev" link lan0 address "${PEER_MAC[$2]}" \
		type macvtap mode bridge
	must ip link set "$dev" up
	eval "exec $1<>/dev/tap$(cat "/sys/class/net/$dev/ifindex")"
	must "$GEN" open "$1"
}

macvtap_l2_up() {
	mv_add 8 "$1"
	[ "$2" = lan0 ] || mv_add 9 "$2"
	SYSTEM=macvtap
	if [ "$2" = lan0 ]; then
		l2_ends "$1" "$2" "8,mv-$1,rx"
	else
		l2_ends "$1" "$2" "8,mv-$1,rx" "9,mv-$2,rx"
	fi
}

macvtap_l2_down() {
	local dev

	exec 8<&- 9<&-
	for dev in mv-vm0 mv-vm1; do
		[ ! -e "/sys/class/net/$dev" ] || must ip link del "$dev"
	done
}

# --- Open vSwitch -------------------------------------------------------------------

OVS_DIR=$TMP/ovs
ovs() { ovs-vsctl --db="unix:$OVS_DIR/db.sock" "$@"; }

ovs_start() {
	mkdir -p "$OVS_DIR"
	export OVS_RUNDIR=$OVS_DIR OVS_DBDIR=$OVS_DIR OVS_LOGDIR=$OVS_DIR
	must ovsdb-tool create "$OVS_DIR/conf.db" \
		/usr/share/openvswitch/vswitch.ovsschema
	spawn "$OVS_DIR/ovsdb.log" host ovsdb-server "$OVS_DIR/conf.db" \
		--remote="punix:$OVS_DIR/db.sock"
	OVS_PIDS=("$SPAWNED")
	wait_for 30 [ -S "$OVS_DIR/db.sock" ] || bail "ovsdb-server does not start"
	must ovs --no-wait init
	spawn "$OVS_DIR/vswitchd.log" host ovs-vswitchd "unix:$OVS_DIR/db.sock"
	OVS_PIDS+=("$SPAWNED")
	must ovs add-br ovs0
}

ovs_stop() {
	must ovs del-br ovs0
	stop "${OVS_PIDS[@]}"
	rm -rf "$OVS_DIR"
	modprobe -r openvswitch
}

ovs_l2_up() {
	ovs_start
	must ovs add-port ovs0 "$1"
	must ovs add-port ovs0 "$2"
	SYSTEM="Open vSwitch"
	l2_ends "$1" "$2"
}
ovs_l2_down() { ovs_stop; }

# A router between vm0 and lan0, with ct(nat)
ovs_nat_up() {
	local ip nat

	ovs_start
	must ovs add-port ovs0 vm0
	must ovs add-port ovs0 lan0
	must ovs-ofctl del-flows ovs0
	for ip in ip ipv6; do
		nat="nat(src=$HOST4)"
		[ $ip = ip ] || nat="nat(src=$HOST6)"
		cat <<-END
			table=0,in_port=vm0,$ip,actions=ct(zone=1,nat,table=1)
			table=0,in_port=lan0,$ip,actions=ct(zone=1,nat,table=2)
			table=1,ct_state=+trk+new,$ip,actions=ct(commit,zone=1,$nat),goto_table:3
			table=1,ct_state=+trk+est,$ip,actions=goto_table:3
			table=3,$ip,actions=mod_dl_src:$UPLINK_MAC,mod_dl_dst:$ROUTER_MAC,dec_ttl,output:lan0
			table=2,ct_state=+trk+est,$ip,actions=mod_dl_src:$UPLINK_MAC,mod_dl_dst:$VM_MAC0,dec_ttl,output:vm0
		END
	done >"$OVS_DIR/flows"
	must ovs-ofctl add-flows ovs0 "$OVS_DIR/flows"
	SYSTEM="Open vSwitch ct(nat)"
	nat_ends "$UPLINK_MAC"
}

ovs_nat_down() {
	ovs_stop
	conntrack -F 2>/dev/null
}
