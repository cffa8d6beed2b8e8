/* Nordic nRF52840: UARTE0, DWT cycle counter, flash cache, 64 MHz from the crystal.
 *
 * Register facts: Nordic's MDK in nrfx; see the sources in boards/nrf52840dk.toml.
 */
#include "ek_cycles.h"
#include "ek_uarte.h"

#define CLOCK_HFCLKSTART   EK_REG(0x40000000U)
#define CLOCK_HFCLKSTARTED EK_REG(0x40000100U)
#define NVMC_ICACHECNF     EK_REG(0x4001E540U)

void ek_port_init(void) {
    NVMC_ICACHECNF = 1U;
    CLOCK_HFCLKSTARTED = 0;
    CLOCK_HFCLKSTART = 1U; /* the crystal in place of the RC oscillator; the frequency stays 64 MHz */
    while (CLOCK_HFCLKSTARTED == 0U) {
    }
    ek_dwt_init();
    ek_uarte_init();
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}
