/* What all RISC-V ports share: registers, startup, faults, stack. Machine mode, one hart. */
#ifndef EK_RISCV_H
#define EK_RISCV_H

#include <stdint.h>

/* A device register of 32 or 8 bits at `address`. */
#define EK_REG(address)  (*(volatile uint32_t *)(uintptr_t)(address))
#define EK_REG8(address) (*(volatile uint8_t *)(uintptr_t)(address))

/* Control and status registers, by name; the compiler is told of no extension that has them. */
#define EK_CSR_READ(name)                                                                                    \
    __extension__({                                                                                          \
        uint32_t value_;                                                                                     \
        __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, " name "\n.option pop"                \
                         : "=r"(value_)::"memory");                                                          \
        value_;                                                                                              \
    })
#define EK_CSR_WRITE(name, value)                                                                            \
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrw " name ", %0\n.option pop" ::"r"(value)       \
                     : "memory")

/* Sleeps until an enabled interrupt is pending, masked or not. */
static inline void ek_wait_for_interrupt(void) {
    __asm__ volatile("fence\n\twfi" ::: "memory");
}

#endif
