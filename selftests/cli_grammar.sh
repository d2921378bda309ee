#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command line: words, exit codes, output, and the kernel's messages.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

V=$VNETSHARE

# exits CODE DESCRIPTION COMMAND...: leaves what it printed in $OUT and $ERR
exits() {
	local want=$1 desc=$2 rc; shift 2

	OUT=$("$@" 2>"$TMP/err" </dev/null)
	rc=$?
	ERR=$(<"$TMP/err")
	is "$desc: exit $want" $rc "$want" || note "$OUT" "$ERR"
}

# json DESCRIPTION FILTER WANTED: of $OUT
json() {
	is "$1" "$(jq -r "$2" <<<"$OUT" 2>&1)" "$3"
}

defer net_del nat0
defer net_del net1

# Usage
exits 2 "nothing said" "$V"
like "the usage comes on standard error" "$ERR" "^Usage"
for help in --help -h help; do
	exits 0 "$help" "$V" "$help"
	like "on standard output" "$OUT" "network add"
done
exits 0 "help of an object" "$V" network help
like "with its verbs" "$OUT" "network set"
exits 0 "help of a verb" "$V" network add --help
like "with its keys" "$OUT" "subnet"
exits 0 "version" "$V" -V
like "the version is a number" "$OUT$ERR" "[0-9]+\.[0-9]+"

# Wrong words
for words in "frobnicate" "network frobnicate" "network add" "port add" "-x" \
	"network add net1 colour red" "network add net1 mtu" \
	"network add net1 mtu many" "network add net1 mtu 1400 mtu 1500" \
	"network add net1 mode warp" "network add net1 subnet 10.0.0.1/33" \
	"network add net1 subnet 10.0.0/24" "network add net1 dhcp perhaps" \
	"network add net1 mac 02:00" "network add a/b" "network del" \
	"network add averylongnameofanetwork" "port add eth0" \
	"port set" "network show net1 net2" "fdb frobnicate" \
	"network add net1 isolate maybe" "network add net1 firewall moat" \
	"network add net1 subnet6 fd00::/129" "network add net1 subnet6 10.0.0.0/24" \
	"network add net1 subnet fd00::/64" "network add net1 isolate on isolate off" \
	"network share" "network share net1" "network share net1 maybe" \
	"network share net1 on uplink" "network share net1 on colour red" \
	"forward add" "forward add net1" "forward add net1 tcp" "forward add net1 tcp 80" \
	"forward add net1 tcp 80 to" "forward add net1 sctp 80 to 10.66.0.9" \
	"forward add net1 tcp 0 to 10.66.0.9" "forward add net1 tcp 65536 to 10.66.0.9" \
	"forward add net1 tcp http to 10.66.0.9" "forward add net1 tcp 90-80 to 10.66.0.9" \
	"forward add net1 tcp 1.2.3:80 to 10.66.0.9" \
	"forward add net1 tcp 2001:db8::1:80 to 2001:db8::2" \
	"forward add net1 tcp [2001:db8::1:80 to 2001:db8::2" \
	"forward add net1 tcp 80 to 10.66.0.9:0" "forward add net1 tcp 80 to 10.66.0.9:80 to 10.66.0.9" \
	"forward del" "forward del net1" "forward del net1 0" "forward del net1 -1" \
	"session frobnicate" "session show net1 vm" "session show net1 port many" \
	"session show net1 port 70000" "port add p1 network net1 addr 10.66.0" \
	"port set p1 addr 10.66.0.9,," "monitor net1 net2" \
	"network add net1 macnat maybe" "network add net1 macnat" \
	"network add net1 group_forward stp" "network add net1 group_forward 0x4001" \
	"network add net1 group_forward eapol,," "network add net1 group_forward ," \
	"network add net1 flood_limit -1" "network add net1 flood_limit 0" \
	"network add net1 mode bridged uplink auto subnet 10.0.0.0/24" \
	"network add net1 mode bridged uplink auto dhcp on" \
	"network add net1 confirm 10" "network set net1 confirm 0" "network set net1 confirm x" \
	"network set net1 confirm 10" "network confirm" "network confirm net1 net2"; do
	# shellcheck disable=SC2086 # words
	exits 2 "$words" "$V" $words
	like "it says what is wrong" "$ERR" "."
done
ok "none of that made a network" test ! -e /sys/class/net/net1

