/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrays that grow.
 */
#ifndef VNS_ARRAY_H
#define VNS_ARRAY_H

#include <stddef.h>

/**
 * struct vns_array - an array that grows
 * @count: number of items
 * @size: bytes of one item; set by the owner
 */
struct vns_array {
	void *items;
	size_t count;
	size_t size;
};

void *vns_array_add(struct vns_array *array);
void vns_array_free(struct vns_array *array);

#endif /* VNS_ARRAY_H */
