/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of the host. */
#ifndef VNS_PROGRAM_H
#define VNS_PROGRAM_H

#include <stdbool.h>

/* room for the path of a program */
#define VNS_PROGRAM_PATH	64

bool vns_program_find(const char *name, char *path);

#endif /* VNS_PROGRAM_H */
