// SPDX-License-Identifier: GPL-2.0
/*
 * Starting points for choices that differ between machines, yet are the same
 * each time on one machine: hashes that begin with the machine's id.
 */
#include <stdio.h>
#include <string.h>

#include "seed.h"

/* characters of the id in /etc/machine-id */
#define VNS_SEED_ID_LENGTH	32

/**
 * vns_seed_add - add a text, with its final zero, to a hash (FNV-1a)
 * @seed: hash of the preceding texts, or VNS_SEED_START
 */
uint64_t vns_seed_add(uint64_t seed, const char *text)
{
	do {
		seed = (seed ^ (unsigned char)*text) * 0x100000001b3;
	} while (*text++);
	return seed;
}

/**
 * vns_seed_machine - the hash of the machine's id
 * @seed: set; VNS_SEED_START when there is no id
 *
 * Return: the machine has an id
 */
bool vns_seed_machine(uint64_t *seed)
{
	char id[64] = "";
	FILE *file;

	*seed = VNS_SEED_START;
	file = fopen("/etc/machine-id", "re");
	if (!file)
		return false;
	if (!fgets(id, sizeof(id), file))
		id[0] = '\0';
	fclose(file);
	if (strlen(id) < VNS_SEED_ID_LENGTH)
		return false;
	*seed = vns_seed_add(*seed, id);
	return true;
}
