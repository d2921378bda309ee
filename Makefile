# SPDX-License-Identifier: GPL-2.0
#
# The module itself is built by Kbuild; this file is for people. "make help".

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

FLAVOUR := $(shell tools/kernel-flavour)
# Headers of the running kernel, else the newest that Debian installed.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(lastword $(shell ls -dv /usr/src/linux-headers-*-$(FLAVOUR) 2>/dev/null)))

# make check: which kernel (6.1, 6.12, 7.3, debug) and which tests (default all)
K ?= 6.1
T ?=
# make bench: which sections (default all); make bench-time: how many rounds
S ?= $(SECTIONS)
R ?=
# make fuzz-parse: for how many seconds
FUZZ_TIME ?= 600
# make install: for which kernel DKMS builds
KVER ?= $(shell uname -r)

DEPS := selftests/vm/deps
RUN := selftests/vm/run
KERNELS := 6.1 6.12 7.3

all: module tools

module:
	@dir=$$(selftests/vm/build "$(KDIR)") && \
		echo "  MODULE  $${dir#$(CURDIR)/}/module/vnetshare.ko"

tools:
	@$(MAKE) --no-print-directory -C tools

progs:
	@$(MAKE) --no-print-directory -C selftests/progs

# --- on this machine ---------------------------------------------------------

DKMS_SRC := /usr/src/vnetshare-$(VERSION)
DKMS_FILES := Kbuild dkms.conf COPYING tools/check-kernel tools/kernel-flavour \
	$(shell find vnetshare -name '*.[ch]' 2>/dev/null)

install: tools
	@command -v dkms >/dev/null || \
		{ echo "vnetshare: dkms is needed: apt-get install dkms"; exit 1; }
	@tools/check-kernel /lib/modules/$(KVER)/build
	rm -rf $(DKMS_SRC)
	@for f in $(DKMS_FILES); do install -D -m 644 $$f $(DKMS_SRC)/$$f || exit; done
	@chmod 755 $(DKMS_SRC)/tools/check-kernel
	@# (installing by force does not build what was built before)
	dkms build --force -k $(KVER) vnetshare/$(VERSION)
	dkms install --force -k $(KVER) vnetshare/$(VERSION)
	@$(MAKE) --no-print-directory -C tools install
	@command -v dnsmasq >/dev/null || \
		echo "vnetshare: for DHCP and DNS it needs dnsmasq: apt-get install dnsmasq-base"

uninstall:
	-[ ! -d /var/lib/dkms/vnetshare ] || dkms remove vnetshare/$(VERSION) --all
	rm -rf $(DKMS_SRC)
	@$(MAKE) --no-print-directory -C tools uninstall

# --- in virtual machines -----------------------------------------------------

demo:
	@$(DEPS) build vm test
	@selftests/vm/demo

check:
	@$(DEPS) build vm test $(if $(filter debug,$(K)),debug)
	@$(RUN) -k $(K) $(T)

check-debug:
	@$(MAKE) --no-print-directory check K=debug

check-all:
	@code=0; for k in $(KERNELS); do \
		$(MAKE) --no-print-directory check K=$$k || code=1; done; exit $$code

shell:
	@$(DEPS) build vm test
	@$(RUN) -k $(K) --shell

# Instructions a packet, beside other systems; S="section..." some of it. With
# SAVE=1 the results replace those in Documentation/.
bench:
	@$(DEPS) build vm bench
	@selftests/bench/bench $(if $(SAVE),--save) $(S)

# Throughput in ordinary time; R rounds
bench-time:
	@$(DEPS) build vm bench
	@selftests/bench/bench $(if $(SAVE),--save) --time $(R)

# The debug kernel alone, which takes tens of minutes the first time.
kernel-debug:
	@$(DEPS) build debug
	@selftests/vm/kernel-debug

# --- without running anything ------------------------------------------------

matrix:
	@$(DEPS) build matrix
	@selftests/matrix $(KERNELS)

# (a make of its own, which finds the headers that were just installed)
static:
	@$(DEPS) build static
	@$(MAKE) --no-print-directory static-checks

static-checks:
	@KDIR="$(KDIR)" selftests/static

# The parser of VMs' frames, in user space.
fuzz-parse:
	@$(DEPS) fuzz
	@selftests/fuzz/parse/run $(FUZZ_TIME)

# What each of the above installs by itself.
deps:
	@$(DEPS) all

clean:
	@$(MAKE) --no-print-directory -C tools clean
	@$(MAKE) --no-print-directory -C selftests/progs clean
	@$(MAKE) --no-print-directory -C selftests/bench clean
	rm -rf build

help:
	@sed 's/^	//' <<<"$$HELP"

SHELL := /bin/bash
define HELP
	make               module and command; KDIR=DIR names the kernel's headers
	make install       DKMS, command, man page, completion; KVER=RELEASE
	make uninstall     takes them away again

	make demo          a real guest gets online, step by step
	make check         all tests in virtual machines; T="test..." some of them,
	                   K=6.1|6.12|7.3|debug the kernel
	make check-debug   the same on a kernel that checks itself (built once)
	make check-all     the same on 6.1, 6.12 and 7.3
	make shell         a prompt in such a machine
	make bench         instructions a packet, beside other systems; S="section..."
	make bench-time    throughput and connections a second, likewise; R=ROUNDS
	make matrix        builds for 6.1, 6.12 and 7.3; warnings are errors
	make static        checkpatch, shellcheck and other readers of the source
	make fuzz-parse    the parser of frames under libFuzzer; FUZZ_TIME=SECONDS
	make deps          installs what the above need; each of them does, too
	make clean

	Kernels and chroots are kept in $${XDG_CACHE_HOME:-~/.cache}/vnetshare (VNS_CACHE).
endef
export HELP

.PHONY: all module tools progs install uninstall demo check check-debug check-all \
	shell bench bench-time kernel-debug matrix static static-checks fuzz-parse deps \
	clean help
