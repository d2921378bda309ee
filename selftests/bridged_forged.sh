#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# Forged senders. A VM that used the host's MAC address before does not get the
# host's frames. No VM makes the host give up an IPv6 address, or disturbs its
# 802.1X. A LAN machine's MAC address stays that machine's, or returns to it with
# its next frame; a VM's does not move to the LAN while the VM uses it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# vm KEY=VALUE..., lan KEY=VALUE...: frames of vm1's, of the LAN machine's
vm() { must on vm1 "$PROGS/frame" eth0 src="$vm" "$@"; }
lan() { must on lan1 "$PROGS/frame" eth0 src="$lan" "$@"; }
fdb_port() { "$VNETSHARE" -j fdb show net1 | jq -r --arg m "$1" \
	'.[] | select(.mac == $m) | .port'; }
fdb_is() { [ "$(fdb_port "$1")" = "$2" ]; }
later() { [ "$EPOCHSECONDS" -ge "$1" ]; }
# goes_on NAME KEY=VALUE...: sends to an unknown address until $SPAWNED is stopped
goes_on() {
	spawn "$TMP/frames" "$1" "$PROGS/frame" eth0 dst=02:00:00:00:77:77 \
		count=0 rate=20 "${@:2}"
}

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode isolated
vm_lan vm1 net1 21
vm_lan vm2 net1 22
serve_all host lan1 vm1
vm=${VM_MAC[vm1]} up=$(mac_of host uplink0) lan=$(mac_of lan1 eth0)
watch_events

# Used before there was a host on the link
on vm2 "$PROGS/frame" eth0 src="$up"
ok "a VM of an isolated network uses the host's Ethernet address" wait_for 5 fdb_is "$up" p-vm2
must "$VNETSHARE" network set net1 mode bridged uplink uplink0
talks vm1 host "bridged"
talks host vm1 "bridged"
out=$("$VNETSHARE" port set p-vm1 mac "$up" 2>&1)
like "no port can be given it" "$out" "MAC address of the network's uplink"
is "nothing came of that" "$("$VNETSHARE" -j port show p-vm1 | jq -r '.[0].mac // "-"')" -

# The host looks whether an address is free, and a VM asks for the same
new=2001:db8:1::5
sysctl_set host net/ipv6/conf/uplink0/dad_transmits 3
event_mark
spawn "$TMP/asks" vm1 "$PROGS/frame" eth0 src="$vm" dst=33:33:ff:00:00:05 sip=:: \
	dip=ff02::1:ff00:5 nd=135,$new count=0 rate=20
asks=$SPAWNED
must ip addr add $new/64 dev uplink0
event "a VM that asks for an address while the host does is announced" \
	"^conflict: network net1 port p-vm1 address $new is also at $up"
# (IPv4 is announced at once as well: each family has its own rate limit)
vm arp=1,"$vm",$HOST4,00:00:00:00:00:00,$HOST4
event "its next claim, of an IPv4 address, is announced" \
	"^conflict: network net1 port p-vm1 address $HOST4 is also at $up"
usable() { [[ $(ip -6 addr show dev uplink0 -tentative) == *" $new/64 "* ]]; }
ok "the host gets its address" wait_for 8 usable
stop "$asks"
reaches "the host is reached at its new address" lan1 a=icmp,$new

# 802.1X, to the host alone and to all
spawn "$TMP/eapol" host "$PROGS/group" frames uplink0 0x888e
spawn "$TMP/preauth" host "$PROGS/group" frames uplink0 0x88c7
for log in eapol preauth; do
	wait_for 10 has_line "$TMP/$log" ready || bail "nobody listens"
done
eapol() { has_line "$TMP/eapol" " $1\$"; }
n=$(net_counter net1 drop_not_allowed)
vm dst="$up" type=0x888e len=101
vm dst="$up" type=0x888e len=102 tags=1
vm dst=ff:ff:ff:ff:ff:ff type=0x888e len=103
vm dst="$up" type=0x88c7 len=104
vm dst="$up" type=0x888e len=110 tags=2
ok "a VM's EAPOL frames to the host are dropped, and counted" \
	wait_for 5 counter_above net1 drop_not_allowed $((n + 4))
lan dst="$up" type=0x888e len=105
lan dst="$up" type=0x88c7 len=106
ok "those of the LAN come to the host" wait_for 5 eapol 119
ok "frames of preauthentication arrive, too" wait_for 5 has_line "$TMP/preauth" ' 120$'
unlike "no 802.1X frame of the VM arrived" "$(<"$TMP/eapol")" ' (11[567]|124)$'
unlike "no preauthentication frame of the VM arrived" "$(<"$TMP/preauth")" ' 118$'
must "$VNETSHARE" network set net1 group_forward eapol
vm dst="$up" type=0x888e len=107
ok "with group_forward eapol they do" wait_for 5 eapol 121
must "$VNETSHARE" network set net1 macnat on
n=$(net_counter net1 drop_not_allowed)
vm dst="$up" type=0x888e len=108
ok "not where VMs have the host's address on the wire" \
	wait_for 5 counter_above net1 drop_not_allowed "$n"
