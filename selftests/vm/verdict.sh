# shellcheck shell=bash disable=SC2317,SC2034	# called through wait_until, read by stage2
# SPDX-License-Identifier: GPL-2.0
#
# Runs a test and judges it, inside the virtual machine. A test that exits 0
# still fails when it left a process, a namespace, an interface or a file
# behind, when the module cannot be removed after it, or when the kernel logged a
# warning. On the debug kernel, memory that was leaked is looked for once all
# tests are through: each look takes minutes there.

# Words that no test may bring into the kernel's log.
verdict_bad='WARNING|BUG|KASAN|UBSAN|Oops|Call Trace|possible recursive locking'
verdict_bad+='|circular locking|possible circular|suspicious RCU|inconsistent lock state'
verdict_bad+='|lockdep|refcount|ref_tracker|leaked|kmemleak: [0-9]+ new|ODEBUG'
verdict_bad+='|unregister_netdevice: waiting|blocked for more than|stall|corruption'
verdict_bad+='|general protection|scheduling while atomic|sleeping function called'
verdict_bad+='|bad unlock balance|held lock|segfault|trap invalid|Out of memory'
verdict_bad+='|Objects remaining|slab-|protocol .* is buggy|bad gso|rx_csum|hw csum failure'
# Messages that are not about this module: the machine is slow or emulated.
verdict_harmless='clocksource|perf: interrupt took too long|hrtimer: interrupt took'
verdict_harmless+='|module verification failed|taints kernel|KASAN: KernelAddressSanitizer'
verdict_harmless+='|rcu: .*[Ss]tall.*timeout'
# nf_tables of 6.1 walks RCU lists under its own mutex without telling lockdep, and
# mac80211 its interfaces (later kernels do): reports from these places, whole, are
# not about the module.
verdict_not_ours='^\\[[ .0-9]+\\] net/(netfilter/(nf_tables_api|nft_set_[a-z]+)\\.c:[0-9]+ '
verdict_not_ours+='|mac80211/(util|scan)\\.c:[0-9]+ RCU-list traversed in non-reader section)'
# mac80211_hwsim of 7.x encrypts frames in which mac80211 has left no room for that,
# since the card claims to encrypt by itself; with this module not loaded, too.
verdict_hwsim='WARNING: net/mac80211/[a-z]+\\.c:[0-9]+ at ieee80211_(encrypt_tx_skb|crypto_ccmp_encrypt)'

# Set once something happened that the next test should not start from.
verdict_spoilt=0
# When the first test could begin, in seconds of uptime.
verdict_began=0
verdict_cgroup=/sys/fs/cgroup/test
verdict_kmemleak=/sys/kernel/debug/kmemleak

# wait_until DEADLINE COMMAND...: DEADLINE in seconds of uptime. It makes no
# process: emulated, that would cost the test most of one CPU.
wait_until() {
	local deadline=$1 up
	shift
	while ! "$@"; do
		read -r up _ </proc/uptime
		[ "${up%.*}" -lt "$deadline" ] || return 1
		read -r -t 0.1 -u "$verdict_never" || :
	done
}

uptime_s() {
	local up
	read -r up _ </proc/uptime
	echo "${up%.*}"
}

at_uptime() { [ "$(uptime_s)" -ge "$1" ]; }

