#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# The life of a port forward: its deletion ends its sessions and no others; it
# outlives the host's addresses; it is inactive in modes without an outside.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

active() { forward_json net1 '[.[].active] | unique | map(tostring) | join(" ")'; }
via() { ask lan1 "tcp=tcp,$1,8080" "udp=udp,$1,8081"; }
via6() { ask lan1 "tcp=tcp,$1,8080" "udp=udp,$1,8081"; }
# no_entries FAMILY VM PORT (packets that a client goes on sending to the host are no
# session of a VM's)
no_entries() {
	untracked "$1" -r "$2" -p tcp --orig-port-dst "$3" &&
		untracked "$1" -r "$2" -p udp --orig-port-dst "$3"
}
add_all() {
	"$VNETSHARE" -b - <<-END || bail "the forwards"
		forward add net1 tcp 8080 to $v4:80
		forward add net1 udp 8081 to $v4:81
		forward add net1 tcp 8080 to [$v6]:80
		forward add net1 udp 8081 to [$v6]:81
		forward add net1 both 9000 to $v4:9000
		forward add net1 tcp $HOST4:9090 to $v4:80
	END
}

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
vm_set vm1 net1 9
v4=${VM4[vm1]}
v6=${VM6[vm1]}
serve vm1 VM1 tcp,"$v4",80 udp,"$v4",81 tcp,"$v6",80 udp,"$v6",81 \
	tcp,"$v4",9000 udp,"$v4",9000
serve inet FAR tcp,$WWW4,80
add_all

# Sessions through a forward that goes, and others
hold tcp lan1 tcp,$HOST4,8080
hold udp lan1 udp,$HOST4,8081
hold tcp6 lan1 tcp,$HOST6,8080
hold udp6 lan1 udp,$HOST6,8081
hold stays lan1 udp,$HOST4,9000
hold own vm1 tcp,$WWW4,80
hold host host tcp,127.0.0.1,8080
must "$VNETSHARE" forward del net1 "$(forward_json net1 \
	".[] | select(.port == 8080 and .to_address == \"$v4\") | .id")"
ok "forward del: its TCP session ends" wait_for 5 hold_is tcp 'stalled|closed'
ok "the one from 127.0.0.1, too" wait_for 5 hold_is host 'stalled|closed'
ok "nothing of them is tracked" wait_for 5 no_entries ipv4 "$v4" 8080
ok "the same port of IPv6 goes on" hold_is tcp6 'open|flows'
must "$VNETSHARE" forward del net1 udp 8081
ok "deleted by its words, of both families: UDP ends" \
	wait_for 5 hold_is udp 'stalled|closed'
ok "over IPv6" wait_for 5 hold_is udp6 'stalled|closed'
ok "nothing is tracked" wait_for 5 no_entries ipv4 "$v4" 8081
ok "no entries of IPv6 are left" wait_for 5 no_entries ipv6 "$v6" 8081
answers "no new sessions either" ' no ' "$(via $HOST4)"
ok "another forward's session goes on" hold_is stays 'open|flows'
ok "the VM's own session goes on" hold_is own 'open|flows'
is "those that stay are listed" \
	"$(forward_json net1 '[.[].port | tostring] | sort | join(" ")')" "8080 9000 9090"
must "$VNETSHARE" forward del net1 all
ok "forward del all: sessions end" wait_for 5 hold_is stays 'stalled|closed'
ok "the IPv6 session stalls" wait_for 5 hold_is tcp6 'stalled|closed'
ok "the VM's own session goes on" hold_is own 'open|flows'

