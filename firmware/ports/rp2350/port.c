/* Raspberry Pi RP2350 (Arm core 0, secure state): UART0, 150 MHz, DWT cycle counter.
 *
 * Register facts: pico-sdk; see the sources in boards/rpi_pico2.toml.
 */
#define EK_RESETS     0x40020000U
#define EK_CLOCKS     0x40010000U
#define EK_XOSC       0x40048000U
#define EK_PLL_SYS    0x40050000U
#define EK_PINS       0x40028000U
#define EK_PADS       0x40038000U
#define EK_RESET_PINS (1UL << 6)
#define EK_RESET_PADS (1UL << 9)
#define EK_RESET_PLL  (1UL << 14)
#define EK_RESET_UART (1UL << 26)
#include "ek_cycles.h"
#include "ek_rp2.h"

void ek_port_init(void) {
    ek_rp2_clock(5U);
    ek_dwt_init();
    ek_rp2_console();
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}
