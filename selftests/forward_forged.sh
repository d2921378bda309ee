#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# No machine outside sends into a session through a port forward, or begins one,
# from an address of the host, of a VM, or from a loopback address; nor through
# the wrong interface where the host's rp_filter is strict. A packet that matches
# a session is translated before the stack could check its source: it must not be
# routed.
#
#    lan1 192.0.2.77                    host                      side
#   +---------------+      +----------------------------+    +------------------+
#   |               o------o uplink0 192.0.2.1          |    |                  |
#   +---------------+      |     up1 198.51.100.130 o---|----|-o 198.51.100.254 |
#    inet 198.51.100.2     +----------------------------+    +------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

UP1=198.51.100.130 SIDE=198.51.100.254 INET=198.51.100.2

# Forged packets are long, those of an honest session are short
listen() { capture vm vm1 eth0 -Q in "udp and greater 330"; }
# only DESCRIPTION REGEX: every packet that was heard since matches the regex, and
# there is one
only() { answers "$1" "$2" "$(captured vm)"; }
flow() {
	local s

	for s in lo own hairpin lo6 own6 hairpin6; do
		ok "$1: the session $s goes on" hold_is $s 'open|flows'
	done
}

# forge HONEST: into each session, and to begin one; behind them an honest one of each
# family, from the ports HONEST4 and HONEST6
forge() {
	on lan1 "$PROGS/frame" eth0 src="$(mac_of lan1 eth0)" \
		dst="$(mac_of host uplink0)" dport=8080 len=300 - <<-END
		sip=127.0.0.1 dip=127.0.0.1 sport=40001
		sip=$HOST4 dip=$HOST4 sport=40002
		sip=$v42 dip=$HOST4 sport=40003
		sip=::1 dip=::1 sport=40004
		sip=$HOST6 dip=$HOST6 sport=40005
		sip=$v62 dip=$HOST6 sport=40006
		sip=127.0.0.1 dip=$HOST4 sport=41001
		sip=127.0.0.1 dip=127.0.0.1 sport=41002
		sip=127.9.8.7 dip=$HOST4 sport=41003
		sip=$HOST4 dip=$HOST4 sport=41004
		sip=$gw4 dip=$HOST4 sport=41005
		sip=$v4 dip=$HOST4 sport=41006
		sip=$v42 dip=$HOST4 sport=41007
		sip=$v42 dip=$gw4 sport=41008
		sip=0.0.0.0 dip=$HOST4 sport=41009
		sip=192.0.2.255 dip=$HOST4 sport=41010
		sip=255.255.255.255 dip=$HOST4 sport=41011
		sip=224.0.0.1 dip=$HOST4 sport=41012
		sip=::1 dip=$HOST6 sport=42001
		sip=$HOST6 dip=$HOST6 sport=42002
		sip=$gw6 dip=$HOST6 sport=42003
		sip=$v6 dip=$HOST6 sport=42004
		sip=$v62 dip=$HOST6 sport=42005
		sip=$v62 dip=$gw6 sport=42006
		sip=:: dip=$HOST6 sport=42007
		sip=fe80::77 dip=$HOST6 sport=42008
		sip=ff02::1 dip=$HOST6 sport=42009
		sip=::ffff:127.0.0.1 dip=$HOST6 sport=42010
		sip=192.0.2.77 dip=$HOST4 sport=${1}4
		sip=2001:db8:1::77 dip=$HOST6 sport=${1}6
	END
	seen vm "\\.${1}6 > " || fail "an honest one is heard"
}

topology
topology6
lan_add lan1 77
ns_add side
ipb host <<-END
	link add up1 type veth peer name eth0 netns ${NS[side]}
	addr add $UP1/25 dev up1
	link set up1 up
END
defer ip link del up1
ipb side <<-END
	addr add $SIDE/25 dev eth0
	link set eth0 up
