/* Stack painting: how deep did the callee go? */
#include "ek_port.h"

#define PAINT 0xE6E6E6E6UL

extern uint32_t __stack_limit[];

const uint32_t *ek_stack_painted_from; /* stack pointer of the function that painted */

/* In assembler, because a compiler may save registers after it has read the stack pointer. */
__attribute__((naked)) void ek_port_stack_paint(void) {
    __asm__(".syntax unified\n"
            "    ldr   r0, =__stack_limit\n"
            "    mov   r1, sp\n"
            "    ldr   r2, =ek_stack_painted_from\n"
            "    str   r1, [r2]\n"
            "    ldr   r3, =0xE6E6E6E6\n"
            "1:  cmp   r0, r1\n"
            "    bhs   2f\n"
            "    stmia r0!, {r3}\n"
            "    b     1b\n"
            "2:  bx    lr\n");
}

size_t ek_port_stack_high_water(void) {
    const volatile uint32_t *word = __stack_limit;
    while (word < ek_stack_painted_from && *word == PAINT) {
        word++;
    }
    return (size_t)((uintptr_t)ek_stack_painted_from - (uintptr_t)word);
}
