#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# A real guest, User-Mode Linux, on the network of an access point, through a
# Wi-Fi station that the host itself goes on using: DHCP, router advertisements,
# downloads and visitors, over IPv4 and IPv6. A Linux bridge refuses the device.
#
#   guest            host under test              ap
#  +------+         +------------------+         +---------------------------+
#  | eth0 o- guest0-o net1             |  radio  | wlan1 192.0.2.254, ::fe   |
#  +------+         |   wlan0 192.0.2.1 o ~ ~ ~ ~o (hostapd, dnsmasq, httpd) |
#                   +------------------+         +---------------------------+

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

for program in linux.uml hostapd wpa_supplicant iw; do
	have $program || skip_all "no $program"
done
modprobe mac80211_hwsim radios=2 || skip_all "no mac80211_hwsim"
defer rmmod mac80211_hwsim

# The access point
phys=()
for phy in /sys/class/ieee80211/*; do
	phys+=("${phy##*/}")
done
wlans=(/sys/class/ieee80211/"${phys[1]}"/device/net/*)
wlan1=${wlans[0]##*/}
wlans=(/sys/class/ieee80211/"${phys[0]}"/device/net/*)
wlan0=${wlans[0]##*/}
ns_add ap
must iw phy "${phys[1]}" set netns name "${NS[ap]}"
ipb ap <<-END
	addr add $ROUTER4/24 dev $wlan1
	addr add $ROUTER6/64 dev $wlan1 nodad
	link set $wlan1 up
END
sysctl_set ap net/ipv6/conf/all/forwarding 1
cat >"$TMP/hostapd.conf" <<-END
	interface=$wlan1
	driver=nl80211
	ssid=vnetshare-test
	hw_mode=g
	channel=1
	wpa=2
	wpa_key_mgmt=WPA-PSK
	rsn_pairwise=CCMP
	wpa_passphrase=correct horse
END
spawn "$TMP/hostapd" ap hostapd "$TMP/hostapd.conf"
wait_for 30 has_line "$TMP/hostapd" AP-ENABLED || bail "hostapd: $(<"$TMP/hostapd")"
spawn "$TMP/dnsmasq" ap dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 \
	--user=root --pid-file= --log-facility=- --interface="$wlan1" --no-ping \
	--dhcp-leasefile="$TMP/ap.leases" --dhcp-authoritative --enable-ra \
	--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2h \
	--dhcp-range=2001:db8:1::,ra-only,64,2h --ra-param="$wlan1,10,1800"
mkdir "$TMP/www" "$TMP/sign"
head -c 500000 /dev/urandom >"$TMP/www/big"
sum=$(sha256sum <"$TMP/www/big")
spawn "$TMP/httpd" ap busybox httpd -f -p 80 -h "$TMP/www"
serve ap AP tcp,$ROUTER4,9000 tcp,$ROUTER6,9000

# The station, as any laptop's
cat >"$TMP/wpa.conf" <<-END
	network={
		ssid="vnetshare-test"
		psk="correct horse"
	}
END
spawn "$TMP/wpa" host wpa_supplicant -D nl80211 -i "$wlan0" -c "$TMP/wpa.conf"
wait_for 60 has_line "$TMP/wpa" CTRL-EVENT-CONNECTED || bail "wpa: $(<"$TMP/wpa")"
ipb host <<-END
	addr add $HOST4/24 dev $wlan0
	addr add $HOST6/64 dev $wlan0 nodad
END
wait_for 20 pings host $ROUTER4 || bail "the host does not reach the access point"
station=$(mac_of host "$wlan0")

must ip link add br0 type bridge
defer ip link del br0
out=$(ip link set "$wlan0" master br0 2>&1)
note "a Linux bridge says: $out"
like "a Linux bridge refuses the device" "$out" "not allow enslaving to a bridge|not supported"

beat host host $ROUTER4
hold host host tcp,$ROUTER6,9000
net_add net1 mode bridged uplink "$wlan0"
is "the addresses are translated, without being told to" \
	"$(net_json net1 '"\(.macnat) \(.macnat_active)"')" "auto true"
must ip tuntap add guest0 mode tap
defer ip link del guest0
must ip link set guest0 up
must "$VNETSHARE" port add guest0 network net1
capture air ap "$wlan1"

