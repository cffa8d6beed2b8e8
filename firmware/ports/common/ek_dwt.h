/* The cycle counter of a Cortex-M3 and later (DWT_CYCCNT, Arm DDI 0403, C1.8), extended to 64 bits.
 *
 * It is extended whenever it is read, so a single measurement must be shorter than 2^32 cycles: 44 s at
 * 96 MHz. On QEMU it reads 0.
 */
#ifndef EK_DWT_H
#define EK_DWT_H

#include "ek_cortex_m.h"

#define EK_DEMCR      EK_REG(0xE000EDFCU)
#define EK_DWT_CTRL   EK_REG(0xE0001000U)
#define EK_DWT_CYCCNT EK_REG(0xE0001004U)

static inline void ek_dwt_init(void) {
    EK_DEMCR |= 1UL << 24; /* TRCENA */
    EK_DWT_CYCCNT = 0;
    EK_DWT_CTRL |= 1UL; /* CYCCNTENA */
}

static inline uint64_t ek_dwt_cycles(void) {
    static uint64_t total;
    total += (uint32_t)(EK_DWT_CYCCNT - (uint32_t)total);
    return total;
}

#endif
