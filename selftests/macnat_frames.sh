#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# "macnat", frame by frame: the frames that are rewritten on the way out, with
# their checksums; the frames that come back, and their receivers; the frames that
# cannot be translated; and the bound of the table of addresses.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# vm KEY=VALUE..., lan KEY=VALUE...: a frame of the VM's, of the LAN machine's
vm() { must on vm1 "$PROGS/frame" eth0 src="$vm" "$@"; }
lan() { must on lan1 "$PROGS/frame" eth0 src="$lan" "$@"; }

# wire DESCRIPTION REGEX: the wire saw such a frame; it is left in $FRAME. By its
# number, as tcpdump takes two lines for one frame.
wire() {
	if wait_for 5 wire_saw "$2"; then
		pass "$1"
	else
		fail "$1" "no '$2' in:" "$(tail -n 6 "$TMP/cap.wire")"
		FRAME=
	fi
}
wire_saw() {
	FRAME=$(joined wire | grep -E -- "$1" | tail -n 1)
	[ -n "$FRAME" ]
}
# joined ID: one line a frame, of a capture that goes on
joined() {
	awk '/^[0-9][0-9]:/ { if (f) print f; f = $0; next }
	     /^[ \t]/ { sub(/^[ \t]+/, ""); f = f " " $0 }
	     END { if (f) print f }' "$TMP/cap.$1"
}
# of_vm DESCRIPTION REGEX: likewise, of the frames that reached the VM
came() {
	ok "$1" wait_for 5 came_saw "$2"
}
came_saw() { joined vm1 | grep -qE -- "$1"; }
seen_addresses() {
	"$VNETSHARE" -j port show p-vm1 | jq -r '.[0].neighbours[].address'
}
n_seen() { seen_addresses | wc -l; }
knows() { seen_addresses | grep -qx -- "$1"; }
knows_not() { ! knows "$1"; }

topology
topology6
must ipn router link set lan0 type bridge mcast_snooping 0
lan_add lan1 77
net_add net1 mode bridged uplink uplink0 macnat on
vm_lan vm1 net1 21
vm_lan vm2 net1 22
vm=${VM_MAC[vm1]} vm2=${VM_MAC[vm2]} up=$(mac_of host uplink0) lan=$(mac_of lan1 eth0)
zero=00:00:00:00:00:00
capture wire router l-host -Q "in"
capture vm1 vm1 eth0 -Q "in"
capture vm2 vm2 eth0 -Q "in"

# ARP
vm arp=1,"$vm",192.0.2.41,$zero,192.0.2.77
wire "an ARP request: the sender" "$up > ff:.*who-has 192.0.2.77 tell 192.0.2.41"
ok "the table has the asker" wait_for 5 knows 192.0.2.41
lan dst="$up" arp=2,"$lan",192.0.2.77,"$up",192.0.2.41
came "the answer: to the VM, its address as the target" \
	"$lan > $vm.*192.0.2.77 is-at $lan"
vm dst="$lan" arp=2,"$vm",192.0.2.42,"$lan",192.0.2.77
wire "an ARP reply: who has it" "$up > $lan.*192.0.2.42 is-at $up"
vm arp=2,"$vm",192.0.2.43,"$vm",192.0.2.43
wire "a gratuitous one" "$up > ff:.*192.0.2.43 is-at $up"
ok "teaches the table" wait_for 5 knows 192.0.2.43
vm arp=1,"$vm",0.0.0.0,$zero,192.0.2.44
wire "a probe" "$up > ff:.*who-has 192.0.2.44 .*tell 0.0.0.0"
lan dst="$up" arp=2,"$lan",192.0.2.44,"$up",0.0.0.0
came "who has it, tells the VM" "$lan > $vm.*192.0.2.44 is-at $lan"

