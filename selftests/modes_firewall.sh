#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 150
#
# The filter hooks of the host that a network's traffic crosses: FORWARD, or
# OUTPUT and INPUT as the host's own traffic does, or none; with Docker's rules
# and with rules of the host's own. When the chosen hooks would drop the traffic,
# the command says so as the network is made, with the table, the chain and the
# rule.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

OUT4="tcp4=tcp,$WWW4,9000 udp4=udp,$WWW4,9000 icmp4=icmp,$WWW4"
OUT6="tcp6=tcp,$WWW6,9000 udp6=udp,$WWW6,9000 icmp6=icmp,$WWW6"
OUT="$OUT4 $OUT6"
IN="fwd4=tcp,$HOST4,8080 fwd6=tcp,$HOST6,8080"

firewall() { must "$VNETSHARE" network set net1 firewall "$1"; }
# passes|stops FIREWALL RULES WHAT NAME QUESTION...
passes() { reaches "firewall $1, $2: $3 passes" "${@:4}"; }
stops() { reaches_not "firewall $1, $2: $3 does not" "${@:4}"; }

# verdicts RULES WHAT FORWARD HOST OFF NAME QUESTION...: pass or stop, under each
verdicts() {
	local rules=$1 what=$2 firewall verdict
	local -A wanted=([forward]=$3 [host]=$4 [off]=$5)

	shift 5
	for firewall in forward host off; do
		firewall $firewall
		verdict=${wanted[$firewall]}
		"$verdict" $firewall "$rules" "$what" "$@"
	done
}

topology
topology6
lan_add lan1 77
net_add net1 dhcp off
vm_set vm1 net1 9
gw4=$(net_gw net1)
gw6=$(net_gw6 net1)
serve inet FAR tcp,$WWW4,9000 udp,$WWW4,9000 tcp,$WWW6,9000 udp,$WWW6,9000
serve vm1 VM1 tcp,"${VM4[vm1]}",80 tcp,"${VM6[vm1]}",80
serve host HOST tcp,"$gw4",9000 tcp,"$gw6",9000
must "$VNETSHARE" forward add net1 tcp 8080 to "${VM4[vm1]}:80"
must "$VNETSHARE" forward add net1 tcp 8080 to "[${VM6[vm1]}]:80"
is "the default is forward" "$(net_json net1 .firewall)" forward

# shellcheck disable=SC2086 # words
{
verdicts "no rules" "out" passes passes passes vm1 $OUT
verdicts "no rules" "in by a forward" passes passes passes lan1 $IN
is "the setting is shown" "$(net_json net1 .firewall)" off

docker_rules
verdicts "Docker" "out" stops passes passes vm1 $OUT
verdicts "Docker" "in by a forward" stops passes passes lan1 $IN
verdicts "Docker" "to the host" passes passes passes vm1 tcp4=tcp,"$gw4",9000 tcp6=tcp,"$gw6",9000
# the rule that Docker documents for traffic of others
must nft insert rule ip filter DOCKER-USER iifname net1 accept
must nft insert rule ip filter DOCKER-USER oifname net1 accept
firewall forward
passes forward "Docker, with a rule in DOCKER-USER" "out" vm1 $OUT4
must nft flush ruleset

host_nft <<-END
	table inet mine {
		chain output {
			type filter hook output priority 0
			ip daddr $WWW4 counter drop
			ip6 daddr $WWW6 counter drop
		}
	}
END
verdicts "a drop rule in OUTPUT" "out" passes stops passes vm1 $OUT
verdicts "a drop rule in OUTPUT" "in by a forward" passes passes passes lan1 $IN
must nft flush ruleset

host_nft <<-END
	table inet mine {
		chain input {
			type filter hook input priority 0
			ip saddr { $WWW4, 192.0.2.77 } counter drop
			ip6 saddr { $WWW6, 2001:db8:1::77 } counter drop
		}
	}
END
verdicts "a drop rule in INPUT" "answers" passes stops passes vm1 $OUT
verdicts "a drop rule in INPUT" "in by a forward" passes stops passes lan1 $IN
must nft flush ruleset

# A host that lets in answers only
host_nft <<-END
	table inet mine {
		chain input {
			type filter hook input priority 0; policy drop;
			ct state established,related counter accept
			iif lo accept
			icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		}
	}
END
verdicts "INPUT drops all but answers" "out" passes passes passes vm1 $OUT
verdicts "INPUT drops all but answers" "in by a forward" passes stops passes lan1 $IN
# to the host itself, INPUT applies whatever is set
verdicts "INPUT drops all but answers" "to the host" stops stops stops vm1 \
	tcp4=tcp,"$gw4",9000 tcp6=tcp,"$gw6",9000
must nft flush ruleset

}

