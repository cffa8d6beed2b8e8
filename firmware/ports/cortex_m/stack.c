/* Stack painting: how deep did the callee go? */
#include "ek_port.h"

extern uint32_t __stack_limit[];

#define PAINT 0xE6E6E6E6UL

static const uint32_t *painted_from; /* stack pointer of the function that painted */

__attribute__((noinline)) void ek_port_stack_paint(void)
{
    uint32_t *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    painted_from = sp;
    for (volatile uint32_t *word = __stack_limit; word < sp; word++) {
        *word = PAINT;
    }
}

__attribute__((noinline)) size_t ek_port_stack_high_water(void)
{
    const volatile uint32_t *word = __stack_limit;
    while (word < painted_from && *word == PAINT) {
        word++;
    }
    return (size_t)((uintptr_t)painted_from - (uintptr_t)word);
}
