/* From reset to ek_app_main(), for every Cortex-M. */
#include "ek_cortex_m.h"
#include "ek_port.h"

#include <stdbool.h>

#define CFSR_STKOF     (1UL << 20) /* Armv8-M: the stack pointer fell below its limit */
#define CFSR_MMARVALID (1UL << 7)
#define CFSR_MSTKERR   (1UL << 4) /* the exception's frame could not be pushed */

extern const uint32_t ek_vectors[];
extern uint32_t __data_start[], __data_end[], __bss_start[], __bss_end[], __arena_start[], __arena_end[];
extern const uint32_t __data_load[];
extern uint32_t __stack_guard[], __stack_limit[], __stack_top[];

_Noreturn void ek_start(void);
_Noreturn void ek_fault(uint32_t sp, uint32_t exc_return, uint32_t lr, uint32_t pc);

static void clear(uint32_t *from, const uint32_t *to) {
    while (from < to) {
        *from++ = 0;
    }
}

_Noreturn void ek_start(void) {
#if !defined(__ARM_ARCH_6M__) /* whose table lies at address 0 */
    EK_SCB_VTOR = (uint32_t)(uintptr_t)ek_vectors;
#endif
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    EK_SCB_CPACR |= 0xFUL << 20; /* full access to the FPU and MVE (CP10, CP11) */
    ek_barrier();
#endif
#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__)
    if (EK_MPU_TYPE != 0U) { /* the 256 bytes below the stack: no access; all else as without an MPU */
        EK_MPU_RBAR = (uint32_t)(uintptr_t)__stack_guard | 0x10U; /* VALID, region 0 */
        EK_MPU_RASR = (1UL << 28) | (7UL << 1) | 1U;              /* XN, AP 0, 2^(7+1) bytes, enabled */
        EK_MPU_CTRL = 5U;                                         /* PRIVDEFENA, ENABLE */
        ek_barrier();
    }
#endif
#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
    __asm__ volatile("msr msplim, %0" ::"r"(__stack_limit)); /* a stack overflow faults at once */
    EK_SCB_CCR |= 1UL << 19;                                 /* LOB: low-overhead loops */
    ek_barrier();
#endif
    ek_port_early();
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

_Noreturn void ek_fault(uint32_t sp, uint32_t exc_return, uint32_t lr, uint32_t pc) {
    uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
#if defined(__ARM_ARCH_6M__) /* has no fault status registers */
    const uint32_t cfsr = 0, hfsr = 0, bfar = 0, address = 0;
#else
    const uint32_t cfsr = EK_SCB_CFSR, hfsr = EK_SCB_HFSR, bfar = EK_SCB_BFAR, address = EK_SCB_MMFAR;
#endif
    const uint32_t limit = (uint32_t)(uintptr_t)__stack_limit;
    const bool guarded =
        (cfsr & CFSR_MMARVALID) != 0U && address >= (uint32_t)(uintptr_t)__stack_guard && address < limit;
    say((cfsr & (CFSR_STKOF | CFSR_MSTKERR)) != 0U || guarded || sp < limit ? "\r\nEK FAULT stack-overflow"
                                                                            : "\r\nEK FAULT exception");
    say_hex(" number=", exception);
    say_hex(" pc=", pc);
    say_hex(" lr=", lr);
    say_hex(" sp=", sp);
    say_hex(" cfsr=", cfsr);
    say_hex(" hfsr=", hfsr);
    say_hex(" bfar=", bfar);
    say_hex(" exc_return=", exc_return);
    say("\r\n");
    ek_port_exit(1);
}

__attribute__((weak)) void ek_port_early(void) {}

__attribute__((weak)) void ek_port_irq(void) {
    ek_fault(0xFFFFFFFFU, 0, 0, 0);
}

_Noreturn void ek_port_reset(void) {
    ek_barrier();
    EK_SCB_AIRCR = 0x05FA0004UL; /* VECTKEY, SYSRESETREQ */
    for (;;) {
    }
}
