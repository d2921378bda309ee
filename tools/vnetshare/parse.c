// SPDX-License-Identifier: GPL-2.0
/*
 * Values of the command line. Limits that the kernel knows are not checked
 * here: the kernel's error message names them.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/vnetshare.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "vnetshare.h"

/* Is @word the beginning of @full, or all of it? */
bool vns_parse_prefix(const char *word, const char *full)
{
	return *word && !strncmp(word, full, strlen(word));
}

/* Read "on" or "off". As below, @key is the keyword, for the message. */
int vns_parse_onoff(const char *key, const char *word, bool *on)
{
	if (!strcmp(word, "on"))
		*on = true;
	else if (!strcmp(word, "off"))
		*on = false;
	else
		return vns_usage_error("%s is \"on\" or \"off\", not \"%s\"",
				       key, word);
	return VNS_OK;
}

int vns_parse_u32(const char *key, const char *word, uint32_t *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 10);
	if (!isdigit((unsigned char)*word) || *end || errno ||
	    number > UINT32_MAX)
		return vns_usage_error("%s is a number from 0 to %u, not \"%s\"",
				       key, UINT32_MAX, word);
	*value = number;
	return VNS_OK;
}

/* Read the number of a TCP or UDP port. */
int vns_parse_port(const char *key, const char *word, uint16_t *port)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(word, &end, 10);
	if (!isdigit((unsigned char)*word) || *end || errno || !number ||
	    number > UINT16_MAX)
		return vns_usage_error("%s is a number from 1 to %u, not \"%s\"",
				       key, UINT16_MAX, word);
	*port = number;
	return VNS_OK;
}

int vns_parse_mac(const char *key, const char *word, uint8_t mac[6])
{
	unsigned int byte[6];
	int i, used = 0;

	if (strlen(word) != 17 ||
	    strspn(word, "0123456789abcdefABCDEF:") != 17 ||
	    sscanf(word, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1],
		   &byte[2], &byte[3], &byte[4], &byte[5], &used) != 6 ||
	    used != 17)
		return vns_usage_error("%s is an address like 02:00:5e:00:53:01, not \"%s\"",
				       key, word);
	for (i = 0; i < 6; i++)
		mac[i] = byte[i];
	return VNS_OK;
}

/* Read the name of a network device; @name has IFNAMSIZ bytes. */
int vns_parse_ifname(const char *key, const char *word, char *name)
{
	const char *c;

	if (!*word || strlen(word) >= IFNAMSIZ || !strcmp(word, ".") ||
	    !strcmp(word, ".."))
		goto bad;
	for (c = word; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			goto bad;
	strcpy(name, word);
	return VNS_OK;
bad:
	return vns_usage_error("%s: \"%s\" cannot be the name of a device",
			       key, word);
}

/*
 * Check the name of a new network. The name also becomes a directory, a part of
 * dnsmasq's configuration and a DNS domain: fewer characters are allowed than in
 * names of devices.
 */
int vns_parse_network_name(const char *word)
{
	const char *c;

	if (!isalnum((unsigned char)*word) || strlen(word) >= IFNAMSIZ)
		goto bad;
	for (c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			goto bad;
	return VNS_OK;
bad:
	vns_error("\"%s\" cannot be the name of a network", word);
	vns_hint("a name is 1 to %d letters, digits, '-', '_' or '.', letter or digit first",
		 IFNAMSIZ - 1);
	return VNS_USAGE;
}

/**
 * vns_parse_choice - read one word of a list; it may be shortened
 * @choices: the words; NULL ends the list, but a NULL first entry is skipped
 * @value: set to the word's index in @choices
 */
int vns_parse_choice(const char *key, const char *word,
		     const char *const *choices, unsigned int *value)
{
	unsigned int first = choices[0] ? 0 : 1;
	char list[128] = "";
	unsigned int i;

	for (i = first; choices[i]; i++) {
		if (vns_parse_prefix(word, choices[i])) {
			*value = i;
			return VNS_OK;
		}
		if (i > first)
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, choices[i], sizeof(list) - strlen(list) - 1);
	}
	return vns_usage_error("%s cannot be \"%s\"; known: %s", key, word,
			       list);
}

/**
 * struct vns_group - the name of a multicast group 01:80:c2:00:00:0x
 * @bit: bit in VNETSHARE_GROUP_FORWARD_MASK
 */
struct vns_group {
	unsigned int bit;
	const char *name;
};

static const struct vns_group vns_parse_known_groups[] = {
	{ 3, "eapol" },
	{ 14, "lldp" },
	{ }
};

/* Read a name, or a mask: decimal, or hexadecimal with 0x. */
static int vns_parse_group(const char *key, const char *word, uint32_t *mask)
{
	const struct vns_group *group;
	unsigned long number;
	char *end;

	for (group = vns_parse_known_groups; group->name; group++) {
		if (vns_parse_prefix(word, group->name)) {
			*mask |= VNS_BIT(group->bit);
			return VNS_OK;
		}
	}
	errno = 0;
	number = strtoul(word, &end, 0);
	if (!isdigit((unsigned char)*word) || *end || errno || number > 0xffff)
		return vns_usage_error("%s takes eapol, lldp and masks like 0x4008, not \"%s\"",
				       key, word);
	if (number & ~VNETSHARE_GROUP_FORWARD_MASK)
		return vns_usage_error("%s %s: bits 0 to 2 (STP, pause, LACP) never pass",
				       key, word);
	*mask |= number;
	return VNS_OK;
}

/**
 * vns_parse_groups - read "none", or names and masks separated by commas
 * @mask: set; bit x stands for the group 01:80:c2:00:00:0x
 */
int vns_parse_groups(const char *key, const char *word, uint32_t *mask)
{
	char part[16];
	size_t len;
	int ret;

	*mask = 0;
	if (!strcmp(word, "none"))
		return VNS_OK;
	for (;;) {
		len = strcspn(word, ",");
		snprintf(part, sizeof(part), "%.*s", (int)len, word);
		ret = vns_parse_group(key, part, mask);
		if (ret || !word[len])
			return ret;
		word += len + 1;
	}
}

/**
 * vns_format_groups - the inverse of vns_parse_groups()
 *
 * Return: the text, in a buffer that the next call overwrites
 */
const char *vns_format_groups(uint32_t mask)
{
	static char text[64];
	const struct vns_group *group;
	size_t len = 0;

	if (!mask)
		return "none";
	text[0] = '\0';
	for (group = vns_parse_known_groups; group->name; group++) {
		if (!(mask & VNS_BIT(group->bit)))
			continue;
		len += snprintf(text + len, sizeof(text) - len, "%s%s",
				len ? "," : "", group->name);
		mask &= ~VNS_BIT(group->bit);
	}
	if (mask)
		snprintf(text + len, sizeof(text) - len, "%s0x%x",
			 len ? "," : "", mask);
	return text;
}

/**
 * vns_format_mac - write a MAC address as text
 *
 * Return: the text, in a buffer that the next call overwrites
 */
const char *vns_format_mac(const uint8_t mac[6])
{
	static char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}
