// SPDX-License-Identifier: GPL-2.0
/* The lines that a monitor prints. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "monitor.h"

/**
 * struct vns_monitor_keys - the values that text shows of an object
 * @what: the kind of object
 * @keys: keys of the values; the first value is printed without its key
 */
struct vns_monitor_keys {
	const char *what;
	const char *const *keys;
};

static const char *const vns_monitor_network_keys[] = {
	"name", "mode", "isolate", "share", "firewall", "uplink", "macnat",
	"group_forward", "flood_limit", "fastpath", "mac", "mtu", "ageing", NULL
};

static const char *const vns_monitor_port_keys[] = {
	"name", "network", "id", "type", "mac", "lock", "allowed", "running",
	"netns", NULL
};

static const char *const vns_monitor_forward_keys[] = {
	"id", "network", "proto", "listen", "to", "active", NULL
};

static const char *const vns_monitor_lease_keys[] = {
	"address", "network", "mac", "name", NULL
};

static const struct vns_monitor_keys vns_monitor_texts[] = {
	{ "network", vns_monitor_network_keys },
	{ "port", vns_monitor_port_keys },
	{ "forward", vns_monitor_forward_keys },
	{ "lease", vns_monitor_lease_keys },
};

static void vns_monitor_text(const char *what, struct json_object *object)
{
	const char *const *key = NULL;
	size_t i;

	for (i = 0; i < VNS_ARRAY_SIZE(vns_monitor_texts); i++)
		if (!strcmp(vns_monitor_texts[i].what, what))
			key = vns_monitor_texts[i].keys;
	if (!key)
		return;
	printf(" %s", vns_output_text(object, *key));
	while (*++key)
		if (strcmp(vns_output_text(object, *key), "-"))
			printf(" %s %s", *key, vns_output_text(object, *key));
}

static void vns_monitor_json(const char *event, const char *what,
			     struct json_object *object)
{
	struct json_object *line = json_object_new_object();

	vns_output_string(line, "event", event);
	vns_output_string(line, "object", what);
	if (object) {
		json_object_object_foreach(object, key, value)
			json_object_object_add(line, key,
					       json_object_get(value));
	}
	fputs(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
					     JSON_C_TO_STRING_NOSLASHESCAPE),
	      stdout);
	json_object_put(line);
}

static void vns_monitor_end_line(struct vns_monitor *monitor)
{
	putchar('\n');
	if (fflush(stdout) && !monitor->failed) {
		vns_error("cannot write: %s", strerror(errno));
		monitor->failed = true;
	}
}

/**
 * vns_monitor_say - print a line with a text of its own
 * @event: the event, for JSON
 * @what: the kind of object, for JSON
 * @object: the object, for JSON; freed
 * @text: the line, unless JSON is printed
 */
void vns_monitor_say(struct vns_monitor *monitor, const char *event,
		     const char *what, struct json_object *object,
		     const char *text)
{
	if (monitor->ctx->json)
		vns_monitor_json(event, what, object);
	else
		fputs(text, stdout);
	vns_monitor_end_line(monitor);
	json_object_put(object);
}

/**
 * vns_monitor_tell - print a line about an object
 * @event: "add", "change", "del"; or "start", "lost", which concern no object
 * @what: the kind of object, or NULL
 * @object: the object, freed; or NULL
 */
void vns_monitor_tell(struct vns_monitor *monitor, const char *event,
		      const char *what, struct json_object *object)
{
	if (monitor->ctx->json) {
		vns_monitor_json(event, what, object);
	} else {
		printf("%s", event);
		if (what) {
			printf(" %s", what);
			vns_monitor_text(what, object);
		}
	}
	vns_monitor_end_line(monitor);
	json_object_put(object);
}

/**
 * vns_monitor_wants - does the monitor report this network?
 * @network: name of the network, NULL: unknown
 */
bool vns_monitor_wants(const struct vns_monitor *monitor, const char *network)
{
	return !monitor->only || (network && !strcmp(monitor->only, network));
}