# Neighbour discovery; fe80::/10 and what has extension headers
sol=33:33:ff:00:00:77 solip=ff02::1:ff00:77
vm dst=$sol sip=2001:db8:1::41 dip=$solip nd=135,2001:db8:1::77
wire "a solicitation: the source's option" \
	"$up > $sol.*2001:db8:1::41 > .*sum ok.*who has 2001:db8:1::77.*source link-address.*: $up"
ok "the table has the asker" wait_for 5 knows 2001:db8:1::41
vm dst="$lan" sip=2001:db8:1::42 dip=2001:db8:1::77 nd=136,2001:db8:1::42
wire "an advertisement: the target's option" \
	"$up > $lan.*2001:db8:1::42 > .*sum ok.*tgt is 2001:db8:1::42.*destination link-address.*: $up"
vm dst=$sol sip=fe80::41 dip=$solip nd=135,2001:db8:1::77
wire "from a link-local address" \
	"$up > $sol.*fe80::41 > .*sum ok.*source link-address.*: $up"
vm dst=$sol sip=:: dip=$solip nd=135,2001:db8:1::77
wire "address detection has no option" \
	"$up > $sol.*:: > $solip.*sum ok.*who has 2001:db8:1::77 *\$"
# hop-by-hop and destination options in front: PadN of four bytes each
vm dst=$sol sip=2001:db8:1::43 dip=$solip nd=135,2001:db8:1::77 \
	nh=0 ext=3c000104000000003a00010400000000
wire "behind extension headers as well" \
	"$up > $sol.*2001:db8:1::43 > .*sum ok.*source link-address.*: $up"
lan dst="$up" sip=2001:db8:1::77 dip=2001:db8:1::41 nd=136,2001:db8:1::77
came "an advertisement from the LAN comes to the VM" \
	"$lan > $vm.*2001:db8:1::77 > 2001:db8:1::41.*tgt is 2001:db8:1::77"

# DHCP: the broadcast flag
head="010106001234567800000000"
mac=$(printf %s "$vm" | tr -d :)
bootp=$head$(printf '%032d' 0)$mac$(printf '%0404d' 0)63825363350101ff
dhcp() { vm sip=0.0.0.0 dip=255.255.255.255 sport=68 dport=67 body="$bootp" "$@"; }
dhcp
wire "a DHCP request asks for an answer to all, its checksum right" \
	"$up > ff:.*0.0.0.0.68 > 255.255.255.255.67: .*(udp sum ok).*Flags \[Broadcast\]"
like "the client's own address in it is unchanged" "$FRAME" "Client-Ethernet-Address $vm"
dhcp nosum=1
wire "no checksum stays none" "$up > ff:.*no cksum.*Flags \[Broadcast\]"
bootp=${bootp/$head/010106001234567800008000}
dhcp
wire "a flag that is set stays" "$up > ff:.*(udp sum ok).*Flags \[Broadcast\]"

# In: by IP address, fragments, groups
lan dst="$up" sip=192.0.2.77 dip=192.0.2.42 dport=7 sport=7001 len=100 mf=1
came "a first fragment" "$lan > $vm.*offset 0, flags \[\+\].*192.0.2.77"
lan dst="$up" sip=192.0.2.77 dip=192.0.2.42 off=800 len=100
came "a later one" "$lan > $vm.*offset 800.*192.0.2.77 > 192.0.2.42"
lan dst="$up" sip=192.0.2.77 dip=224.0.0.251 dport=5353 sport=7002
came "a group's packet in a frame to one: for the VMs, with the group's address" \
	"$lan > 01:00:5e:00:00:fb.*192.0.2.77.7002 > 224.0.0.251"
vm2_saw() { matching "$(joined vm2)" "$1"; }
ok "all of them" wait_for 5 vm2_saw "> 01:00:5e:00:00:fb.*7002 >" ||
	note "$(joined vm2 | tail -n 5)"