# The state that a test may not change, one item a line. Few processes: emulated,
# each costs a tenth of a second.
verdict_state() {
	local name
	for name in /sys/class/net/* /run/netns/* /run/vnetshare/*; do
		[ ! -e "$name" ] || echo "$name"
	done
	read -r name </proc/sys/net/ipv4/ip_forward
	echo "ip_forward $name"
	if [ -e /proc/sys/net/ipv6 ]; then
		read -r name </proc/sys/net/ipv6/conf/all/forwarding
		echo "forwarding $name"
	fi
	printf '%s\n' 'address show' 'route show table all' | ip -o -batch -
	[ ! -e /sys/module/nf_tables ] || nft list tables
}

verdict_kmemleak_scan() {
	# Only what is older than five seconds is reported, and only when a
	# second scan finds it unchanged.
	echo scan >"$verdict_kmemleak"
	wait_until $(($(uptime_s) + 6)) false
	echo scan >"$verdict_kmemleak"
}

verdict_prepare() {
	# Nothing comes out of this one.
	exec {verdict_never}<> <(:)
	mkdir -p "$verdict_cgroup" /run/vns
	# Emulated, a busy machine looks like a hung one.
	echo 0 >/proc/sys/kernel/nmi_watchdog
	echo 60 >/proc/sys/kernel/watchdog_thresh
	echo 300 >/proc/sys/kernel/hung_task_timeout_secs
	verdict_began=$(uptime_s)
} 2>/dev/null

# verdict_leaks: memory that was allocated since the first test and is lost. (The
# boot of the kernel may have lost some, too.)
verdict_leaks() {
	local start code=0

	start=$(uptime_s)
	echo "@start leaks"
	if [ -w "$verdict_kmemleak" ]; then
		verdict_kmemleak_scan
		awk -v young=$(($(uptime_s) - verdict_began)) '
			/^unreferenced object/ { print_block(); block = "" }
			{ block = block "|#   " $0 "\n" }
			match($0, /\(age [0-9.]+s\)/) { age = substr($0, RSTART + 5) + 0 }
			END { print_block(); exit found }
			function print_block() {
				if (block != "" && age < young) {
					printf "%s", block
					found = 1
				}
			}' "$verdict_kmemleak" || code=1
	else
		echo "|# no kmemleak in this kernel"
		code=1
	fi
	echo "@done leaks $code $(($(uptime_s) - start))"
}

verdict_processes() {
	local pid
	while read -r pid; do
		tr '\0' ' ' <"/proc/$pid/cmdline" |
			sed "s/^/process $pid: /; s/ *\$/\n/"
	done <"$verdict_cgroup/cgroup.procs" 2>/dev/null
}

verdict_empty() { ! grep -q 'populated 1' "$verdict_cgroup/cgroup.events"; }

# verdict_run NAME LIMIT PROGRAM...
verdict_run() {
	local name=$1 limit=$2 code pid filter start problems=0 log before difference
	shift 2

	echo "@start $name"
	start=$(uptime_s)
	log=/run/vns/kernel.log
	before=/run/vns/before
	echo "vns-test: $name" >/dev/kmsg
	verdict_state >"$before"

	problem() {
		problems=$((problems + 1))
		printf '|# %s: %s\n' "$name" "$1"
		[ $# -eq 1 ] || printf '|#   %s\n' "${2//$'\n'/$'\n|#   '}"
	}

	# Its own process group, so that a signal to it reaches its children.
	rm -f /run/vns/out
	mkfifo /run/vns/out
	sed -u 's/^/|/' </run/vns/out &
	filter=$!
	modprobe vnetshare 2>/run/vns/modprobe ||
		problem "cannot load the module" "$(cat /run/vns/modprobe)"
	(
		echo $BASHPID >"$verdict_cgroup/cgroup.procs"
		exec 3>&-
		exec setsid "$@" </dev/null >/run/vns/out 2>&1
	) &
	pid=$!

	# (whether it was waited for or not: the shell may miss that it should)
	gone() {
		local stat
		{ read -r stat <"/proc/$pid/stat"; } 2>/dev/null || return 0
		stat=${stat##*) }
		[ "${stat%% *}" = Z ]
	}
	if ! wait_until $((start + limit)) gone; then
		# Let its cleanup run: the next test starts from there.
		problem "not done after $limit s" "$(verdict_processes)"
		kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid"
		wait_until $((start + limit + 10 * VNS_TIMEOUT_SCALE)) gone
		kill -KILL "$pid" 2>/dev/null
	fi
	wait "$pid"
	code=$?

	# A daemon that was told to end may need a moment.
	wait_until $(($(uptime_s) + 3 * VNS_TIMEOUT_SCALE)) verdict_empty ||
		problem "left processes behind" "$(verdict_processes)"
	echo 1 >"$verdict_cgroup/cgroup.kill"
	wait_until $(($(uptime_s) + 10 * VNS_TIMEOUT_SCALE)) verdict_empty
	wait "$filter"

	if [ -e /sys/module/vnetshare ] && ! rmmod vnetshare 2>/run/vns/rmmod; then
		problem "the module cannot be removed" "$(cat /run/vns/rmmod)"
	fi

	# Namespaces go in the background.
	same_state() {
		verdict_state >/run/vns/after
		difference=$(diff "$before" /run/vns/after)
	}
	wait_until $(($(uptime_s) + 5 * VNS_TIMEOUT_SCALE)) same_state ||
		problem "left the machine changed" "$difference"

	dmesg | awk -v mark="vns-test: $name" -v log_file="$log" \
		-v bad="$verdict_bad" -v harmless="$verdict_harmless" \
		-v not_ours="$verdict_not_ours" -v hwsim="$verdict_hwsim" '
		index($0, mark) { n = complaint = undecided = foreign = 0; next }
		{ line[n++] = $0 }
		/WARNING: suspicious RCU usage/ { undecided = 1; next }
		undecided && $0 !~ /\.c:[0-9]+ / { next }
		undecided { undecided = 0; foreign = $0 ~ not_ours; complaint += !foreign }
		$0 ~ hwsim { foreign = 1; next }
		# (another CPU may report something in between)
		foreign {
			foreign = !/<\/TASK>|---\[ end trace/
			complaint += /WARNING:|BUG:|KASAN:|UBSAN:|Oops:/
			next
		}
		$0 !~ harmless && $0 ~ bad { complaint = 1 }
		END {
			printf "" >log_file
			for (i = n > 300 ? n - 300 : 0; i < n; i++) print line[i] >log_file
			exit complaint + undecided > 0
		}' || problem "the kernel complained" "$(cat "$log")"

	if [ "$problems" != 0 ]; then
		code=1
		verdict_spoilt=1
	fi
	echo "@done $name $code $(($(uptime_s) - start))"
}
