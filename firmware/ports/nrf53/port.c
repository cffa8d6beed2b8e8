/* Nordic nRF5340, application core in secure state: UARTE0, DWT cycle counter, cache, 128 MHz.
 *
 * Register facts: Nordic's MDK in nrfx; see the sources in boards/nrf5340dk.toml.
 */
#include "ek_cycles.h"
#include "ek_uarte.h"

#define CLOCK_HFCLKSTART   EK_REG(0x50005000U)
#define CLOCK_HFCLKSTARTED EK_REG(0x50005100U)
#define CLOCK_HFCLKSRC     EK_REG(0x50005514U)
#define CLOCK_HFCLKCTRL    EK_REG(0x50005558U)
#define CACHE_ENABLE       EK_REG(0x50001500U)
#define TRIM_ADDRESS(i)    EK_REG(0x00FF0300U + 8U * (i))
#define TRIM_DATA(i)       EK_REG(0x00FF0304U + 8U * (i))
#define TRIMS              32U

/* The factory's trim values go where the factory says. */
static void trim(void) {
    for (uint32_t i = 0; i < TRIMS && TRIM_ADDRESS(i) != 0xFFFFFFFFU; i++) {
        EK_REG(TRIM_ADDRESS(i)) = TRIM_DATA(i);
    }
}

void ek_port_init(void) {
    trim();
    CLOCK_HFCLKSRC = 1U;  /* the crystal */
    CLOCK_HFCLKCTRL = 0U; /* 128 MHz, undivided */
    CLOCK_HFCLKSTARTED = 0;
    CLOCK_HFCLKSTART = 1U;
    while (CLOCK_HFCLKSTARTED == 0U) {
    }
    CACHE_ENABLE = 1U;
    ek_dwt_init();
    ek_uarte_init();
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}
