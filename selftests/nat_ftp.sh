#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 90
#
# FTP, passive and active. The kernel's FTP helper rewrites the addresses in
# the control connection and expects the data connection; the network has to
# let both happen. Kernels since 6.0 use a helper only where a rule says so.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

ftp() { on vm1 curl -sS --max-time $((20 * SCALE)) "ftp://$WWW4/$1" --no-epsv "${@:2}"; }
stored() { [ "$(sha256sum <"$TMP/ftp/in/$1" | cut -c1-64)" = "$SUM" ]; }

have vsftpd || skip_all "no vsftpd"
topology

mkdir -p "$TMP/ftp/in" "$TMP/empty"
chmod 777 "$TMP/ftp/in"
head -c 200000 /dev/urandom >"$TMP/ftp/file"
SUM=$(sha256sum <"$TMP/ftp/file" | cut -c1-64)
cat >"$TMP/vsftpd.conf" <<END
listen=YES
listen_address=$WWW4
background=NO
anonymous_enable=YES
anon_root=$TMP/ftp
anon_upload_enable=YES
write_enable=YES
anon_umask=022
secure_chroot_dir=$TMP/empty
port_enable=YES
pasv_enable=YES
connect_from_port_20=YES
xferlog_enable=YES
vsftpd_log_file=$TMP/ftp.log
dual_log_enable=YES
xferlog_file=$TMP/xfer.log
log_ftp_protocol=YES
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
END
spawn "$TMP/vsftpd" inet vsftpd "$TMP/vsftpd.conf"
wait_for 10 listens inet $WWW4:21 || bail "vsftpd does not start"

# (an address longer than the host's: the control connection grows shorter)
net_add net1 subnet 10.166.100.1/24 dhcp off
vm_add vm1 net1
gw=$(net_gw net1)
vm_static vm1 "${gw%.*}.9/24" "$gw"
ip1=$(vm_ip vm1)

is "passive, without a helper: a download" \
	"$(ftp file | sha256sum | cut -c1-64)" "$SUM"
refuse "active, without a helper: the server is told a private address" \
	ftp file --ftp-port - --max-time 5

modprobe -a nf_conntrack_ftp nf_nat_ftp 2>/dev/null
host_nft <<-END
	table ip vnstest {
		ct helper ftp {
			type "ftp" protocol tcp
		}
		chain pre {
			type filter hook prerouting priority filter
			tcp dport 21 ct helper set "ftp"
		}
	}
END

capture far inet eth0 "tcp port 21"
is "active: a download" \
	"$(ftp file --ftp-port - --disable-eprt | sha256sum | cut -c1-64)" "$SUM"
is "passive: a download" "$(ftp file | sha256sum | cut -c1-64)" "$SUM"
ok "active, with EPRT: an upload" ftp in/active --ftp-port - -T "$TMP/ftp/file"
ok "the active upload arrived whole" wait_for 5 stored active
ok "passive: an upload" ftp in/passive -T "$TMP/ftp/file"
ok "the passive upload arrived whole" wait_for 5 stored passive
# Answers cross INPUT then: their numbers may not be adjusted there and, on their
# way to the VM, once more
must "$VNETSHARE" network set net1 firewall host
is "firewall host: active: a download" \
	"$(ftp file --ftp-port - --disable-eprt | sha256sum | cut -c1-64)" "$SUM"
is "firewall host: passive: a download" "$(ftp file | sha256sum | cut -c1-64)" "$SUM"
ok "firewall host: active, with EPRT: an upload" ftp in/host --ftp-port - -T "$TMP/ftp/file"
ok "the upload through the host's hooks arrived whole" wait_for 5 stored host
frames=$(captured far)
like "the PORT command carries the host's address" "$frames" \
	"PORT ${HOST4//./,},[0-9]+,[0-9]+"
like "EPRT has the host's address" "$frames" "EPRT .1.${HOST4//./\\.}.[0-9]+"
unlike "no command has the VM's address" "$frames" "${ip1//./,}|${ip1//./\\.}"
like "the server's log shows the host's address" "$(cat "$TMP/ftp.log")" \
	"OK (DOWN|UP)LOAD: Client \"(::ffff:)?$HOST4\""
unlike "the server's log has no VM's address" "$(cat "$TMP/ftp.log")" "Client \"(::ffff:)?${ip1//./\\.}\""

# The helper opened the way for those data connections only
spawn "$TMP/trap.log" vm1 "$PROGS/udp" echo "$ip1" 2020
refuse "nothing else comes in from the server" \
	on inet curl -s --max-time 1 --interface $WWW4 "http://$HOST4:2020/"
is "the VM saw none of it" "$(grep -c . "$TMP/trap.log")" 0

finish
