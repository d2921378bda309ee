/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Starting points for choices that differ between machines, yet are the same
 * each time on one machine.
 */
#ifndef VNS_SEED_H
#define VNS_SEED_H

#include <stdbool.h>
#include <stdint.h>

/* the hash of no text */
#define VNS_SEED_START		0xcbf29ce484222325

uint64_t vns_seed_add(uint64_t seed, const char *text);
bool vns_seed_machine(uint64_t *seed);

#endif /* VNS_SEED_H */
