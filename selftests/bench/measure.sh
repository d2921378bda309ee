# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How "make bench" measures: devices, kinds of frames, floors, rows. Inside the
# virtual machine.
#
#   side a: the VM's tap       host        side b: the far end
#   gen --- vm0 --------- what is measured --------- lan0 --- gen
#           vm1 (another VM)
#
# Everything is in one namespace, the taps are held open by the shell: gen gets
# their descriptors.
# shellcheck disable=SC2034	# for those who source this

BENCH=$SELF/bench
GEN=$BENCH/gen
readonly VM_MAC0=02:00:00:00:02:01 VM_MAC1=02:00:00:00:02:02
readonly ROUTER_MAC=02:00:00:00:03:01 UPLINK_MAC=02:00:00:00:03:02
readonly VM0_4=10.77.0.2 VM0_6=fd77::2 GW4=10.77.0.1 GW6=fd77::1
readonly NET4=10.77.0.0/24 NET6=fd77::/64

# What a frame is like, as options of gen. Checksums of long ones are left to the
# device, as guests and network cards have it; short ones are complete.
declare -A SHAPE=(
	[udp60]="proto=udp len=60"
	[tcp60]="proto=tcp len=60"
	[udp1500]="proto=udp len=1500 csum=partial"
	[tcp1500]="proto=tcp len=1500 csum=partial"
	[tcp64k]="proto=tcp len=63766 gso=1448 csum=partial chunk=2 chunks=8"
)

# taps: vm0, vm1 and lan0, up, on the descriptors 5, 6 and 7
taps() {
	tap 5 vm0 || bail "no tap"
	tap 6 vm1 || bail "no tap"
	tap 7 lan0 || bail "no tap"
	must ip link set lan0 address $UPLINK_MAC
}

# tap FD NAME
tap() {
	eval "exec $1<>/dev/net/tun"
	"$GEN" open "$1" "$2" && ip link set "$2" up
}

# emit KEY VALUE...: a result, as a line of JSON; numbers are bare
emit() {
	local out='' quote

	while [ $# -gt 1 ]; do
		quote=\"
		[[ ! $2 =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || quote=
		out+=", \"$1\": $quote$2$quote"
		shift 2
	done
	echo "{${out#, }}"
}

# skipped SYSTEM WHY: no row of a section
skipped() {
	emit section "$SECTION" system "$1" skipped "$2"
}

# --- rows ------------------------------------------------------------------

# Set by a system: SYSTEM its name; ENDS the two devices and their MACs; V4 and V6
# the addresses, as options of gen; what is written on and read from, which
# decides what is taken off.
SECTION='' SYSTEM='' ENDS='' V4='' V6=''
declare -A FLOOR_OF=([a]=tap [b]=tap)
# More about a row, keys and values
ABOUT=()
LOST=0
# "WHERE SHAPE FAMILY" -> instructions
declare -A FLOOR=()

# options SHAPE FAMILY: for gen, one a line
options() {
	# shellcheck disable=SC2086	# several words each
	if [ "$2" = 4 ]; then
		printf '%s\n' $ENDS ${SHAPE[$1]} $V4
	else
		printf '%s\n' $ENDS ${SHAPE[$1]} $V6
	fi
}

# result_of FLOOR LABEL SHAPE FAMILY, and what gen says of one direction
result_of() {
	local floor=$1 about=(section "$SECTION" system "$SYSTEM" row "$2"
		shape "$3" family "$4" "${ABOUT[@]}")
	shift 4

	if [ "$1" = lost ]; then
		LOST=$((LOST + 1))
		emit "${about[@]}" lost "${*:2}"
	else
		emit "${about[@]}" frames "$1" len "$2" total "$3" \
			floor "$floor" cost $(($3 - floor)) \
			least $(($4 - floor)) most $(($5 - floor))
	fi
}

# row SHAPE FAMILY LABEL-A LABEL-B [OPTION...]: a frame of side a and one of side
# b, or only one of them where a label is "-"
row() {
	local shape=$1 family=$2 dirs='' words dir rest out
	local -A label=([a]=$3 [b]=$4)
	shift 4

	[ "${label[a]}" = - ] || dirs+=a
	[ "${label[b]}" = - ] || dirs+=b
	mapfile -t words < <(options "$shape" "$family")
	if ! out=$("$GEN" "${words[@]}" "dirs=$dirs" "$@" 2>&1) &&
	   [[ $out != *" lost "* ]]; then
		out="${dirs:0:1} lost ${out//\"/}"
	fi
	while read -r dir rest; do
		# shellcheck disable=SC2086	# several words
		result_of "${FLOOR[${FLOOR_OF[$dir]} $shape $family]}" \
			"${label[$dir]}" "$shape" "$family" $rest
	done <<<"$out"
}

# --- what is taken off -------------------------------------------------------

# limit PARAMETER...: the module of the limits
limit_up() { must insmod "$LIMIT_KO" "$@"; }
limit_down() { must rmmod vnsbench_limit; }
limit_frames() { cat /sys/module/vnsbench_limit/parameters/frames; }

# floor WHERE SHAPE FAMILY OPTION...: what such frames cost that go nowhere
floor() {
	local where=$1 shape=$2 family=$3 words out dir frames len cost rest
	shift 3

	mapfile -t words < <(options "$shape" "$family")
	out=$("$GEN" "${words[@]}" "$@" 2>&1) ||
		bail "floor $where $shape $family: $out"
	read -r dir frames len cost rest <<<"$out"
	FLOOR["$where $shape $family"]=$cost
	emit section floor system floor row "$where" shape "$shape" \
		family "$family" frames "$frames" len "$len" cost "$cost"
	FLOOR_FRAMES=$frames
}

# floor_tap SHAPE: dropped by an rx handler of the tap. Large ones are put aside
# there: freeing them takes long, and is not counted anywhere else.
floor_tap() {
	local family before

	ENDS="a=5,vm0,tx amac=$VM_MAC0 agw=$ROUTER_MAC"
	case $1 in
	*64k) limit_up in=vm0 hold=1 ;;
	*) limit_up in=vm0 ;;
	esac
	for family in 4 6; do
		before=$(limit_frames)
		floor tap "$1" $family sink=none
		[ $(($(limit_frames) - before)) = "$FLOOR_FRAMES" ] ||
			bail "not all frames came"
	done
	limit_down
}

# floor_packet SHAPE: written to a packet socket and dropped by the device; written
# to a tap and read from a packet socket on it
floor_packet() {
	local family

	for family in 4 6; do
		ENDS="a=packet,dummy0,tx amac=$VM_MAC0 agw=$ROUTER_MAC"
		floor packet-out "$1" $family sink=none
		ENDS="a=5,vm0,tx amac=$VM_MAC0 agw=$ROUTER_MAC"
		ENDS+=" b=packet,vm0,rx bmac=$ROUTER_MAC bgw=$VM_MAC0"
		floor packet-in "$1" $family prime=0
	done
}

floors() {
	local shape

	V4="src=$VM0_4 dst=$WWW4" V6="src=$VM0_6 dst=$WWW6"
	for shape in "${!SHAPE[@]}"; do
		floor_tap "$shape"
	done
	must ip link add dummy0 type dummy
	must ip link set dummy0 up
	limit_up in=vm0
	for shape in udp60 tcp1500; do
		floor_packet $shape
	done
	limit_down
	must ip link del dummy0
}
