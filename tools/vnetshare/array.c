// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays that grow.
 */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "vnetshare.h"

/**
 * vns_array_add - make room for one more item
 *
 * Return: the new item, zeroed
 */
void *vns_array_add(struct vns_array *array)
{
	void *items, *item;

	/* the size doubles whenever the count is a power of two */
	if (!(array->count & (array->count - 1))) {
		items = reallocarray(array->items,
				     array->count ? array->count * 2 : 1,
				     array->size);
		if (!items) {
			vns_error("out of memory");
			exit(VNS_FAIL);
		}
		array->items = items;
	}
	item = (char *)array->items + array->count++ * array->size;
	return memset(item, 0, array->size);
}

/**
 * vns_array_free - free the items
 * @array: the array, which may be used again
 */
void vns_array_free(struct vns_array *array)
{
	free(array->items);
	array->items = NULL;
	array->count = 0;
}
