#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# 802.1X through a bridged network: a real guest, User-Mode Linux, proves itself
# to the LAN's authenticator (EAP-MD5) once "group_forward eapol" is set, and not
# before. The host's own supplicant on the uplink works either way.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

for program in linux.uml hostapd wpa_supplicant; do
	have $program || skip_all "no $program"
done

ns_add auth
ipb host <<-END
	link add uplink0 type veth peer name eth0 netns ${NS[auth]}
	addr add $HOST4/24 dev uplink0
	link set uplink0 up
END
ipb auth <<-END
	addr add 192.0.2.77/24 dev eth0
	link set eth0 up
END
cat >"$TMP/users" <<-END
	"guest" MD5 "guest's secret"
	"host" MD5 "host's secret"
END
cat >"$TMP/hostapd.conf" <<-END
	interface=eth0
	driver=wired
	ieee8021x=1
	eap_server=1
	eap_user_file=$TMP/users
	use_pae_group_addr=1
	logger_stdout=-1
	logger_stdout_level=2
END
spawn "$TMP/hostapd" auth hostapd "$TMP/hostapd.conf"
wait_for 20 has_line "$TMP/hostapd" AP-ENABLED || bail "hostapd: $(<"$TMP/hostapd")"

supplicant() {
	cat <<-END
		ap_scan=0
		network={
			key_mgmt=IEEE8021X
			eap=MD5
			identity="$1"
			password="$1's secret"
			eapol_flags=0
		}
	END
}
supplicant guest >"$TMP/guest.conf"
supplicant host >"$TMP/host.conf"

net_add net1 mode bridged uplink uplink0
must ip tuntap add guest0 mode tap
defer ip link del guest0
must ip link set guest0 up
must "$VNETSHARE" port add guest0 network net1
capture auth auth eth0 ether proto 0x888e

# before and after
mkdir "$TMP/sign"
cat >"$TMP/script" <<'END'
ip link set eth0 up
for when in without with; do
	until [ -e "$SIGN/$when" ]; do sleep 0.3; done
	echo "$when"
	wpa_supplicant -D wired -i eth0 -c "$CONF" >/run/log &
	pid=$!
	until [ -e "$SIGN/$when-end" ]; do
		sleep 0.3
		cat /run/log
		: >/run/log
	done
	kill $pid
	wait $pid
done
END
"$SELF/lib/guest.sh" -a 02:00:00:00:05:01 guest0 "$TMP/script" CONF="$TMP/guest.conf" \
	SIGN="$TMP/sign" >"$TMP/log" 2>&1 </dev/null &
guest=$!
defer stop $guest

# host WHEN: the host's own supplicant
host() {
	spawn "$TMP/supplicant.$1" host wpa_supplicant -D wired -i uplink0 -c "$TMP/host.conf"
	ok "$1: the host itself is let in" wait_for 20 has_line "$TMP/supplicant.$1" \
		CTRL-EVENT-EAP-SUCCESS || note "$(tail -n 20 "$TMP/supplicant.$1")"
	stop "$SPAWNED"
}

host without
: >"$TMP/sign/without"
wait_for 90 has_line "$TMP/log" ^without || bail "no guest: $(<"$TMP/log")"
ok "without group_forward the guest's frames are dropped" \
	wait_for 90 counter_above net1 drop_reserved_multicast 0
unlike "none came to the authenticator" "$(<"$TMP/cap.auth")" " 02:00:00:00:05:01 >"
: >"$TMP/sign/without-end"

must "$VNETSHARE" network set net1 group_forward eapol
: >"$TMP/sign/with"
ok "with group_forward eapol it is let in" wait_for 60 has_line "$TMP/log" \
	CTRL-EVENT-EAP-SUCCESS || note "$(tail -n 20 "$TMP/log")" "$(tail -n 20 "$TMP/hostapd")"
like "by the authenticator, which knows it by name" "$(<"$TMP/hostapd")" \
	"02:00:00:00:05:01 .*(guest|authenticated|authorizing port)"
like "the frames went by the group's address" "$(<"$TMP/cap.auth")" \
	" 02:00:00:00:05:01 > 01:80:c2:00:00:03"
: >"$TMP/sign/with-end"
host with
wait_for 20 gone "$guest" || stop "$guest"

finish