# A client that sent before the forward: conntrack has its session with the host
# knocks NAME ADDRESS PORT: on and on; heard_from ADDRESS PORT: by the VM
knocks() {
	spawn "$TMP/knock" lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)" \
		dst="$(mac_of host uplink0)" sip="$1" dip="$2" sport="$3" dport="$4" \
		count=0 rate=10
	KNOCKING+=("$SPAWNED")
}
heard_from() { has_line "$TMP/heard.VM1" "^udp $1 $2 "; }
tracked() { ! untracked "$@"; }
KNOCKING=()
knocks 192.0.2.77 $HOST4 5001 8081
knocks 2001:db8:1::77 $HOST6 5002 8081
knocks 192.0.2.77 $HOST4 5003 8099
ok "a client knocks" wait_for 5 tracked ipv4 -p udp --orig-port-src 5001
ok "conntrack has one over IPv6" wait_for 5 tracked ipv6 -p udp --orig-port-src 5002
ok "conntrack has one to a port without a forward" wait_for 5 tracked ipv4 -p udp --orig-port-src 5003
refuse "the VM hears neither" has_line "$TMP/heard.VM1" ' 500[123] '
add_all
ok "with the forward, the VM hears the first" wait_for 10 heard_from 192.0.2.77 5001
ok "the second client reaches the VM" wait_for 10 heard_from 2001:db8:1::77 5002
refuse "the VM does not hear the third" heard_from 192.0.2.77 5003
# (another network keeps conntrack running)
net_add net2 dhcp off
must "$VNETSHARE" network set net1 mode hostonly
knocks 192.0.2.77 $HOST4 5004 8081
ok "one knocks while the forward rests" wait_for 5 tracked ipv4 -p udp --orig-port-src 5004
refuse "the VM does not hear him" heard_from 192.0.2.77 5004
must "$VNETSHARE" network set net1 mode nat
ok "nat again: it does" wait_for 10 heard_from 192.0.2.77 5004
stop "${KNOCKING[@]}"
must "$VNETSHARE" forward del net1 all

# The host's address changes
add_all
answers "before: it works" ' yes VM1' "$(via $HOST4)"
ipb host <<-END
	addr add 192.0.2.9/24 dev uplink0
	addr del $HOST4/24 dev uplink0
	addr add 192.0.2.9/24 dev uplink0
	route replace default via $ROUTER4
	addr add 2001:db8:1::9/64 dev uplink0 nodad
	addr del $HOST6/64 dev uplink0
	route replace default via $ROUTER6 dev uplink0
END
answers "the new address: it works there" ' yes VM1 192.0.2.77' "$(via 192.0.2.9)"
answers "over IPv6" ' yes VM1 2001:db8:1::77' "$(via6 2001:db8:1::9)"
answers "not at the address that is gone" ' no ' "$(via $HOST4)"
is "all of them are there" "$(forward_json net1 length)" 6
ipb host <<-END
	addr add $HOST4/24 dev uplink0
	addr del 192.0.2.9/24 dev uplink0
	addr add $HOST4/24 dev uplink0
	route replace default via $ROUTER4
	addr add $HOST6/64 dev uplink0 nodad
	addr del 2001:db8:1::9/64 dev uplink0
	route replace default via $ROUTER6 dev uplink0
END
answers "the old address again: it works" ' yes VM1' "$(via $HOST4)"
reaches "also the forward of that address" lan1 one=tcp,$HOST4,9090

# Modes
is "active in mode nat" "$(active)" true
for mode in hostonly isolated; do
	hold "$mode" lan1 tcp,$HOST4,8080
	hold "$mode-host" host tcp,127.0.0.1,8080
	must "$VNETSHARE" network set net1 mode $mode
	ok "$mode: sessions end" wait_for 5 hold_is $mode 'stalled|closed'
	ok "$mode: the host's through it, too" wait_for 5 hold_is $mode-host 'stalled|closed'
	is "$mode: none is active" "$(active)" false
	answers "$mode: none works" ' no ' "$(via $HOST4; via6 $HOST6)"
	ok "$mode: one more may be added" "$VNETSHARE" forward add net1 tcp 9191 to "$v4:80"
	is "$mode: not active" "$(active)" false
	must "$VNETSHARE" network set net1 mode nat
	is "nat after $mode: active" "$(active)" true
	answers "nat after $mode: they work" ' yes VM1' "$(via $HOST4; via6 $HOST6)"
	reaches "nat after $mode: the new one, too" lan1 new=tcp,$HOST4,9191
	must "$VNETSHARE" forward del net1 tcp 9191
done
must "$VNETSHARE" network set net1 mode hostonly
must "$VNETSHARE" network share net1 on
is "hostonly and shared: active" "$(active)" true
answers "they work" ' yes VM1' "$(via $HOST4; via6 $HOST6)"
hold shared lan1 tcp,$HOST4,8080
must "$VNETSHARE" network share net1 off
ok "share off: sessions end" wait_for 5 hold_is shared 'stalled|closed'
is "none is active" "$(active)" false

finish
