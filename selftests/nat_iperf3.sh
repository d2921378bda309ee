#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TCP both ways through nat, with segmentation offload and without. Segments stay
# large where both ends can handle them.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have iperf3 || skip_all "no iperf3"
BYTES=20000000

# moved OPTION...: whether the data that iperf3 in the VM sent have arrived. The receiver
# stops counting when the sender is through; of two ways, the slower one may
# be just under way then.
moved() {
	local out least=$((BYTES / 3))

	[ "$1" != --bidir ] || least=100000

	out=$(on vm1 timeout $((40 * SCALE)) iperf3 -J -c $WWW4 -n $BYTES "$@")
	jq -e -r --argjson least $least '.end | [.sum_received, .sum_received_bidir_reverse] |
		map(select(.) | .bytes) | min > $least' <<<"$out" ||
		jq -r '.error, .end.sum_received' <<<"$out"
}

topology
spawn "$TMP/iperf3.log" inet iperf3 -s -B $WWW4
wait_for 10 listens inet $WWW4:5201 || bail "iperf3 does not start"
net_add net1 dhcp off
vm_add vm1 net1
gw=$(net_gw net1)
vm_static vm1 "${gw%.*}.9/24" "$gw"

capture big host uplink0 -c 5 "tcp and greater 2000 and src $HOST4"
capture gib host net1 -c 5 "tcp and greater 2000 and src $WWW4"
is "20 MB out" "$(moved -4)" true
is "20 MB in" "$(moved -R)" true
ok "large segments leave by the uplink uncut" seen big "length [0-9]{4,5}: "
ok "large segments come in uncut" seen gib "length [0-9]{4,5}: "
is "both at once, several connections" "$(moved --bidir -P 3)" true
must on vm1 ethtool -K eth0 tso off gso off tx off gro off
is "out, without offloads in the VM" "$(moved -4)" true
is "in, without offloads in the VM" "$(moved -R)" true
must ethtool -K uplink0 tso off gso off tx off gro off
is "out, without offloads on the uplink" "$(moved -4)" true
must ethtool -K p-vm1 tso off gso off tx off
must on vm1 ethtool -K eth0 tso on gso on tx on
is "in, with a port that segments nothing" "$(moved -R)" true
unlike "no counter speaks of a loss" "$(ethtool -S net1)" \
	"drop_(too_big|malformed|no_memory|not_allowed|bad_source_address): [1-9]"

finish
