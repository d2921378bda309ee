/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to the user: stderr, or the system log in a daemon.
 */
#ifndef VNS_MESSAGE_H
#define VNS_MESSAGE_H

#define VNS_ATTRIBUTE(attr)	__attribute__((attr))
#define VNS_PRINTF(f, a)	VNS_ATTRIBUTE(format(printf, f, a))

/**
 * enum vns_message - kinds of messages
 * @VNS_ERROR: something failed
 * @VNS_WARNING: something will not work
 * @VNS_NOTE: something that the user may not expect
 * @VNS_HINT: advice, after an error or a warning
 */
enum vns_message {
	VNS_ERROR,
	VNS_WARNING,
	VNS_NOTE,
	VNS_HINT,
};

void vns_message_to_syslog(void);
VNS_PRINTF(2, 3)
void vns_message(enum vns_message kind, const char *format, ...);

#define vns_error(...)		vns_message(VNS_ERROR, __VA_ARGS__)
#define vns_warning(...)	vns_message(VNS_WARNING, __VA_ARGS__)
#define vns_note(...)		vns_message(VNS_NOTE, __VA_ARGS__)
#define vns_hint(...)		vns_message(VNS_HINT, __VA_ARGS__)

/* an error in the command line; the value is VNS_USAGE */
#define vns_usage_error(...)	(vns_error(__VA_ARGS__), VNS_USAGE)

#endif /* VNS_MESSAGE_H */
