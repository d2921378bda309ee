/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output. Commands build json-c objects, which are printed as JSON, or as text
 * made from the same objects.
 */
#ifndef VNS_OUTPUT_H
#define VNS_OUTPUT_H

#include <json-c/json.h>

#include "vnetshare.h"

/**
 * struct vns_column - a column of a text table
 * @key: key of the value; a NULL key ends the table
 * @title: heading of the column
 * @yes: the word for true, with "-" for false; NULL: "on" and "off"
 */
struct vns_column {
	const char *key;
	const char *title;
	const char *yes;
};

void vns_output_string(struct json_object *object, const char *key,
		       const char *value);
void vns_output_mac(struct json_object *object, const char *key,
		    const uint8_t *mac);
void vns_output_number(struct json_object *object, const char *key,
		       int64_t value);
void vns_output_null(struct json_object *object, const char *key);
void vns_output_bool(struct json_object *object, const char *key, bool value);
const char *vns_output_text(struct json_object *object, const char *key);
bool vns_output_is(struct json_object *object, const char *key);
void vns_output_ip(struct json_object *object, const char *key,
		   const struct vns_ip *ip);
void vns_output_ips(struct json_object *object, const char *key,
		    const struct vns_ips *ips);
struct json_object *vns_output_list(struct json_object *object);
void vns_output_join(char *cell, size_t size, const char *word);
void vns_output_join_ips(char *cell, size_t size, const struct vns_ips *ips);
int vns_output_print(const struct vns_ctx *ctx, struct json_object *list,
		     void (*print)(struct json_object *object));
int vns_output_table(const struct vns_ctx *ctx, struct json_object *list,
		     const struct vns_column *columns);

#endif /* VNS_OUTPUT_H */
