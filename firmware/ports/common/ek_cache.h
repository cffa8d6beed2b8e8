/* Switches the caches of a Cortex-M7 or M55 on (Arm DDI 0403, B2.2 and B3.2; DDI 0553, B13). */
#ifndef EK_CACHE_H
#define EK_CACHE_H

#include "ek_cortex_m.h"

#define EK_SCB_CCSIDR  EK_REG(0xE000ED80U)
#define EK_SCB_CSSELR  EK_REG(0xE000ED84U)
#define EK_SCB_ICIALLU EK_REG(0xE000EF50U)
#define EK_SCB_DCISW   EK_REG(0xE000EF60U)
#define EK_CCR_CACHES  ((1UL << 17) | (1UL << 16)) /* IC, DC */

/* Call it with the caches off: what they hold and memory does not would be lost. */
static inline void ek_cache_start(void) {
    EK_SCB_CSSELR = 0; /* the data cache of level 1 */
    ek_barrier();
    const uint32_t geometry = EK_SCB_CCSIDR;
    const uint32_t sets = ((geometry >> 13) & 0x7FFFU) + 1U;
    const uint32_t ways = ((geometry >> 3) & 0x3FFU) + 1U;
    const uint32_t set_at = (geometry & 7U) + 4U; /* log2 of a line's bytes */
    const uint32_t way_at = ways > 1U ? (uint32_t)__builtin_clz(ways - 1U) : 0U;
    for (uint32_t set = 0; set < sets; set++) {
        for (uint32_t way = 0; way < ways; way++) {
            EK_SCB_DCISW = (way << way_at) | (set << set_at);
        }
    }
    EK_SCB_ICIALLU = 0;
    ek_barrier();
    EK_SCB_CCR |= EK_CCR_CACHES;
    ek_barrier();
}

#endif
