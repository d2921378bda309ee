# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Whole TCP transfers, for systems that frames alone can not be written into and
# for figures in ordinary time: a namespace is the VM, another one the far end.
#
#   vm: eth0 10.77.0.2 --- p-vm  host  up0 192.0.2.1 --- eth0 192.0.2.254 :far
#                                                         lo 203.0.113.10
#
# path_NAME_up connects the VM, path_NAME_down takes that away; $PATH_NAME is what
# the system is called.

STREAM=$BENCH/stream
readonly STREAM_PORT=5000

# The far end, with a server, and the host's leg to it.
path_world() {
	ns_add far vm
	ipb host <<-END
		link add up0 type veth peer name eth0 netns ${NS[far]}
		addr add $HOST4/24 dev up0
		link set up0 up
		route add default via $ROUTER4
	END
	ipb far <<-END
		addr add $ROUTER4/24 dev eth0
		addr add $WWW4/32 dev lo
		link set eth0 up
	END
	spawn "$TMP/stream.log" far "$STREAM" serve "$WWW4" $STREAM_PORT
	wait_for 30 listens far "$WWW4:$STREAM_PORT" || bail "no server"
}

path_world_gone() {
	ns_gone "${NS[far]}"
	ns_gone "${NS[vm]}"
}

# path_veth: eth0 in the VM, p-vm on the host
path_veth() {
	ipb host <<-END
		link add p-vm type veth peer name eth0 netns ${NS[vm]} address $VM_MAC0
		link set p-vm up
	END
}

path_vm_address() {
	ipb vm <<-END
		addr add $VM0_4/24 dev eth0
		link set eth0 up
		route add default via $GW4
	END
}

# The far end itself, without anything in between.
path_direct_up() {
	PATH_NAME="nothing (a veth)"
	ipb vm <<-END
		link add eth0 type veth peer name eth1 netns ${NS[far]}
		addr add $VM0_4/24 dev eth0
		link set eth0 up
		route add default via $GW4
	END
	ipb far <<-END
		addr add $GW4/24 dev eth1
		link set eth1 up
	END
}
path_direct_down() { must ip -n "${NS[vm]}" link del eth0; }

path_vnetshare_up() {
	PATH_NAME=vnetshare
	must "$VNETSHARE" network add net1 dhcp off subnet "$NET4" subnet6 off
	path_veth
	must "$VNETSHARE" port add p-vm network net1
	path_vm_address
}

path_vnetshare_down() {
	must "$VNETSHARE" network del net1
	must ip link del p-vm
	must rmmod vnetshare
}

path_vnetshare_native_up() {
	PATH_NAME="vnetshare, native port"
	must "$VNETSHARE" network add net1 dhcp off subnet "$NET4" subnet6 off
	must "$VNETSHARE" port add p-vm network net1 type native
	must ip link set p-vm netns "${NS[vm]}" name eth0
	path_vm_address
}

path_vnetshare_native_down() {
	must "$VNETSHARE" network del net1
	must rmmod vnetshare
}

path_masquerade_up() {
	PATH_NAME="bridge + masquerade"
	path_veth
	ipb host <<-END
		link add br0 type bridge forward_delay 0
		link set br0 up
		link set p-vm master br0
		addr add $GW4/24 dev br0
	END
	path_vm_address
	forwarding 1
	libvirt_rules >"$TMP/rules"
	must nft -f "$TMP/rules"
}

path_masquerade_down() {
	must nft flush ruleset
	forwarding 0
	must ip link del br0
	must ip link del p-vm
}

path_flowtable_up() {
	path_masquerade_up
	flowtable_rules p-vm up0
	PATH_NAME+=" + flowtable"
}
path_flowtable_down() { path_masquerade_down; }

# Programs that carry everything themselves. They know no way to be told that
# they may begin but the card that appears.
path_slirp4netns_up() {
	PATH_NAME=slirp4netns
	spawn "$TMP/slirp.log" host slirp4netns --configure --mtu=65520 \
		--netns-type=path "/run/netns/${NS[vm]}" eth0
	PATH_PID=$SPAWNED
	wait_for 30 has_way vm || bail "slirp4netns: $(<"$TMP/slirp.log")"
}
path_slirp4netns_down() { stop "$PATH_PID"; }

path_pasta_up() {
	PATH_NAME="pasta (passt)"
	spawn "$TMP/pasta.log" host pasta --foreground --quiet --runas 0 \
		--netns-only --config-net --ns-ifname eth0 \
		-t none -u none -T none -U none --netns "/run/netns/${NS[vm]}"
	PATH_PID=$SPAWNED
	wait_for 30 has_way vm || bail "pasta: $(<"$TMP/pasta.log")"
}
path_pasta_down() { stop "$PATH_PID"; }

has_way() { [ -n "$(ipn "$1" route show default)" ]; }

# What comes once flows are known to the far end
path_ready() { on vm "$STREAM" out "$WWW4" $STREAM_PORT 1 >"$TMP/first" 2>&1; }
