/* The end of a run: on an emulated board semihosting ends the emulator; a board sleeps until its reset. */
#include "ek_cortex_m.h"
#include "ek_port.h"

_Noreturn void ek_port_exit(int status) {
#if defined(EK_SEMIHOSTING)
    /* SYS_EXIT_EXTENDED with ADP_Stopped_ApplicationExit: "Semihosting for AArch32 and AArch64", 7.7. */
    const uint32_t block[2] = {0x20026U, (uint32_t)status};
    register uint32_t operation __asm__("r0") = 0x20U;
    register const uint32_t *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xAB" ::"r"(operation), "r"(argument) : "memory");
#else
    (void)status;
#endif
    __asm__ volatile("cpsid i");
    for (;;) {
        ek_wait_for_interrupt();
    }
}
