#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# "network set ... confirm SECONDS": a change that is not confirmed in time is
# undone, even when the shell that asked for it was killed. A confirmed change
# stays. Other changes are refused meanwhile.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

V=$VNETSHARE
# seconds that are enough to look at the change
WHILE=$((3 + SCALE))
state() { net_json net1 '[.mode, .uplink, .uplink_auto, .subnet, .gateway, .isolate, .mtu, .dhcp] | join(" ")'; }
mode_is() { [ "$(net_json net1 .mode)" = "$1" ]; }
state_is() { [ "$(state)" = "$1" ]; }
left() { net_json net1 '.confirm_left // "-"'; }
none_left() { [ "$(left)" = - ]; }
waiting() { pgrep -cf "^vnetshare: a change of"; }
nobody_waits() { [ "$(waiting)" = 0 ]; }
vm_reaches_lan() { pings vm1 "${VM4[lan1]}"; }

spawn "$TMP/syslogd" host busybox syslogd -n -O "$TMP/messages"
defer rm -f /dev/log
wait_for 10 test -S /dev/log || bail "syslogd: $(<"$TMP/syslogd")"
topology
lan_add lan1 77
net_add net1
vm_up vm1 net1
before=$(state)
lease=$(vm_ip vm1)
ok "at first a VM has a way out" pings vm1 $WWW4

# Not confirmed
start=$SECONDS
must "$V" network set net1 mode bridged uplink uplink0 confirm $WHILE
ok "the change is made at once" mode_is bridged
left_is() { [[ $1 =~ $2 ]] && [ "${BASH_REMATCH[1]}" -le "$WHILE" ]; }
ok "the time left is shown" left_is "$(left)" '^([0-9]+)$'
ok "in text as well" left_is "$("$V" network show net1)" "unconfirmed: undone in ([0-9]+) s"
refuse "a second change is refused meanwhile" "$V" network set net1 mtu 1400
refuse "with confirm, too" "$V" network set net1 mtu 1400 confirm 5
ok "nothing came of it" mode_is bridged
is "the MTU is as it was" "$(net_json net1 .mtu)" 1500
ok "the change is undone by itself" wait_for 8 state_is "$before"
ok "not too early" test $((SECONDS - start)) -ge $((WHILE - 1))
ok "nothing waits any more" wait_for 5 none_left
ok "no process is left of it" wait_for 5 nobody_waits
ok "the VM has its way out again, with its lease" wait_for 10 pings vm1 $WWW4
is "the VM's address is the same" "$(vm_ip vm1)" "$lease"
ok "the DHCP server runs" wait_for 10 test -n "$(dnsmasq_pid net1)"
ok "a VM gets its lease" vm_dhcp vm1
ok "the log says it" has_line "$TMP/messages" "net1: the change has been undone"
must kill -KILL "$(dnsmasq_pid net1)"
ok "the end of that server is reported" wait_for 10 has_line "$TMP/messages" "dnsmasq died"

# Undone though DHCP cannot be had any more
must "$V" network set net1 mode bridged uplink uplink0 confirm $WHILE
mkdir -p /etc/vnetshare
defer rm -f /etc/vnetshare/net1.dnsmasq.conf
echo nonsense >/etc/vnetshare/net1.dnsmasq.conf
ok "the change is undone without DHCP" wait_for 8 mode_is nat
ok "no process is left of it" wait_for 5 nobody_waits
like "the log says it" "$(<"$TMP/messages")" "net1 has no DHCP and DNS now"
rm /etc/vnetshare/net1.dnsmasq.conf
must "$V" network set net1 dhcp on
is "all is as it was" "$(state)" "$before"

# Confirmed
must "$V" network set net1 mode bridged uplink uplink0 confirm $WHILE
ok "confirmed" "$V" network confirm net1
is "nothing waits any more" "$(left)" -
ok "no process is left of it" wait_for 5 nobody_waits
refuse "there is nothing to confirm any more" "$V" network confirm net1
hold_on() { ! wait_for 3 mode_is nat; }
ok "the confirmed change stays" hold_on
vm_static vm1 192.0.2.21/24
ok "the VM is on the LAN" wait_for 5 vm_reaches_lan
must "$V" network set net1 mode nat uplink auto
is "back by hand, all is as it was" "$(state)" "$before"

# The shell that asked is killed, with all of its session
cat >"$TMP/shell" <<-END
	$V network set net1 mode bridged uplink uplink0 confirm $WHILE >"$TMP/said" 2>&1
	echo \$? >"$TMP/rc"
	read -r _ <"$TMP/never"
END
mkfifo "$TMP/never"
setsid bash "$TMP/shell" </dev/null >/dev/null 2>&1 &
shell=$!
wait_for 10 test -s "$TMP/rc" || fail "the shell asks"
is "a shell changes the mode" "$(<"$TMP/rc") $(net_json net1 .mode)" "0 bridged"
sid=$(ps -o sid= -p "$shell" | tr -d ' ')
is "(it leads a session of its own)" "$sid" "$shell"
kill -KILL -- "-$shell"
wait "$shell" 2>/dev/null
refuse "the shell is dead" kill -0 "$shell"
ok "the change is there" mode_is bridged
ok "the change is undone by itself" wait_for 8 state_is "$before"
ok "no process is left of it" wait_for 5 nobody_waits

# Other changes, one in the middle of which the command is killed
must "$V" network set net1 isolate on mtu 1400 confirm $WHILE
is "a change of other things" "$(net_json net1 '"\(.isolate) \(.mtu)"')" "true 1400"
ok "the change is undone" wait_for 6 state_is "$before"
"$V" network set net1 mode hostonly confirm 30 >/dev/null 2>&1 &
kill -KILL $!
wait $! 2>/dev/null
settled() {
	if [ "$(left)" = - ]; then
		state_is "$before" && nobody_waits
	else
		mode_is hostonly
	fi
}
ok "killed at once, it changed nothing or waits" wait_for 8 settled
[ "$(left)" = - ] || "$V" network confirm net1
must "$V" network set net1 mode nat

# Deleted while it waits, refused while it does
must "$V" network set net1 mode hostonly confirm 60
must "$V" network del net1
ok "deleted: nothing waits" wait_for 5 nobody_waits
must "$V" network add net1 dhcp off
is "a new network of that name has nothing to do with it" "$(left)" -
for words in "network set net1 mtu 1400 confirm" "network set net1 mtu 1400 confirm 0" \
	"network set net1 mtu 1400 confirm soon" "network set net1 mtu 1400 confirm 100000" \
	"network add net2 confirm 5" "network confirm"; do
	# shellcheck disable=SC2086 # words
	"$V" $words >/dev/null 2>&1
	is "$words: usage" $? 2
done
"$V" network set net1 mode bridged uplink nodev0 confirm 30 >/dev/null 2>&1
is "a change that is refused" $? 1
is "leaves nothing that waits" "$(left) $(waiting)" "- 0"

finish
