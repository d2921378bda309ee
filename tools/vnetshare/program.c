// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of the host. PATH is not used: it may be that of an ordinary user.
 */
#include <stdio.h>
#include <unistd.h>

#include "program.h"
#include "vnetshare.h"

static const char *const vns_program_dirs[] = {
	"/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/bin",
	"/run/current-system/sw/bin",
};

/**
 * vns_program_find - find a program in the directories of the system
 * @path: VNS_PROGRAM_PATH bytes, set when there is such a program
 *
 * Return: the program is installed
 */
bool vns_program_find(const char *name, char *path)
{
	size_t i;

	for (i = 0; i < VNS_ARRAY_SIZE(vns_program_dirs); i++) {
		snprintf(path, VNS_PROGRAM_PATH, "%s/%s", vns_program_dirs[i],
			 name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}
