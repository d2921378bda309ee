#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# kernel: ipv6.disable=1
#
# A host booted without IPv6: everything works over IPv4, and the IPv6 packets
# that every VM sends do no harm.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# speaks NET: what a VM says over IPv6 as it boots, and then some
speaks() {
	local vm=${VM_MAC[vm1]} mac

	mac=$(mac_of host "$1")
	on vm1 "$PROGS/frame" eth0 src="$vm" - <<-END || fail "the VM speaks"
		dst=33:33:00:00:00:16 sip=:: dip=ff02::16 nh=0 ext=3a00050200000100 proto=58 len=20
		dst=33:33:ff:00:00:09 sip=:: dip=ff02::1:ff00:9 nd=135,fe80::9
		dst=33:33:00:00:00:02 sip=fe80::9 dip=ff02::2 proto=58 body=8500000000000000
		dst=33:33:00:00:00:01 sip=fe80::9 dip=ff02::1 nd=136,fe80::9,20
		dst=33:33:00:00:00:fb sip=fe80::9 dip=ff02::fb sport=5353 dport=5353
		dst=$mac sip=fe80::9 dip=fe80::1 nd=135,fe80::1
		dst=$mac sip=2001:db8::9 dip=2001:db8::1 dport=53
		dst=$mac sip=2001:db8::9 dip=2001:db8::1 proto=tcp dport=80
		dst=$mac sip=2001:db8::9 dip=::1 dport=53
	END
}

[ ! -e /proc/sys/net/ipv6 ] || skip_all "this kernel has IPv6"
topology
inet_http
net_add net1
is "the network has no IPv6 subnet" "$(net_json net1 '.subnet6 // "none"')" none
vm_up vm1 net1
ok "a VM has a way out" pings vm1 $WWW4
speaks net1
ok "the VM still has a way out" pings vm1 $WWW4
must "$VNETSHARE" forward add net1 tcp 8080 to "${VM4[vm1]:-$(vm_ip vm1)}:80"
like "no forward to an IPv6 address" \
	"$("$VNETSHARE" forward add net1 tcp 8081 to "[fd00::9]:80" 2>&1)" "Error: "
must "$VNETSHARE" port set p-vm1 mac "${VM_MAC[vm1]}" lock on
speaks net1
ok "locked, it still has" pings vm1 $WWW4
must "$VNETSHARE" port set p-vm1 lock off
for mode in hostonly isolated "bridged uplink uplink0"; do
	# shellcheck disable=SC2086 # words
	must "$VNETSHARE" network set net1 mode $mode
	speaks net1
done
must "$VNETSHARE" network set net1 macnat on
speaks net1
must "$VNETSHARE" network set net1 mode nat
ok "back again, it has" wait_for 10 pings vm1 $WWW4
must "$VNETSHARE" network del net1
must "$VNETSHARE" up
is "up makes a network" "$("$VNETSHARE" -j network show | jq -r '.[].name')" nat0
must "$VNETSHARE" down

finish
