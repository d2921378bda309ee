# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Completion of the vnetshare command for bash.

# Names of devices: all of them, or those of one kind
_vnetshare_devices()
{
	ip -brief link show ${1:+type "$1"} 2>/dev/null |
		sed 's/[ @].*//'
}

# Names of ports, also of those in other network namespaces
_vnetshare_ports()
{
	vnetshare port show 2>/dev/null | awk 'NR > 1 { print $1 }'
}

# What may follow the keyword $1
_vnetshare_value()
{
	case $1 in
	mode) echo "nat" ;;
	uplink) echo "auto"; _vnetshare_devices ;;
	subnet) echo "auto off" ;;
	dhcp | lock) echo "on off" ;;
	network) _vnetshare_devices vnetshare ;;
	type) echo "attached native" ;;
	user) compgen -u ;;
	*) return 1 ;;
	esac
}

# What may follow the object $1, the verb $2 and $3 words more
_vnetshare_words()
{
	local keys="mode uplink subnet dhcp mtu ageing mac"

	case $1.$2.$3 in
	network..0) echo "add set del show" ;;
	port..0) echo "add set del show" ;;
	fdb..0 | lease..0) echo "show" ;;
	network.add.0) ;;
	network.set.0 | network.del.0 | network.show.0 | fdb.show.0 | lease.show.0)
		_vnetshare_devices vnetshare ;;
	network.add.* | network.set.*) echo "$keys" ;;
	port.add.0) _vnetshare_devices ;;
	port.set.0 | port.del.0) _vnetshare_ports ;;
	port.show.0) echo "network id"; _vnetshare_ports ;;
	port.add.*) echo "network mac lock type" ;;
	port.set.*) echo "mac lock network id" ;;
	port.del.* | port.show.*) echo "network id" ;;
	up..0 | down..0 | attach..0) _vnetshare_devices vnetshare ;;
	attach..*) echo "user" ;;
	esac
}

_vnetshare()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local object="" verb="" after=0 i word words

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $object.$verb.$word in
		.*.-n | .*.--netns | .*.-b | .*.--batch) ((i++)) ;;
		.*.-*) ;;
		..*) object=$word ;;
		network..* | port..* | fdb..* | lease..*) verb=$word ;;
		*) ((after++)) ;;
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
			words="up down network port attach fdb lease -j -p -n
				-b -V -h --json --pretty --netns --batch
				--version --help"
			;;
		esac
	elif [ "$after" -eq 0 ] || ! words=$(_vnetshare_value "$prev"); then
		words=$(_vnetshare_words "$object" "$verb" "$after")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _vnetshare vnetshare