# The hooks that see one datagram and its answer
counted() {
	host_nft <<-END
		table inet mine {
			chain forward {
				type filter hook forward priority 0
				iifname net1 oifname uplink0 ip daddr $WWW4 counter
				iifname uplink0 oifname net1 ip saddr $WWW4 counter
			}
			chain output {
				type filter hook output priority 0
				oifname uplink0 ip daddr $WWW4 udp dport 9000 counter
			}
			chain input {
				type filter hook input priority 0
				iifname uplink0 ip saddr $WWW4 udp sport 9000 counter
			}
		}
	END
	firewall "$1"
	ask vm1 udp=udp,$WWW4,9000 >/dev/null
	nft -j list ruleset | jq -c '[.nftables[] | .rule? // empty | .expr[] |
		.counter? // empty | .packets]'
	nft flush ruleset
}
is "firewall forward: FORWARD sees both ways" "$(counted forward)" "[1,1,0,0]"
is "firewall host: OUTPUT sees the way out, INPUT the way in" "$(counted host)" "[0,0,1,1]"
is "firewall off: none sees any" "$(counted off)" "[0,0,0,0]"
must "$VNETSHARE" network del net1

# The warning: it comes at once, on standard error, and the network is made
# made DESCRIPTION KEY VALUE...: $ERR has its messages
made() {
	local desc=$1; shift

	"$VNETSHARE" network add net9 dhcp off "$@" >/dev/null 2>"$TMP/err" </dev/null
	is "$desc: network add: exit 0" $? 0
	ERR=$(<"$TMP/err")
	must "$VNETSHARE" network del net9
}
defer net_del net9
# warns DESCRIPTION REGEX...: all of these are in $ERR
warns() {
	local desc=$1 regex; shift

	for regex; do
		like "$desc: it says $regex" "${ERR//$'\n'/ }" "$regex"
	done
}
silent() { is "$1: no warning" "$ERR" ""; }

made "no rules"
silent "no rules"
docker_rules
made "Docker"
warns "Docker" "ip filter" "FORWARD" "policy.*drop|drop.*policy" "firewall host"
made "Docker, firewall host" firewall host
silent "Docker, firewall host"
made "Docker, firewall off" firewall off
silent "Docker, firewall off"
made "Docker, hostonly" mode hostonly
silent "Docker, hostonly"
out=$("$VNETSHARE" up vnet9 2>&1 >/dev/null)
like "up warns, too" "${out//$'\n'/ }" "filter.*FORWARD.*"
must "$VNETSHARE" down vnet9
must nft flush ruleset

host_nft <<-END
	table inet corporate {
		chain guests {
			iifname "net9" counter drop
		}
		chain passing {
			type filter hook forward priority 10
			jump guests
		}
	}
END
made "a rule"
warns "a rule" "inet corporate" "guests|passing" 'net9.*drop' "firewall (host|off)"
must nft flush ruleset

host_nft <<-END
	table ip strict {
		chain out {
			type filter hook output priority 0; policy drop;
			oif lo accept
			tcp dport 22 accept
		}
	}
END
made "OUTPUT drops"
silent "OUTPUT drops, firewall forward"
made "OUTPUT drops, firewall host" firewall host
warns "OUTPUT drops, firewall host" "ip strict" "out" "policy.*drop|drop.*policy" \
	"firewall (forward|off)"
must nft flush ruleset

host_nft <<-END
	table inet strict {
		chain in {
			type filter hook input priority 0; policy drop;
			iif lo accept
		}
	}
END
made "INPUT drops even answers, firewall host" firewall host
warns "INPUT drops even answers, firewall host" "inet strict" "in" "drop"
must nft flush ruleset

finish
