#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: machine
# timeout: 400
#
# "make install" through DKMS for real, with Debian's headers: the module is built
# and installed, loads in a virtual machine, and "make uninstall" leaves nothing.
# This machine stays as it is: all writes go into overlays in memory, in a mount
# namespace of the test's own.

if [ -z "${DKMS_NAMESPACE:-}" ]; then
	export DKMS_NAMESPACE=1
	exec unshare --mount --propagation private bash "$0" "$@"
	echo "1..0 # SKIP no mount namespace may be made here"
	exit 4
fi

# It changes nothing here, but for that mount namespace.
HARNESS_ONLY=1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ -n "${VNS_RUN:-}" ] || skip_all "started by selftests/vm/run only"
TOP=$(cd "$SELF/.." && pwd)
MODULES=/usr/lib/modules/$VNS_KERNEL
CACHE=${VNS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetshare}

have dkms || skip_all "no dkms"
[ -e "$MODULES/build/Makefile" ] || skip_all "no headers of $VNS_KERNEL on this machine"
[ -d "$CACHE/kernel/6.1/root/lib/modules/$VNS_KERNEL" ] || skip_all "not the stock kernel 6.1"

# ---------------------------------------------- DKMS's check beforehand

# An unfit kernel is named in plain words, not by a compiler's error
mkdir -p "$TMP/kdir/include/config"
: >"$TMP/kdir/Makefile"
check_kernel() {
	echo "$1" >"$TMP/kdir/include/config/kernel.release"
	grep -v "CONFIG_$2=" "/usr/src/linux-headers-$VNS_KERNEL/.config" \
		>"$TMP/kdir/include/config/auto.conf"
	"$TOP/tools/check-kernel" "$TMP/kdir" 2>&1
}
like "a kernel without NAT is refused by name" "$(check_kernel 6.1.0 NF_NAT)" \
	"configured without CONFIG_NF_NAT,"
like "a kernel that is too old is refused" "$(check_kernel 5.10.0-9-amd64 NONE)" \
	"5\.10\.0-9-amd64 is older than 6\.1"
is "one that will do is not" "$(check_kernel 7.3.4+deb13-amd64 NONE)" ""
like "no headers: the package is named" "$("$TOP/tools/check-kernel" "$TMP/none" 2>&1)" \
	"linux-headers"

# ------------------------------------------------------------------- install

LAYERS=$TMP/layers
mkdir "$LAYERS"
must mount -t tmpfs layers "$LAYERS"
defer umount -l "$LAYERS"
for dir in usr etc var; do
	mkdir -p "$LAYERS/$dir/up" "$LAYERS/$dir/work"
	must mount -t overlay -o \
		"lowerdir=/$dir,upperdir=$LAYERS/$dir/up,workdir=$LAYERS/$dir/work" overlay "/$dir"
done
# As if the kernel's package were installed too
stock=$CACHE/kernel/6.1/root/lib/modules/$VNS_KERNEL
must ln -s "$stock/kernel" "$MODULES/kernel"
must cp "$stock/modules.order" "$stock/modules.builtin" "$stock/modules.builtin.modinfo" "$MODULES/"
must depmod "$VNS_KERNEL"

# The files that were added to the machine, by name
added() {
	find "$LAYERS"/*/up ! -type d ! -type c -printf '%p\n' |
		sed "s|^$LAYERS/\([a-z]*\)/up|/\1|" | sort
}
added >"$TMP/before"

unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL
install_log=$TMP/install.log
if make -C "$TOP" install "KVER=$VNS_KERNEL" >"$install_log" 2>&1 </dev/null; then
	pass "make install goes through"
else
	fail "make install goes through" "$(tail -n 30 "$install_log")"
	exit 1
fi
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
like "DKMS has it installed" "$(dkms status 2>&1)" \
	"^vnetshare/$version, $VNS_KERNEL, $(uname -m): installed"
ko=$(modinfo -k "$VNS_KERNEL" -n vnetshare 2>&1)
like "modprobe finds DKMS's module" "$ko" "^/(usr/)?lib/modules/$VNS_KERNEL/updates/dkms/vnetshare\.ko"
like "the module's version is DKMS's" "$(modinfo -F version "$ko" 2>&1)" "^${version//./\\.}$"
ok "the command is in its place" test -x /usr/local/sbin/vnetshare
ok "its man page, too" test -s /usr/local/share/man/man8/vnetshare.8

# A newer one, of the same version number, takes its place
newer=$TMP/newer
must mkdir "$newer"
must cp -r "$TOP/Makefile" "$TOP/Kbuild" "$TOP/COPYING" "$TOP/dkms.conf" "$TOP/tools" \
	"$TOP/vnetshare" "$TOP/Documentation" "$newer"
echo 'MODULE_INFO(test, "newer");' >>"$newer/vnetshare/main.c"
is "the module is not that one" "$(modinfo -F test "$ko")" ""
must make -C "$newer" install "KVER=$VNS_KERNEL"
is "make install again: it is" "$(modinfo -F test "$ko")" newer
must make -C "$TOP" install "KVER=$VNS_KERNEL"
is "make install once more: the first module is back" "$(modinfo -F test "$ko")" ""

# ---------------------------------------------------------------------- load

out=$("$VNS_RUN" -k 6.1 -o "$TMP/results" --tree "$MODULES" --exec '
	set -e
	modinfo -n vnetshare
	/usr/local/sbin/vnetshare network add dkms0 dhcp off
	ip -d link show dkms0
	/usr/local/sbin/vnetshare network del dkms0
' 2>&1 </dev/null)
rc=$?
is "the module loads and makes a network in a virtual machine" "$rc" 0
like "the virtual machine has DKMS's module" "$out" "/updates/dkms/vnetshare\.ko"
like "the virtual machine has a network" "$out" "dkms0: "
[ $rc -eq 0 ] || note "$(tail -n 30 <<<"$out")"

# ----------------------------------------------------------------- uninstall

if make -C "$TOP" uninstall >"$install_log" 2>&1 </dev/null; then
	pass "make uninstall goes through"
else
	fail "make uninstall goes through" "$(tail -n 30 "$install_log")"
fi
is "DKMS knows nothing of it" "$(dkms status vnetshare 2>&1)" ""
# DKMS keeps its own signing key, depmod its indexes
is "nothing is left" "$(added | comm -13 "$TMP/before" - |
	grep -vE '^/var/lib/dkms/mok\.|/modules\.[a-z.]*$')" ""
refuse "no module, either" modinfo -k "$VNS_KERNEL" vnetshare

finish
