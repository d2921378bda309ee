# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions of the programs in this directory: where things are kept, and an apt for
# other suites of Debian that leaves the machine's own as it is.

vm_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034	# for those who source this
vns_top=$(cd -- "$vm_dir/../.." && pwd)
vns_cache=${VNS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vnetshare}
vns_me=${0##*/}
# shellcheck disable=SC2034	# likewise
vns_flavour=$("$vns_top/tools/kernel-flavour")

say() { printf '%s: %s\n' "$vns_me" "$*" >&2; }
die() { say "$*"; exit 1; }

# need PROGRAM...: says everything that is missing at once
need() {
	local p missing=()

	for p; do
		command -v "$p" >/dev/null 2>&1 || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] ||
		die "missing: ${missing[*]} (\"make deps\" installs what is needed)"
}

# quiet LOG COMMAND...: the output is shown only when the command fails
quiet() {
	local log=$1
	shift
	"$@" >>"$log" 2>&1 </dev/null && return 0
	tail -n 40 "$log" >&2
	say "failed: $* (the whole log: $log)"
	return 1
}

# vns_lock NAME: one at a time, until the caller's shell ends. Programs that
# outlive it must be started with 9>&-.
vns_lock() {
	mkdir -p "$vns_cache"
	exec 9>"$vns_cache/$1.lock"
	flock -n 9 && return
	say "waiting for another $vns_me ($1)"
	flock 9
}

# The mirror that the machine itself uses for Debian.
vns_mirror() {
	local uri

	# shellcheck disable=SC2016	# apt's own variables
	uri=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME)' \
		'Created-By: Packages' 2>/dev/null |
		awk '$1 == "Debian" && $3 !~ /security/ { print $2; exit }')
	echo "${uri:-http://deb.debian.org/debian}"
}

# vns_apt get|cache ARGUMENT...: apt-get or apt-cache over all suites that a
# kernel may come from, with lists of its own
vns_apt() {
	local tool=apt-$1 dir=$vns_cache/apt
	shift

	if [ ! -e "$dir/sources.list" ]; then
		local mirror suite key=/usr/share/keyrings/debian-archive-keyring.gpg

		mirror=$(vns_mirror)
		mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
		for suite in bookworm trixie trixie-backports; do
			echo "deb [signed-by=$key] $mirror $suite main"
		done >"$dir/sources.list.new"
		mv "$dir/sources.list.new" "$dir/sources.list"
	fi

	"$tool" -qq -oDir::Etc::SourceList="$dir/sources.list" \
		-oDir::Etc::SourceParts=/dev/null \
		-oDir::State::Lists="$dir/lists" \
		-oDir::State::status=/dev/null \
		-oDir::Cache="$dir/cache" \
		-oAPT::Sandbox::User=root "$@" 9>&-
}

# The lists are fetched at most once by one program.
vns_apt_updated=0
vns_apt_update() {
	[ "$vns_apt_updated" = 0 ] || return 0
	vns_apt get update >&2 || die "cannot fetch Debian's package lists"
	vns_apt_updated=1
}

# vns_newest PATTERN: the newest package whose name matches
vns_newest() {
	vns_apt cache search --names-only "^$1\$" | awk '{ print $1 }' |
		sort -V | tail -n 1
}

# Suite of Debian whose tools build for a kernel; empty when it is unknown.
vns_suite() {
	case $1 in
	6.1) echo bookworm ;;
	6.12|7.*) echo trixie ;;
	esac
}
