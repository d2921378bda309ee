/* SPDX-License-Identifier: GPL-2.0 */
/* What profile.c uses of QEMU's interface for plugins, version 1. Its own header
 * is in no package of Debian 12.
 */
#ifndef VNS_BENCH_QEMU_PLUGIN_H
#define VNS_BENCH_QEMU_PLUGIN_H

#include <linux/types.h>
#include <stddef.h>

#define QEMU_PLUGIN_CB_NO_REGS	0

struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef void (*qemu_plugin_trans)(__u64 id, struct qemu_plugin_tb *tb);
typedef void (*qemu_plugin_exec)(unsigned int cpu, void *data);
typedef void (*qemu_plugin_atexit)(__u64 id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(__u64 id, qemu_plugin_trans cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  qemu_plugin_exec cb, int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    qemu_plugin_exec cb, int flags,
					    void *data);
void qemu_plugin_register_atexit_cb(__u64 id, qemu_plugin_atexit cb,
				    void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
__u64 qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#endif
