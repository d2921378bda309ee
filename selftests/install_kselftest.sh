#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: machine
# timeout: 300
#
# The tests are a suite of the kernel's kselftest: copied into a kernel tree (the
# part of Debian's linux-source-6.1 that kselftest needs), the suite builds and
# installs, and the kernel's run_kselftest.sh runs it from a read-only directory,
# in a virtual machine where the module and the command are only installed.

HARNESS_ONLY=1
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ -n "${VNS_RUN:-}" ] || skip_all "started by selftests/vm/run only"
TOP=$(cd "$SELF/.." && pwd)
CACHE=${VNS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetshare}/kselftest
NAME=linux-source-6.1
SUITE=drivers/net/vnetshare
QUICK="nat_forged port_lock host_no_router"
for program in make gcc rsync perl; do
	have $program || skip_all "needs $program"
done

# unpack DIR: what kselftest needs of the kernel's source; reading all of it takes
# a minute, hence the cache
unpack() {
	local tests=$NAME/tools/testing/selftests new

	# two of these tests may run at once
	mkdir -p "${1%/*}"
	new=$(mktemp -d "$1.XXXXXX") || return
	tar -xf "/usr/src/$NAME.tar.xz" -C "$new" --strip-components=1 --occurrence=1 \
		"$NAME/scripts/subarch.include" "$tests"/{Makefile,lib.mk,run_kselftest.sh} \
		"$tests"/{kselftest.h,kselftest_harness.h} \
		"$tests"/kselftest/{module.sh,prefix.pl,runner.sh} || return
	chmod 755 "$new"
	mv -T "$new" "$1" || { rm -rf "$new" && [ -d "$1" ]; }
}

# suite TARGET: make's target for this suite, as the kernel's documentation says
suite() {
	env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL \
		make -C "$WORK/linux/tools/testing/selftests" "TARGETS=$SUITE" \
		"KSFT_INSTALL_PATH=$WORK/installed" FORCE_TARGETS=1 "$1"
}

# in_vm COMMAND: its output, from a virtual machine in which nothing says where the
# module and the command are
in_vm() {
	"$VNS_RUN" -k "$VNS_KERNEL_NAME" -o "$TMP/results" --exec "
		rmmod vnetshare
		unset VNS_KO VNETSHARE VNS_HOST_IS_MINE VNS_KERNEL VNS_DEBUG
		mkdir /run/suite
		mount --bind '$WORK/installed' /run/suite
		mount -o remount,ro,bind /run/suite
		run() {
			set -- \"\${@/#/-t $SUITE:}\"
			/run/suite/run_kselftest.sh \$*
		}
		$1
		umount /run/suite" 2>&1 </dev/null
}

# -------------------------------------------------------- build and install

tree=$CACHE/$(stat -c %Y-%s "/usr/src/$NAME.tar.xz") || skip_all "needs the package $NAME"
[ -d "$tree" ] || must unpack "$tree"
# The virtual machine has no other writable directory of this machine.
mkdir -p "$TOP/build"
WORK=$(mktemp -d "$TOP/build/kselftest.XXXXXX")
defer rm -rf "$WORK"
must cp -r "$tree" "$WORK/linux"
must mkdir -p "$WORK/linux/include/uapi/linux" "$WORK/linux/tools/testing/selftests/$SUITE"
must cp "$TOP/vnetshare/include/uapi/linux/vnetshare.h" "$WORK/linux/include/uapi/linux/"
must cp -r "$SELF/." "$WORK/linux/tools/testing/selftests/$SUITE"

ok "make clean" suite clean
refuse "no program is left" test -e "$WORK/linux/tools/testing/selftests/$SUITE/progs/frame"
ok "make install" suite install
is "every program is installed" "$(find "$WORK/installed/$SUITE" -maxdepth 1 -type f \
	-perm -100 ! -name '*.sh' -printf '%f\n' | sort | paste -sd ' ')" \
	"frame genl group peer slowtick.so tap tapgso udp"
is "every test is listed" "$("$WORK/installed/run_kselftest.sh" --list | sort)" \
	"$(cd "$SELF" && printf "$SUITE:%s\n" *_*.sh | sort)"

# --------------------------------------------------------------------- run

sed 's/^finish$/ok "broken" false\nfinish/' "$SELF/port_lock.sh" \
	>"$WORK/installed/$SUITE/broken.sh"
chmod 755 "$WORK/installed/$SUITE/broken.sh"
echo "$SUITE:broken.sh" >>"$WORK/installed/kselftest-list.txt"
out=$(in_vm "
	run ${QUICK// /.sh }.sh broken.sh
	ip route add unreachable default
	run port_lock.sh
	ip route del default")
is "nothing is wrong in the virtual machine" $? 0
number=0
for test in $QUICK; do
	number=$((number + 1))
	like "$test passes" "$out" "^ok $number selftests: $SUITE: $test\.sh\$"
done
like "a broken test fails" "$out" "^not ok 4 selftests: $SUITE: broken\.sh # exit=1"
like "on a machine with a default route a test is skipped" "$out" \
	"^ok 1 selftests: $SUITE: port_lock\.sh # SKIP"
[ $TEST_FAILED -eq 0 ] || note "$out"

finish