lan dst="$up" type=0x888e len=109
ok "(where those of the LAN do)" wait_for 5 eapol 123
refuse "none came" eapol 122
must "$VNETSHARE" network set net1 macnat auto group_forward none

# A LAN machine that talks to the host only
mac=02:00:00:00:78:01
goes_on lan1 src="$mac" dst="$up"
talker=$SPAWNED
ok "a machine that talks only to the host is known" wait_for 5 fdb_is $mac uplink0
n=$(net_counter net1 drop_loop)
on vm1 "$PROGS/frame" eth0 src=$mac count=3
ok "a VM's frames in its name are dropped, and counted" \
	wait_for 5 counter_above net1 drop_loop $((n + 2))
is "its address does not move" "$(fdb_port $mac)" uplink0
stop "$talker"
must "$VNETSHARE" network set net1 macnat on
mac=02:00:00:00:78:04
goes_on lan1 src="$mac" dst="$up"
talker=$SPAWNED
ok "where VMs have the host's, it is, too" wait_for 5 fdb_is $mac uplink0
on vm1 "$PROGS/frame" eth0 src=$mac count=3
is "a VM does not get its address" "$(fdb_port $mac)" uplink0
stop "$talker"
must "$VNETSHARE" network set net1 macnat auto

# One that was silent, and then speaks
mac=02:00:00:00:78:02
on lan1 "$PROGS/frame" eth0 src=$mac
ok "a LAN machine is known" wait_for 5 fdb_is $mac uplink0
goes_on vm1 src=$mac
thief=$SPAWNED
ok "silent, it loses its address to a VM" wait_for 8 fdb_is $mac p-vm1
capture back vm2 eth0 -Q in ether src $mac and greater 250
on lan1 "$PROGS/frame" eth0 src=$mac len=300
ok "when it speaks, it is heard" seen back "length 314:"
ok "the machine's address is its own again" wait_for 2 fdb_is $mac uplink0
refuse "the VM does not get the address a second time" wait_for 3 fdb_is $mac p-vm1
stop "$thief"

# A VM that speaks
mac=02:00:00:00:70:03
goes_on vm1 src=$mac
owner=$SPAWNED
ok "a VM is known" wait_for 5 fdb_is $mac p-vm1
capture round vm2 eth0 -Q in ether src $mac and greater 250
n=$(net_counter net1 drop_reflected)
on lan1 "$PROGS/frame" eth0 src=$mac len=300 count=3
ok "frames in its name from the LAN are dropped, and counted" \
	wait_for 5 counter_above net1 drop_reflected $((n + 2))
is "the VM's address does not move" "$(fdb_port $mac)" p-vm1
is "no VM gets it" "$(captured round)" ""
stop "$owner"

# An address that moves to and fro is held at its home, not at the port that took it
mac=02:00:00:00:70:04
on vm1 "$PROGS/frame" eth0 src=$mac
ok "a VM is known" wait_for 5 fdb_is $mac p-vm1
on vm2 "$PROGS/frame" eth0 src=$mac
ok "another one takes its address" wait_for 5 fdb_is $mac p-vm2
# moves more than a second apart are not counted together
wait_for 5 later $((EPOCHSECONDS + 2))
n=$(net_counter net1 drop_loop)
goes_on vm2 src=$mac rate=50
both=("$SPAWNED")
goes_on vm1 src=$mac rate=50
both+=("$SPAWNED")
ok "both use it: it is held, and that is counted" \
	wait_for 5 counter_above net1 drop_loop "$n"
# (between two holds it moves for some milliseconds)
ports=$(for _ in 1 2 3 4 5; do fdb_port $mac; done | sort | uniq -c | sort -rn)
like "at home" "${ports%%$'\n'*}" 'p-vm1$' || note "$ports"
stop "${both[@]}"

# More machines on the LAN than the table has room for
mac=02:00:00:00:70:05
on vm1 "$PROGS/frame" eth0 src=$mac
ok "a VM is known" wait_for 5 fdb_is $mac p-vm1
n=$(net_counter net1 fdb_full)
on lan1 "$PROGS/frame" eth0 src=random dst="$up" count=1500
ok "the table of the LAN's addresses is full, and that is counted" \
	wait_for 10 counter_above net1 fdb_full "$n"
moved() {
	on lan1 "$PROGS/frame" eth0 src="$mac" dst="$up"
	[ -z "$(fdb_port "$mac")" ]
}
ok "one that moved to the LAN is no VM's any more" wait_for 10 moved
talks vm1 host "table full"
talks vm1 lan1 "table full"

# The address is nowhere
must ip link set uplink0 down
n=$(net_counter net1 drop_no_uplink)
vm dst="$up" count=50
ok "frames to the host by a device that is down are dropped, and counted" \
	wait_for 5 counter_above net1 drop_no_uplink $((n + 49))

finish
