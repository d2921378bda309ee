#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# The kind of NAT in the terms of RFC 4787: mapping, filtering, hairpinning, as
# measured by a STUN client in a VM (RFC 5780) with a server on two addresses.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

SECOND4=203.0.113.11 SECOND6=2001:db8:3::11

# discover NAME OPTION... SERVER: one line a result
discover() {
	local out line

	out=$(on "$1" timeout $((40 * SCALE)) turnutils_natdiscovery "${@:2}" 2>&1)
	printf '%s\n' "$out" >"$TMP/discovered"
	while IFS= read -r line; do
		case $line in
		"NAT with "*|"No NAT"*) echo "$line" ;;
		esac
	done <<<"$out"
}
# the addresses that the server saw, each once
mapped() { sed -n 's/.*UDP reflexive addr: //p' "$TMP/discovered" | sort -u; }

have turnserver || skip_all "no coturn"
topology
topology6
ipb inet <<-END
	addr add $SECOND4/24 dev pub0
	addr add $SECOND6/64 dev pub0 nodad
END
net_add net1 dhcp off
vm_set vm1 net1 9
vm_set vm2 net1 10
for n in 4 6; do
	first=WWW$n second=SECOND$n
	spawn "$TMP/stun$n" inet turnserver -n -c /dev/null --log-file=stdout \
		--simple-log -L "${!first}" -L "${!second}" --stun-only --no-tcp \
		--no-tls --no-dtls --no-cli --pidfile="$TMP/stun$n.pid" \
		--userdb="$TMP/stun$n.db"
done
wait_for 20 listens inet "$WWW4:3478" || bail "no STUN server: $(tail -n 3 "$TMP/stun4")"
wait_for 20 listens inet "[$WWW6]:3478" || bail "no STUN server: $(tail -n 3 "$TMP/stun6")"

for n in 4 6; do
	first=WWW$n host=HOST$n
	is "IPv$n: mapping is endpoint-independent" "$(discover vm1 -m "${!first}")" \
		"NAT with Endpoint Independent Mapping!"
	like "IPv$n: at the host's address" "$(mapped)" "^\[?${!host}\]?:[0-9]+$"
	is "IPv$n: one port for all far ends" "$(mapped | wc -l)" 1
	is "IPv$n: filtering is address- and port-dependent" \
		"$(discover vm1 -f "${!first}")" \
		"NAT with Address and Port Dependent Filtering!"
done

# Ports
ip1=${VM4[vm1]}
ip2=${VM4[vm2]}
discover vm1 -m -L "$ip1" -l 5000 $WWW4 >/dev/null
is "the VM's port is kept where it is free" "$(mapped)" "$HOST4:5000"
second=$(discover vm2 -m -L "$ip2" -l 5000 $WWW4)
unlike "where it is taken, another one is given" "$(mapped)" "^$HOST4:5000$"
note "two VMs, one port, one far end; the second: ${second:-nothing}" "$(mapped)"

# A forward opens the port to everybody
must "$VNETSHARE" forward add net1 udp 6000 to "$ip1:6000"
is "with a forward of the port, filtering is endpoint-independent" \
	"$(discover vm1 -f -L "$ip1" -l 6000 $WWW4)" \
	"NAT with Endpoint Independent Filtering!"
is "the mapping is as before" "$(discover vm1 -m -L "$ip1" -l 6000 $WWW4)" \
	"NAT with Endpoint Independent Mapping!"
is "at the port of the forward" "$(mapped)" "$HOST4:6000"

# The host itself, to know that the server measures
is "the host is behind none" "$(discover host -f $WWW4)" \
	"NAT with Endpoint Independent Filtering!"

finish