# Refused by the kernel: its own words are shown
exits 1 "a device that is not there" "$V" port add nodev0 network net1
must "$V" network add net1 subnet 10.66.0.1/24 dhcp off
exits 1 "a network that is there already" "$V" network add net1 dhcp off
like "the message says that it exists" "$ERR" "net1 already|net1.*exists"
exits 1 "the loopback device" "$V" port add lo network net1
like "the kernel's message" "$ERR" "loopback|Ethernet"
exits 1 "an MTU out of range" "$V" network set net1 mtu 10
like "the kernel's message, with the attribute" "$ERR" "mtu"
exits 1 "a lock without an address" "$V" port set net1 lock on
exits 1 "sharing what is not hostonly" "$V" network share net1 on
like "the kernel's message" "$ERR" "hostonly"
exits 1 "a forward to nowhere" "$V" forward add net1 tcp 80 to 192.0.2.77
like "the kernel's message" "$ERR" "subnet"
exits 1 "a forward to a name that nobody has" "$V" forward add net1 tcp 80 to nobody
like "the message has the unknown name" "$ERR" "nobody"
exits 1 "a forward that is none" "$V" forward del net1 99
exits 1 "forwards of what is no network" "$V" forward show lo
exits 1 "sessions of what is no network" "$V" session show lo
exits 1 "a network that is none" "$V" network show lo
exits 1 "bridged without a default route" "$V" network add net2 mode bridged
like "the message says so, and names a remedy" "$ERR" "no default route"
like "(a device's name)" "$ERR" "uplink DEV"
exits 1 "bridged to what is not there" "$V" network add net2 mode bridged uplink nodev0
like "the kernel's message" "$ERR" "uplink"
exits 1 "nothing to confirm" "$V" network confirm net1
like "the message names the network" "$ERR" "net1"
exits 1 "a network that is not there" "$V" network del nonet
is "nothing on standard output" "$OUT" ""
like "its name is in the message" "$ERR" "nonet"

# Shortened words
for words in "network show" "net sh" "n sh" "n" "network"; do
	# shellcheck disable=SC2086 # words
	exits 0 "$words" "$V" $words
	like "lists the network" "$OUT" "^net1"
done
ns_add vm1
must ip link add p1 type veth peer name eth0 netns "${NS[vm1]}"
must ip link set p1 up
exits 0 "p a p1 net net1" "$V" p a p1 net net1
exits 0 "po se p1 m 02:00:00:00:00:77 lo on" "$V" po se p1 m 02:00:00:00:00:77 lo on
exits 0 "f s" "$V" f s
like "shows the configured address" "$OUT" "02:00:00:00:00:77"
exits 0 "l s" "$V" l s
exits 0 "fo a net1 tcp 81 t 10.66.0.9" "$V" fo a net1 tcp 81 t 10.66.0.9
exits 0 "fo s" "$V" fo s
like "lists the forward" "$OUT" "net1 .*\\*:81 +10\.66\.0\.9:81"
exits 0 "fo d net1 1" "$V" fo d net1 1
exits 0 "s s net1" "$V" s s net1
exits 0 "n se net1 i on fi host" "$V" n se net1 i on "fi" host
exits 0 "n se net1 macn on g e,l fl off" "$V" n se net1 macn on g e,l fl off
exits 0 "n se net1 mt 1400" "$V" n se net1 mt 1400
is "the shortened command is executed" "$(cat /sys/class/net/net1/mtu)" 1400

# JSON of every listing
exits 0 "network show -j" "$V" -j network show
json "its keys" '.[0] | "\(.name) \(.mode) \(.mtu) \(.subnet) \(.gateway) \(.dhcp) \(.ports[0])"' \
	"net1 nat 1400 10.66.0.0/24 10.66.0.1 false p1"
json "those of the mode" '.[0] | "\(.isolate) \(.shared) \(.firewall) \(.forwards)"' \
	"true false host 0"
json "those of mode bridged" '.[0] | "\(.uplink) \(.uplink_auto) \(.macnat) \(.macnat_active) \(.group_forward) \(.flood_limit) \(.bridge) \(.confirm_left)"' \
	"auto true on false eapol,lldp 0 null null"
is "IPv6, by itself" "$(jq -r '.[0].subnet6' <<<"$OUT" | grep -cE '^fd.*::/64$')" 1
exits 0 "forward add -j" "$V" -j forward add net1 both 10.66.0.1:7000-7009 to 10.66.0.9:8000
json "its keys" '.[0] | "\(.network) \(.id | type) \(.proto) \(.address) \(.port) \(.port_last) \(.to_address) \(.to_port) \(.active) \(.connections) \(.packets) \(.bytes)"' \
	"net1 number both 10.66.0.1 7000 7009 10.66.0.9 8000 true 0 0 0"
exits 0 "forward show -j" "$V" -j forward show
json "the same" '.[0] | "\(.network) \(.proto) \(.port)"' "net1 both 7000"
exits 0 "forward show" "$V" forward show net1
like "as it was written" "$OUT" "both +10\.66\.0\.1:7000-7009 +10\.66\.0\.9:8000-8009"
exits 0 "forward del by its words" "$V" forward del net1 both 10.66.0.1:7000-7009
exits 0 "none is left" "$V" -j forward show
json "an empty list" 'length' 0
exits 0 "session show -j" "$V" -j session show
json "an empty list is one" 'type' array
exits 0 "port show -j" "$V" -j port show
json "its keys" '.[0] | "\(.name) \(.network) \(.type) \(.mac) \(.lock)"' \
	"p1 net1 attached 02:00:00:00:00:77 true"