lan dst="$up" sip=2001:db8:1::77 dip=ff02::fb dport=5353 sport=7003
came "of IPv6 as well" "$lan > 33:33:00:00:00:fb.*7003 > ff02::fb"
n=$(net_counter net1 drop_reflected)
must on lan1 "$PROGS/frame" eth0 src="$up" dst=ff:ff:ff:ff:ff:ff sip=192.0.2.41 \
	dip=192.0.2.255 sport=7004
ok "a frame that comes back from the LAN is dropped, and counted" \
	wait_for 5 counter_above net1 drop_reflected "$n"
fence() { lan sip=192.0.2.77 dip=192.0.2.255 sport="$1"; wait_for 5 came_saw "192.0.2.77.$1 >"; }
fence 7005
unlike "the frame reaches no VM" "$(joined vm1)" "7004 >"

# Frames without an address to look up
n=$(net_counter net1 drop_untranslatable)
vm dst="$lan" type=0x88b5
ok "a frame that is not IP is dropped, and counted" \
	wait_for 5 counter_above net1 drop_untranslatable "$n"
on vm1 "$PROGS/frame" eth0 src="$vm" sip=192.0.2.41 dip=192.0.2.255 sport=7006
wire "(the wire is watched)" "7006 >"
unlike "the frame is not on the wire" "$(joined wire)" "88b5"
on vm1 "$PROGS/frame" eth0 src="$vm" dst="$vm2" type=0x88b5 len=300
ok "between VMs it passes" seen vm2 'length 314'

# Addresses that a VM may use: not another VM's, nor the host's
n=$(net_counter net1 drop_locked)
on vm2 "$PROGS/frame" eth0 src="$vm2" arp=1,"$vm2",$HOST4,$zero,192.0.2.77
on vm2 "$PROGS/frame" eth0 src="$vm2" sip=192.0.2.50 dip=192.0.2.255 sport=7007
wire "(the wire is watched)" "7007 >"
unlike "the host's address goes out in no VM's name" "$(joined wire)" \
	"who-has 192.0.2.77 tell ${HOST4//./\\.}\b.*46\$"
ok "the host still has its address" pings lan1 $HOST4

# Flooded with addresses
known=$(n_seen)
ok "the table has what was used so far" test "$known" -ge 6
pings lan1 "${VM4[vm1]}" || fail "vm1 answers before the flood"
for ((i = 0; i < 400; i++)); do
	echo "sip=198.51.100.$((i % 250 + 1)) dip=192.0.2.77 id=$i"
done >"$TMP/flood"
for ((i = 0; i < 400; i++)); do
	printf 'sip=2001:db8:1:0:1::%x dip=2001:db8:1::77\n' "$i"
done >>"$TMP/flood"
on vm1 "$PROGS/frame" eth0 src="$vm" dst="$lan" - <"$TMP/flood"
ok "the limit of a port is reached, and counted" wait_for 5 counter_above net1 neigh_full 0
is "the bound is 256" "$(n_seen)" 256
ok "the addresses from before still work" pings lan1 "${VM4[vm1]}"
talked() { pings lan1 192.0.2.22; }
ok "another VM is not concerned" wait_for 5 talked
must ipn vm2 addr add 192.0.2.60/24 dev eth0
ok "a new address of another VM is reached" wait_for 5 pings lan1 192.0.2.60

# Ageing
must "$VNETSHARE" network set net1 ageing 1
ok "addresses that are silent are forgotten, after four times the ageing time" \
	wait_for 15 knows_not 2001:db8:1::42
few() { [ "$(n_seen)" -le 4 ]; }
ok "all of the flood is" wait_for 15 few
must "$VNETSHARE" network set net1 ageing 300
talks_again() { pings vm1 "${VM4[lan1]}" && pings lan1 "${VM4[vm1]}"; }
ok "one that speaks again is learned again" wait_for 10 talks_again
must ipn vm1 link set eth0 down
none() { [ "$(n_seen)" -eq 0 ]; }
ok "a port that goes down forgets" wait_for 5 none

finish
