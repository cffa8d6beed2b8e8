/* A plugin of QEMU (TCG plugin API, version 1) that counts how often each instruction is executed.
 *
 *     -plugin <file>,low=ADDR,high=ADDR,start=ADDR,stop=ADDR,out=FILE      addresses in decimal
 *
 * FILE, which must have 8 bytes for each 2 bytes of code from `low` to `high`, gets the counts (u64) while it
 * runs. Only what lies between executing `start` and executing `stop` counts, itself included and excluded.
 * It is declared here what is used of the API, since few distributions ship its header. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translated_t)(uint64_t id, struct qemu_plugin_tb *block);
typedef void (*executed_t)(unsigned int cpu, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated_t function);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, executed_t function, int flags,
                                            void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static uint64_t low, high, start, stop;
static uint64_t *counts;
static bool counting;

static void executed(unsigned int cpu, void *data) {
    const uint64_t address = (uint64_t)(uintptr_t)data;
    (void)cpu;
    if (address == start) {
        counting = true;
    } else if (address == stop) {
        counting = false;
    }
    if (counting) {
        counts[(address - low) / 2U]++;
    }
}

static void translated(uint64_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        const uint64_t address = qemu_plugin_insn_vaddr(insn);
        if (address >= low && address < high) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0, (void *)(uintptr_t)address);
        }
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv) {
    const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {{"low=", &low}, {"high=", &high}, {"start=", &start}, {"stop=", &stop}};
    int file = -1;
    (void)info;
    for (int i = 0; i < argc; i++) {
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            const size_t length = strlen(numbers[n].name);
            if (strncmp(argv[i], numbers[n].name, length) == 0) {
                *numbers[n].value = strtoull(argv[i] + length, NULL, 10);
            }
        }
        if (strncmp(argv[i], "out=", 4) == 0) {
            file = open(argv[i] + 4, O_RDWR);
        }
    }
    if (file < 0 || high <= low) {
        return 1;
    }
    void *memory = mmap(NULL, (size_t)(high - low) / 2U * 8U, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
        return 1;
    }
    counts = (uint64_t *)memory;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
