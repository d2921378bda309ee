// SPDX-License-Identifier: GPL-2.0
/* Text and JSON, made from the same objects. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "parse.h"

#define VNS_OUTPUT_MAX_COLUMNS	16

/* Add a string to an object; NULL becomes null. */
void vns_output_string(struct json_object *object, const char *key,
		       const char *value)
{
	json_object_object_add(object, key, value ?
			       json_object_new_string(value) : NULL);
}

/* Add a MAC address to an object; NULL becomes null. */
void vns_output_mac(struct json_object *object, const char *key,
		    const uint8_t *mac)
{
	vns_output_string(object, key, mac ? vns_format_mac(mac) : NULL);
}

void vns_output_number(struct json_object *object, const char *key,
		       int64_t value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

void vns_output_null(struct json_object *object, const char *key)
{
	json_object_object_add(object, key, NULL);
}

void vns_output_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

/* Add an IP address to an object; NULL and family 0 become null. */
void vns_output_ip(struct json_object *object, const char *key,
		   const struct vns_ip *ip)
{
	char text[VNS_IP_TEXT];

	vns_output_string(object, key, ip && ip->family ?
			  vns_ip_format(ip, text) : NULL);
}

void vns_output_ips(struct json_object *object, const char *key,
		    const struct vns_ips *ips)
{
	struct json_object *list = json_object_new_array();
	char text[VNS_IP_TEXT];
	unsigned int i;

	for (i = 0; i < ips->count; i++) {
		vns_ip_format(&ips->ip[i], text);
		json_object_array_add(list, json_object_new_string(text));
	}
	json_object_object_add(object, key, list);
}

/**
 * vns_output_text - the text of a value
 *
 * Return: the text, valid as long as the object; "on" or "off" for a boolean,
 *	"-" for null
 */
const char *vns_output_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return "-";
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "on" : "off";
	return json_object_get_string(value);
}

/* Does the object have the value, and is it neither null nor false? */
bool vns_output_is(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return false;
	return !json_object_is_type(value, json_type_boolean) ||
	       json_object_get_boolean(value);
}

/* A list with one object, which it then owns */
struct json_object *vns_output_list(struct json_object *object)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, object);
	return list;
}

/* Append a word to a list with commas, as far as it fits. */
void vns_output_join(char *cell, size_t size, const char *word)
{
	size_t len = strlen(cell);

	snprintf(cell + len, size - len, "%s%s", len ? "," : "", word);
}

/* Append IP addresses to a list with commas, as far as they fit. */
void vns_output_join_ips(char *cell, size_t size, const struct vns_ips *ips)
{
	char text[VNS_IP_TEXT];
	unsigned int i;

	for (i = 0; i < ips->count; i++)
		vns_output_join(cell, size, vns_ip_format(&ips->ip[i], text));
}

static int vns_output_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return VNS_OK;
	vns_error("cannot write: %s", strerror(errno));
	return VNS_FAIL;
}

static int vns_output_json(const struct vns_ctx *ctx, struct json_object *list)
{
	int flags = JSON_C_TO_STRING_PLAIN;

	if (ctx->pretty)
		flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	puts(json_object_to_json_string_ext(list, flags |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	return vns_output_flush();
}

/**
 * vns_output_print - print a list of objects
 * @list: array of objects; freed
 * @print: prints an object as text
 */
int vns_output_print(const struct vns_ctx *ctx, struct json_object *list,
		     void (*print)(struct json_object *object))
{
	size_t i;
	int ret;

	if (ctx->json) {
		ret = vns_output_json(ctx, list);
	} else {
		for (i = 0; i < json_object_array_length(list); i++)
			print(json_object_array_get_idx(list, i));
		ret = vns_output_flush();
	}
	json_object_put(list);
	return ret;
}

static const char *vns_output_cell(struct json_object *object,
				   const struct vns_column *column)
{
	if (!object)
		return column->title;
	if (column->yes)
		return vns_output_is(object, column->key) ? column->yes : "-";
	return vns_output_text(object, column->key);
}

static void vns_output_row(struct json_object *object,
			   const struct vns_column *columns, const int *width)
{
	const char *text;
	int i;

	for (i = 0; columns[i].key; i++) {
		text = vns_output_cell(object, &columns[i]);
		/* no spaces at the end of a line */
		if (columns[i + 1].key)
			printf("%-*s  ", width[i], text);
		else
			puts(text);
	}
}

static void vns_output_rows(struct json_object *list,
			    const struct vns_column *columns)
{
	size_t row, rows = json_object_array_length(list);
	int width[VNS_OUTPUT_MAX_COLUMNS];
	struct json_object *object;
	int i, len;

	for (i = 0; columns[i].key; i++) {
		width[i] = strlen(columns[i].title);
		for (row = 0; row < rows; row++) {
			object = json_object_array_get_idx(list, row);
			len = strlen(vns_output_cell(object, &columns[i]));
			if (len > width[i])
				width[i] = len;
		}
	}
	if (rows)
		vns_output_row(NULL, columns, width);
	for (row = 0; row < rows; row++)
		vns_output_row(json_object_array_get_idx(list, row), columns,
			       width);
}

/**
 * vns_output_table - print a list of objects, as text in columns
 * @list: array of objects; freed
 * @columns: at most 16; ends with a NULL key
 */
int vns_output_table(const struct vns_ctx *ctx, struct json_object *list,
		     const struct vns_column *columns)
{
	int ret;

	if (ctx->json) {
		ret = vns_output_json(ctx, list);
	} else {
		vns_output_rows(list, columns);
		ret = vns_output_flush();
	}
	json_object_put(list);
	return ret;
}
