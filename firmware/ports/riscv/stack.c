/* Stack painting: how deep did the callee go? */
#include "ek_port.h"

#define PAINT 0xE6E6E6E6UL

extern uint32_t __stack_limit[];

const uint32_t *ek_stack_painted_from; /* stack pointer of the function that painted */

/* In assembler, because a compiler may save registers after it has read the stack pointer. */
__attribute__((naked)) void ek_port_stack_paint(void) {
    __asm__("    la    t0, __stack_limit\n"
            "    la    t1, ek_stack_painted_from\n"
            "    sw    sp, 0(t1)\n"
            "    li    t2, 0xE6E6E6E6\n"
            "1:  bgeu  t0, sp, 2f\n"
            "    sw    t2, 0(t0)\n"
            "    addi  t0, t0, 4\n"
            "    j     1b\n"
            "2:  ret\n");
}

size_t ek_port_stack_high_water(void) {
    const volatile uint32_t *word = __stack_limit;
    while (word < ek_stack_painted_from && *word == PAINT) {
        word++;
    }
    return (size_t)((uintptr_t)ek_stack_painted_from - (uintptr_t)word);
}
