#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 120
#
# A second, independent client with virtio-net's offloads: iPXE, the boot ROM of a
# QEMU guest. It takes a lease, loads a script by TFTP from the network's own
# dnsmasq (which the administrator's file tells to serve it), and a second one by
# HTTP from the Internet, which makes it report back.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

have qemu-system-x86_64 || skip_all "no qemu-system-x86_64"
topology
inet_dns
inet_http

mkdir -p "$TMP/tftp" /etc/vnetshare
chmod 755 "$TMP/tftp"
cat >"$TMP/tftp/first.ipxe" <<-END
	#!ipxe
	echo first script runs
	chain http://www.example.test/second.ipxe
END
cat >"$TMP/www/second.ipxe" <<-END
	#!ipxe
	imgfetch http://www.example.test/big || imgfetch http://www.example.test/failed
	imgfetch http://www.example.test/has/\${net0/ip} ||
	imgfetch http://www.example.test/dns/\${net0/dns} ||
	imgfetch http://www.example.test/done
	poweroff
END
head -c 2000000 /dev/urandom >"$TMP/www/big"
echo "done" >"$TMP/www/done"
cat >/etc/vnetshare/net1.dnsmasq.conf <<-END
	enable-tftp
	tftp-root=$TMP/tftp
	dhcp-boot=first.ipxe
END
defer rm -f /etc/vnetshare/net1.dnsmasq.conf

net_add net1
must ip tuntap add guest0 mode tap vnet_hdr
defer ip link del guest0
must ip link set guest0 up
must "$VNETSHARE" port add guest0 network net1
spawn "$TMP/qemu.log" host qemu-system-x86_64 -accel tcg -m 64 -display none \
	-nodefaults -serial "file:$TMP/serial" -boot n \
	-netdev tap,id=n0,ifname=guest0,script=no,downscript=no,vhost=off \
	-device virtio-net-pci,netdev=n0,mac=02:00:00:00:06:01

# step DESCRIPTION PATH SECONDS: the far server is asked for it
asked() { has_line "$TMP/http.log" "$HOST4:[0-9]+: url:$1"; }
step() {
	wait_for "$3" asked "$2"
	result $? "$1"
}

gw=$(net_gw net1)
step "the ROM took a lease, loaded by TFTP and chained over HTTP, by name" \
	"/second.ipxe" 90
step "it loads a larger file" "/big" 20
step "and comes through to the end" "/done" 30
step "its address is the network's" "/has/${gw%.*}\.[0-9]+" 1
step "it was told the DNS server" "/dns/${gw//./\\.}" 1
unlike "nothing failed" "$(cat "$TMP/http.log")" "/failed"
like "the lease is listed" "$("$VNETSHARE" lease show net1)" "02:00:00:00:06:01"
[ $TEST_FAILED -eq 0 ] || note "$(tail -n 5 "$TMP/qemu.log" "$TMP/serial")"

finish
