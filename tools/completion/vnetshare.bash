# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Completion of the vnetshare command for bash.

# The names of devices, of all or of the kind $1
_vnetshare_devices()
{
	ip -brief link show ${1:+type "$1"} 2>/dev/null |
		sed 's/[ @].*//'
}

# The names of ports, also in other network namespaces
_vnetshare_ports()
{
	vnetshare port show 2>/dev/null | awk 'NR > 1 { print $1 }'
}

# The addresses and names of VMs, of all networks or of $1
_vnetshare_vms()
{
	vnetshare lease show ${1:+"$1"} 2>/dev/null |
		awk 'NR > 1 { print $1; if ($3 != "-") print $3 }'
}

# The ids of the port forwards of the network $1
_vnetshare_forwards()
{
	vnetshare forward show "$1" 2>/dev/null | awk 'NR > 1 { print $2 }'
}

# The values of the keyword $1; $2 is the network, if one was given
_vnetshare_value()
{
	case $1 in
	mode) echo "nat bridged hostonly isolated" ;;
	uplink) echo "auto"; _vnetshare_devices ;;
	subnet | subnet6) echo "auto off" ;;
	firewall) echo "forward host off" ;;
	dhcp | lock | isolate | fastpath) echo "on off" ;;
	macnat) echo "auto on off" ;;
	group_forward) echo "none eapol lldp eapol,lldp" ;;
	flood_limit) echo "off" ;;
	addr) echo "none" ;;
	to) _vnetshare_vms "$2" ;;
	vm) _vnetshare_vms ;;
	proto) echo "tcp udp icmp icmpv6" ;;
	network) _vnetshare_devices vnetshare ;;
	type) echo "attached native" ;;
	user) compgen -u ;;
	*) return 1 ;;
	esac
}

# The words after the object $1, the verb $2 and $3 more words, the first of
# which is $4
_vnetshare_words()
{
	local keys="mode uplink subnet subnet6 dhcp isolate firewall mtu ageing mac
		macnat group_forward flood_limit fastpath"

	case $1.$2.$3 in
	network..0) echo "add set confirm share del show" ;;
	port..0) echo "add set del show" ;;
	fdb..0 | lease..0) echo "show" ;;
	forward..0) echo "add del show" ;;
	session..0) echo "show flush" ;;
	network.add.0) ;;
	network.set.0 | network.confirm.0 | network.share.0 | network.del.0 | \
		network.show.0 | fdb.show.0 | lease.show.0 | forward.*.0 | monitor..0)
		_vnetshare_devices vnetshare ;;
	network.share.1) echo "on off" ;;
	network.share.*) echo "uplink" ;;
	forward.add.1) echo "tcp udp both" ;;
	forward.del.1) echo "all tcp udp both"; _vnetshare_forwards "$4" ;;
	forward.add.2 | forward.del.2) ;;
	forward.add.* | forward.del.*) echo "to" ;;
	session.*.0) echo "vm port proto"; _vnetshare_devices vnetshare ;;
	session.*) echo "vm port proto" ;;
	network.confirm.*) ;;
	network.add.*) echo "$keys" ;;
	network.set.*) echo "$keys confirm" ;;
	port.add.0) _vnetshare_devices ;;
	port.set.0 | port.del.0) _vnetshare_ports ;;
	port.show.0) echo "network id"; _vnetshare_ports ;;
	port.add.*) echo "network mac lock addr type" ;;
	port.set.*) echo "mac lock addr network id" ;;
	port.del.* | port.show.*) echo "network id" ;;
	up..0) echo "nat0"; _vnetshare_devices vnetshare ;;
	down..0 | attach..0) _vnetshare_devices vnetshare ;;
	attach..*) echo "user mac" ;;
	esac
}

_vnetshare()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local object="" verb="" first="" after=0 i word words

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $object.$verb.$word in
		.*.-n | .*.--netns | .*.-b | .*.--batch) ((i++)) ;;
		.*.-*) ;;
		..*) object=$word ;;
		network..* | port..* | fdb..* | lease..* | forward..* | session..*)
			verb=$word ;;
		*)
			[ "$after" -gt 0 ] || first=$word
			((after++))
			;;
		esac
	done

	if [ -z "$object" ]; then
		case $prev in
		-n | --netns) words=$(ip netns list 2>/dev/null | awk '{ print $1 }') ;;
		-b | --batch)
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
			;;
		*)
			words="up down network port attach fdb lease forward
				session monitor -j -p -n -b -V -h --json
				--pretty --netns --batch --version --help"
			;;
		esac
	elif [ "$after" -eq 0 ] || ! words=$(_vnetshare_value "$prev" "$first"); then
		words=$(_vnetshare_words "$object" "$verb" "$after" "$first")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _vnetshare vnetshare
