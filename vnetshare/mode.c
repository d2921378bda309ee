// SPDX-License-Identifier: GPL-2.0
/*
 * The modes, one row each.
 */
#include <linux/kernel.h>

#include "mode.h"

static const struct vns_mode vns_mode_table[] = {
	{
		.id = VNETSHARE_MODE_NAT,
		.host = true,
		.outside = true,
	},
	{
		.id = VNETSHARE_MODE_HOSTONLY,
		.host = true,
	},
	{
		.id = VNETSHARE_MODE_HOSTONLY,
		.shared = true,
		.host = true,
		.outside = true,
	},
	{
		.id = VNETSHARE_MODE_ISOLATED,
	},
	{
		.id = VNETSHARE_MODE_BRIDGED,
		.bridged = true,
	},
};

/*
 * Find the mode of &enum vnetshare_mode and the "share" setting; NULL if there
 * is no such mode, or no shared variant of it.
 */
const struct vns_mode *vns_mode_find(u32 id, bool shared)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vns_mode_table); i++)
		if (vns_mode_table[i].id == id &&
		    vns_mode_table[i].shared == shared)
			return &vns_mode_table[i];
	return NULL;
}
