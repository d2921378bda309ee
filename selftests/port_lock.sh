#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A port's configured address: it is known before the VM speaks, belongs to no
# other port, is the only source address with lock on, and fits into a table that
# VMs have filled.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

port() { "$VNETSHARE" -j port show "$1" | jq -r ".[0].$2"; }
pinned() { "$VNETSHARE" -j fdb show net1 | jq -r --arg p "$1" \
	'[.[] | select(.port == $p and .pinned)] | .[].mac'; }
say() { on "$1" "$PROGS/frame" eth0 "src=$2" dst=ff:ff:ff:ff:ff:ff count=1; }

net_add net1
vm_up vm1 net1
vm_up vm2 net1
mac1=${VM_MAC[vm1]}
other=02:00:00:00:09:01

must on vm1 "$PROGS/frame" eth0 src=random "dst=$(mac_of host net1)" count=3000
ok "the port's share of the table is full" counter_above net1 fdb_full 0
ok "its address is configured all the same" \
	"$VNETSHARE" port set p-vm1 mac "$mac1" lock on
is "and known" "$(pinned p-vm1)" "$mac1"
ok "the VM itself passes" pings vm1 "$(net_gw net1)"

locked=$(net_counter net1 drop_locked)
must say vm1 "$other"
ok "a frame from another address is dropped" \
	wait_for 5 counter_above net1 drop_locked "$locked"
locked=$(net_counter net1 drop_locked)
must say vm2 "$mac1"
ok "no other port has the address" \
	wait_for 5 counter_above net1 drop_locked "$locked"
like "a second owner is refused" \
	"$("$VNETSHARE" port set p-vm2 mac "$mac1" 2>&1)" "another port"
like "the network's own address is refused" \
	"$("$VNETSHARE" port set p-vm2 mac "$(mac_of host net1)" 2>&1)" "own MAC"
is "a refusal changed nothing" "$(port p-vm2 mac)" null

must "$VNETSHARE" port set p-vm1 lock off
locked=$(net_counter net1 drop_locked)
must say vm1 "$other"
ok "lock off: the VM passes, and so does another address" pings vm1 "$(net_gw net1)"
is "nothing more was dropped" "$(net_counter net1 drop_locked)" "$locked"

finish
