/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values of the command line, and their text.
 */
#ifndef VNS_PARSE_H
#define VNS_PARSE_H

#include <stdbool.h>
#include <stdint.h>

bool vns_parse_prefix(const char *word, const char *full);
int vns_parse_onoff(const char *key, const char *word, bool *on);
int vns_parse_u32(const char *key, const char *word, uint32_t *value);
int vns_parse_port(const char *key, const char *word, uint16_t *port);
int vns_parse_mac(const char *key, const char *word, uint8_t mac[6]);
int vns_parse_ifname(const char *key, const char *word, char *name);
int vns_parse_network_name(const char *word);
int vns_parse_choice(const char *key, const char *word,
		     const char *const *choices, unsigned int *value);
int vns_parse_groups(const char *key, const char *word, uint32_t *mask);
const char *vns_format_groups(uint32_t mask);
const char *vns_format_mac(const uint8_t mac[6]);

#endif /* VNS_PARSE_H */