END
net_add net1 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
v4=${VM4[vm1]} v42=${VM4[vm2]}
v6=${VM6[vm1]} v62=${VM6[vm2]}
serve vm1 VM1 udp,"$v4",80 udp,"$v6",80
serve inet FAR udp,$WWW4,9000
must "$VNETSHARE" forward add net1 udp 8080 to "$v4:80"
must "$VNETSHARE" forward add net1 udp 8080 to "[$v6]:80"
for dev in all uplink0 up1; do
	sysctl_set host net/ipv4/conf/$dev/rp_filter 0
done

hold lo host udp,127.0.0.1,8080,127.0.0.1,40001
hold own host udp,$HOST4,8080,$HOST4,40002
hold hairpin vm2 "udp,$HOST4,8080,$v42,40003"
hold lo6 host udp,::1,8080,::1,40004
hold own6 host udp,$HOST6,8080,$HOST6,40005
hold hairpin6 vm2 "udp,$HOST6,8080,$v62,40006"
listen
forge 4999
only "nobody outside speaks in them, or begins one, in others' names" '\.4999[46] > '
flow "after that"
sysctl_set host net/ipv4/ip_forward 1
sysctl_set host net/ipv6/conf/all/forwarding 1
listen
forge 4999
only "nor through a host that is a router" '\.4999[46] > '
flow "router"
release lo own hairpin lo6 own6 hairpin6
echo 0 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv6/conf/all/forwarding

# Nor where a rule of the user's own has translated it before the forward could
host_nft <<-END
	table inet own {
		chain early {
			type nat hook prerouting priority dstnat
			udp dport 8080 counter dnat ip to $v4:80
			udp dport 8080 counter dnat ip6 to [$v6]:80
		}
	}
END
listen
forge 4998
only "a user's own rule: no session begins, either" '\.4998[46] > '
like "the user's rule matched" "$(nft list table inet own)" 'packets [1-9]'
must nft flush ruleset

# The wrong way: the host has no route to the sender by up1
# aside PORT: one from the Internet comes in there, and one from the machine there
aside() {
	on side "$PROGS/frame" eth0 src="$(mac_of side eth0)" \
		dst="$(mac_of host up1)" dip=$UP1 dport=8080 len=300 - <<-END
		sip=$INET sport=$1
		sip=$SIDE sport=49999
	END
	seen vm '\.49999 > ' || fail "the machine there is heard"
}
# stray: an answer to the VM's question comes by up1
stray() {
	reaches "rp_filter $1: the VM's question is answered" vm1 \
		"far=udp,$WWW4,9000,$v4,5000"
	on side "$PROGS/frame" eth0 src="$(mac_of side eth0)" \
		dst="$(mac_of host up1)" len=300 - <<-END
		sip=$WWW4 dip=$HOST4 sport=9000 dport=5000
		sip=$SIDE dip=$UP1 sport=49999 dport=8080
	END
	seen vm '\.49999 > ' || fail "the machine there is heard"
}
port=43000
# of all devices, of this one
while read -r all up1 what; do
	port=$((port + 1))
	echo "$all" >/proc/sys/net/ipv4/conf/all/rp_filter
	echo "$up1" >/proc/sys/net/ipv4/conf/up1/rp_filter
	for forward in 0 1; do
		echo $forward >/proc/sys/net/ipv4/ip_forward
		port=$((port + 1))
		listen
		aside $port
		stray "$all, $up1"
		frames=$(captured vm)
		how="rp_filter $all, $up1, ip_forward $forward"
		if [ "$what" = strict ]; then
			unlike "$how: no session by the wrong way" "$frames" "\\.$port > "
			unlike "$how: no answer" "$frames" '\.9000 > '
		else
			like "$how: a session by another way" "$frames" \
				"${INET//./\\.}\\.$port > ${v4//./\\.}\\.80"
			like "$how: an answer" "$frames" \
				"${WWW4//./\\.}\\.9000 > ${v4//./\\.}\\.5000"
		fi
	done
done <<-END
	0 0 lax
	0 1 strict
	0 2 loose
	1 0 strict
END
echo 0 >/proc/sys/net/ipv4/ip_forward
reaches "strict: packets from the right interface pass" lan1 fwd=udp,$HOST4,8080

finish
