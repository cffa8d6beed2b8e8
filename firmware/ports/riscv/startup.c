/* From reset to ek_app_main(), for every RISC-V with physical memory protection. */
#include "ek_port.h"
#include "ek_riscv.h"

#include <stdbool.h>

#define PMP_LOCKED_NAPOT 0x98UL /* no access, in machine mode too; the size stands in the address */

extern uint32_t __data_start[], __data_end[], __bss_start[], __bss_end[], __arena_start[], __arena_end[];
extern const uint32_t __data_load[];
extern uint32_t __stack_guard[], __stack_limit[];

_Noreturn void ek_start(void);
_Noreturn void ek_fault(uint32_t sp, uint32_t ra);

static void clear(uint32_t *from, const uint32_t *to) {
    while (from < to) {
        *from++ = 0;
    }
}

_Noreturn void ek_start(void) {
    /* The 256 bytes below the stack: 2^(3+5), so five ones end the address, which counts words. */
    EK_CSR_WRITE("pmpaddr0", (uint32_t)(uintptr_t)__stack_guard >> 2 | 0x1FU);
    EK_CSR_WRITE("pmpcfg0", PMP_LOCKED_NAPOT);
    const uint32_t *from = __data_load;
    for (uint32_t *to = __data_start; to < __data_end; to++) {
        *to = *from++;
    }
    clear(__bss_start, __bss_end);
    clear(__arena_start, __arena_end);
    ek_port_init();
    ek_port_exit(ek_app_main());
}

static void say(const char *text) {
    size_t size = 0;
    while (text[size] != '\0') {
        size++;
    }
    ek_port_write((const uint8_t *)text, size);
}

static void say_hex(const char *name, uint32_t value) {
    char digits[9];
    for (unsigned int i = 0; i < 8U; i++) {
        digits[i] = "0123456789abcdef"[(value >> (28U - 4U * i)) & 15U];
    }
    digits[8] = '\0';
    say(name);
    say(digits);
}

_Noreturn void ek_fault(uint32_t sp, uint32_t ra) {
    const uint32_t address = EK_CSR_READ("mtval");
    const uint32_t limit = (uint32_t)(uintptr_t)__stack_limit;
    const bool guarded = address >= (uint32_t)(uintptr_t)__stack_guard && address < limit;
    say(guarded || sp < limit ? "\r\nEK FAULT stack-overflow" : "\r\nEK FAULT exception");
    say_hex(" number=", EK_CSR_READ("mcause"));
    say_hex(" pc=", EK_CSR_READ("mepc"));
    say_hex(" lr=", ra);
    say_hex(" sp=", sp);
    say_hex(" mtval=", address);
    say("\r\n");
    ek_port_exit(1);
}