cat >"$TMP/script" <<'END'
for m in lib/crc-ccitt net/ipv6/ipv6; do
	insmod /usr/lib/uml/modules/*/kernel/$m.ko
done
ip link set eth0 up
LEASE=/run/lease udhcpc -q -t 60 -T 1 -i eth0 -x hostname:guest -O mtu \
	-s "$SCRIPT" >/dev/null 2>&1
echo "address $(sed -n "s/^ip='\(.*\)'/\1/p" /run/lease)"
mkdir /run/www
echo "hello from the guest" >/run/www/index.html
httpd -f -p 80 -h /run/www &
ping -c 1 -W 5 $AP >/dev/null && echo "ap"
ping -c 1 -W 5 $HOST >/dev/null && echo "host"
echo "big $(wget -q -O - http://$AP/big | sha256sum)"
until ip -6 route | grep -q ^default; do sleep 0.3; done
until ip -6 -o addr show dev eth0 scope global | grep -qv tentative; do sleep 0.3; done
echo "address6 $(ip -6 -o addr show dev eth0 scope global | sed 's/.*inet6 \([^/]*\).*/\1/')"
ping6 -c 1 $AP6 >/dev/null && echo "ap6"
ping6 -c 1 $HOST6 >/dev/null && echo "host6"
echo "big6 $(wget -q -O - "http://[$AP6]/big" | sha256sum)"
until [ -e "$SIGN/end" ]; do sleep 0.3; done
END
"$SELF/lib/guest.sh" -a 02:00:00:00:05:01 guest0 "$TMP/script" AP=$ROUTER4 AP6=$ROUTER6 \
	HOST=$HOST4 HOST6=$HOST6 SIGN="$TMP/sign" SCRIPT="$SELF/lib/udhcpc.script" \
	>"$TMP/log" 2>&1 </dev/null &
guest=$!
defer stop $guest

step() {
	if wait_for "$3" has_line "$TMP/log" "$2"; then
		pass "$1"
	else
		fail "$1" "$(tail -n 20 "$TMP/log")"
	fi
}

step "the guest takes a lease of the access point's network" \
	'^address 192\.0\.2\.1[0-5][0-9]$' 90
ip1=$(sed -n 's/^address //p' "$TMP/log")
like "its server knows the guest's own Ethernet address" "$(<"$TMP/ap.leases")" \
	"02:00:00:00:05:01 $ip1 guest"
step "it pings the access point" '^ap$' 20
step "and the host" '^host$' 20
step "it downloads, every byte right" "^big ${sum%% *}" 30
step "it has an IPv6 address" '^address6 2001:db8:1:' 60
ip6=$(sed -n 's/^address6 //p' "$TMP/log")
step "it pings the access point over IPv6" '^ap6$' 20
step "and the host" '^host6$' 20
step "it downloads over IPv6, every byte right" "^big6 ${sum%% *}" 30
served() {
	[[ $(on "$1" timeout $((5 * SCALE)) busybox wget -q -O - "http://$2/") == \
		"hello from the guest" ]]
}
ok "the access point's side reaches the guest" wait_for 10 served ap "$ip1"
ok "over IPv6 too" wait_for 10 served ap "[$ip6]"
ok "the host reaches the guest" wait_for 10 served host "$ip1"
ok "over IPv6 too" wait_for 10 served host "[$ip6]"
is "port show lists both addresses" "$("$VNETSHARE" -j port show guest0 |
	jq -c --arg a "$ip1" --arg b "$ip6" '[.[0].neighbours[].address] |
		(index($a) != null) and (index($b) != null)')" true
ok "the host's session went on" hold_is host 'open|flows'
beat_ends "the host lost no echo" host
: >"$TMP/sign/end"
wait_for 20 gone "$guest" || stop "$guest"
is "no other address than the station's went over the air" \
	"$(captured air | awk '{ print $2 }' | sort -u | grep -v "^$(mac_of ap "$wlan1")$")" \
	"$station"

# Without, the access point would not hear of the guest
refuse "macnat off is refused on such a device" "$VNETSHARE" network set net1 macnat off
is "the refusal changes nothing" "$(net_json net1 '"\(.macnat) \(.macnat_active)"')" "auto true"

finish