exits 0 "port set addr" "$V" port set p1 addr 10.66.0.9,2001:db8::9
exits 0 "port show -j" "$V" -j port show p1
json "its addresses" '.[0].addresses | join(" ")' "10.66.0.9 2001:db8::9"
exits 0 "port set addr none" "$V" port set p1 addr none
exits 0 "fdb show -j" "$V" -j fdb show
json "its keys" '.[0] | "\(.mac) \(.network) \(.port) \(.pinned)"' \
	"02:00:00:00:00:77 net1 p1 true"
exits 0 "lease show -j" "$V" -j lease show
json "an empty list is one" 'type + " " + (length | tostring)' "array 0"
exits 0 "-p is JSON on several lines" "$V" -j -p network show net1
json "JSON has the network that was named" '.[0].name' net1
like "on several lines" "$(wc -l <<<"$OUT")" '^[0-9]{2,}'
exits 0 "-jp together" "$V" -jp port show p1
json "JSON has the port that was named" '.[0].name' p1
exits 0 "a new network is shown" "$V" -j network add net2 dhcp off
json "by its name" '.[0].name // .name' net2

# The other way round, and from a file
exits 0 "port del" "$V" port del p1
exits 1 "port del of what is none" "$V" port del p1
printf 'network set net2 mtu 1450\n# a remark\n\nnetwork del net2\n' >"$TMP/batch"
exits 0 "-b runs a file" "$V" -b "$TMP/batch"
ok "all of it" test ! -e /sys/class/net/net2
printf 'network show\nnetwork del nonet\nnetwork show\n' >"$TMP/batch"
exits 1 "-b stops at an error" "$V" -b "$TMP/batch"
like "with the line's number" "$ERR" "2"
exits 1 "-b of what cannot be read" "$V" -b "$TMP"
printf 'forward add net1 tcp 91 to 10.66.0.9\nforward add net1 tcp 91 to 10.66.0.9\n' |
	"$V" -b - >/dev/null 2>"$TMP/err"
is "-b - reads standard input: exit 1" "${PIPESTATUS[1]}" 1
like "with the line's number" "$(<"$TMP/err")" "2"
is "commands before the error are executed" "$("$V" -j forward show | jq length)" 1
exits 0 "network del" "$V" network del net1
exits 0 "no networks are no error" "$V" network show
is "no output without networks" "$OUT" ""
exits 0 "JSON without networks" "$V" -j network show
json "JSON is an empty list" 'length' 0

# up and down
exits 0 "up" "$V" up
like "says what there is now" "$OUT" "nat0"
exits 0 "up again" "$V" up
is "up again keeps the network" "$("$V" -j network show | jq -r '[.[].name] | join(" ")')" nat0
exits 0 "attach" "$V" -j attach nat0
tap=$(jq -r '.[0].name // .name // .[0].tap // .tap' <<<"$OUT")
like "makes a tap" "$(ip -d link show dev "$tap" 2>&1)" "tun type tap"
is "in the network" "$("$V" -j port show | jq -r '[.[].name] | join(" ")')" "$tap"
exits 0 "attach with an address" "$V" -j attach nat0 mac 02:00:5e:00:53:77 user 65534
json "the tap has the given address" '.[0].mac' 02:00:5e:00:53:77
is "the tap is that user's" "$(cat "/sys/class/net/$(jq -r '.[0].name' <<<"$OUT")/owner")" 65534
exits 1 "attach with one that is another port's" "$V" attach nat0 mac 02:00:5e:00:53:77
exits 2 "attach with none" "$V" attach nat0 mac 02:00:5e
exits 2 "attach for a user beyond all" "$V" attach nat0 user 4294967296
is "leaves no tap" "$("$V" -j port show | jq length)" 2
exits 0 "down" "$V" down
ok "takes all away" test ! -e /sys/class/net/nat0 -a ! -e "/sys/class/net/$tap"
ok "with DHCP and DNS" wait_for 10 no_dhcp_left

# -n, and no right
ns_add other
exits 0 "-n" "$V" -n "${NS[other]}" network add net1 dhcp off
ok "the network is in the other namespace" ipn other link show dev net1
ok "the network is not in this namespace" test ! -e /sys/class/net/net1
exits 1 "-n of none" "$V" -n nonesuch network show
exits 1 "without the right" setpriv --reuid 65534 --clear-groups "$V" \
	network add net1 dhcp off
like "the message says so" "$ERR" "permi|root|CAP_NET_ADMIN|not allowed"

finish
