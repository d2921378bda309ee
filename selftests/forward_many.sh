#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# Ten thousand port forwards: they are added within seconds, each of them works,
# traffic that matches none passes as before, and they are deleted as quickly.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

COUNT=10000

topology
lan_add lan1 77
net_add net1 dhcp off
vm_set vm1 net1 9
v4=${VM4[vm1]}
serve vm1 VM1 tcp,"$v4",80-89 udp,"$v4",80-89
serve inet FAR udp,$WWW4,7777

# on 5000 ports, TCP to one, UDP to another
for ((i = 0; i < COUNT / 2; i++)); do
	echo "forward add net1 tcp $((20000 + i)) to $v4:$((80 + i % 10))"
	echo "forward add net1 udp $((20000 + i)) to $v4:$((89 - i % 10))"
done >"$TMP/batch"

start=$SECONDS
ok "$COUNT forwards are added" "$VNETSHARE" -b "$TMP/batch"
seconds=$((SECONDS - start))
note "within $seconds s"
[ $seconds -le $((10 * SCALE)) ]
result $? "within seconds"
is "network show counts them" "$(net_json net1 .forwards)" $COUNT
"$VNETSHARE" -j forward show net1 >"$TMP/shown"
is "all are listed" "$(jq length "$TMP/shown")" $COUNT
is "each once" "$(jq '[.[].id] | unique | length' "$TMP/shown")" $COUNT

# the server's port says which one it was
out=$(ask lan1 first=tcp,$HOST4,20000 middle=tcp,$HOST4,22503 last=tcp,$HOST4,24999 \
	ufirst=udp,$HOST4,20000 umiddle=udp,$HOST4,22503 ulast=udp,$HOST4,24999)
answers "the first, one in the middle and the last work" ' yes VM1' "$out"
is "each goes where it was sent" "$(awk '{ print $NF }' <<<"$out" | tr '\n' ' ')" \
	"80 83 89 89 86 80 "
reaches_not "no others" lan1 before=tcp,$HOST4,19999 behind=tcp,$HOST4,25000
reaches "traffic to no forward passes" vm1 far=udp,$WWW4,7777
refuse "each port is reserved" binds tcp,0.0.0.0,23456

must "$VNETSHARE" forward del net1 "$(jq '.[] |
	select(.port == 22503 and .proto == "tcp") | .id' "$TMP/shown")"
out=$(ask lan1 gone=tcp,$HOST4,22503 udp=udp,$HOST4,22503 next=tcp,$HOST4,22504)
is "one deleted is gone, its neighbours are not" \
	"$(awk '{ print $1, $2 }' <<<"$out" | tr '\n' ' ')" "gone no udp yes next yes "

start=$SECONDS
ok "all are deleted" "$VNETSHARE" forward del net1 all
seconds=$((SECONDS - start))
note "within $seconds s"
[ $seconds -le $((10 * SCALE)) ]
result $? "within seconds"
is "none is left" "$(net_json net1 .forwards)" 0
reaches_not "none works" lan1 a=tcp,$HOST4,20000 b=udp,$HOST4,24999

# A network goes with all of its own
must "$VNETSHARE" -b "$TMP/batch"
start=$SECONDS
ok "a network goes with $COUNT forwards" "$VNETSHARE" network del net1
seconds=$((SECONDS - start))
note "within $seconds s"
[ $seconds -le $((10 * SCALE)) ]
result $? "within seconds"

finish
