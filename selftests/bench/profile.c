// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's that counts the instructions that the machine executes
 * while gen measures: gen (mark=1) marks begin and end of each chunk with a
 * no-op that nobody else uses. Chunks that took more than the least one by a few
 * percent had an interrupt within them and do not count. At the end it writes
 * "chunks COUNTED SEEN" and, for each block of code, "ADDRESS INSTRUCTIONS" to a
 * file:
 *
 *   qemu-system-x86_64 -plugin profile.so,out=FILE
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

/* A block of code, as often as it was translated. */
struct block {
	struct block *next;
	__u64 address;
	__u64 instructions;		/* of one run through it */
	__u64 runs;			/* in chunks that count */
	__u64 runs_now;			/* in this one */
};

#define BLOCKS_NOW	65536

static struct block *blocks;
static bool counting;
static char *out;

/* Those that ran in this chunk, and its instructions. */
static struct block *blocks_now[BLOCKS_NOW];
static size_t n_blocks_now;
static __u64 chunk, least = -1ull;
static unsigned long chunks, chunks_counted;

static const unsigned char marks[][7] = {
	{ 0x0f, 0x1f, 0x80, 0x00, 0x73, 0x6e, 0x76 },	/* mark_end() */
	{ 0x0f, 0x1f, 0x80, 0x01, 0x73, 0x6e, 0x76 },	/* mark_begin() */
};

static void block_runs(unsigned int cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	if (!counting)
		return;
	if (!block->runs_now && n_blocks_now < BLOCKS_NOW)
		blocks_now[n_blocks_now++] = block;
	block->runs_now++;
	chunk += block->instructions;
}

static void chunk_begins(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	chunk = 0;
	n_blocks_now = 0;
	counting = true;
}

static void chunk_ends(unsigned int cpu, void *data)
{
	struct block *block;
	bool count;
	size_t i;

	(void)cpu;
	(void)data;
	counting = false;
	chunks++;
	if (chunk < least - least / 32) {
		/* what was thought to be the least was none */
		least = chunk;
		chunks_counted = 0;
		for (block = blocks; block; block = block->next)
			block->runs = 0;
	}
	count = chunk <= least + least / 32;
	chunks_counted += count;
	for (i = 0; i < n_blocks_now; i++) {
		if (count)
			blocks_now[i]->runs += blocks_now[i]->runs_now;
		blocks_now[i]->runs_now = 0;
	}
}

static void translated(__u64 id, struct qemu_plugin_tb *tb)
{
	struct block *block = calloc(1, sizeof(*block));
	struct qemu_plugin_insn *insn;
	size_t i, on;

	(void)id;
	block->address = qemu_plugin_tb_vaddr(tb);
	block->instructions = qemu_plugin_tb_n_insns(tb);
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, block_runs,
					     QEMU_PLUGIN_CB_NO_REGS, block);

	for (i = 0; i < block->instructions; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (qemu_plugin_insn_size(insn) != sizeof(marks[0]))
			continue;
		for (on = 0; on < 2; on++) {
			if (memcmp(qemu_plugin_insn_data(insn), marks[on],
				   sizeof(marks[0])))
				continue;
			qemu_plugin_register_vcpu_insn_exec_cb
				(insn, on ? chunk_begins : chunk_ends,
				 QEMU_PLUGIN_CB_NO_REGS, NULL);
		}
	}
}

static void done(__u64 id, void *data)
{
	FILE *file = fopen(out, "w");
	struct block *block;

	(void)id;
	(void)data;
	if (!file) {
		perror(out);
		return;
	}
	fprintf(file, "chunks %lu %lu\n", chunks_counted, chunks);
	for (block = blocks; block; block = block->next) {
		if (block->runs)
			fprintf(file, "%llx %llu\n",
				(unsigned long long)block->address,
				(unsigned long long)(block->instructions *
						     block->runs));
	}
	fclose(file);
}

EXPORT int qemu_plugin_install(__u64 id, const void *info, int argc,
			       char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "profile: out=FILE\n");
		return -1;
	}
	out = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, done, NULL);
	return 0;
}
