/* Raspberry Pi RP2040 (core 0): UART0, 125 MHz, cycles from SysTick.
 *
 * The core has no cycle counter. SysTick counts its cycles in 24 bits; the timer counts microseconds of the
 * same crystal in 64 bits and so tells how often SysTick wrapped.
 *
 * Register facts: pico-sdk; see the sources in boards/rpi_pico.toml. SysTick: Arm DDI 0419, B3.3.
 */
#define EK_RESETS     0x4000C000U
#define EK_CLOCKS     0x40008000U
#define EK_XOSC       0x40024000U
#define EK_PLL_SYS    0x40028000U
#define EK_PINS       0x40014000U
#define EK_PADS       0x4001C000U
#define EK_RESET_PINS (1UL << 5)
#define EK_RESET_PADS (1UL << 8)
#define EK_RESET_PLL  (1UL << 12)
#define EK_RESET_UART (1UL << 22)
#include "ek_rp2.h"

#define RESET_TIMER     (1UL << 21)
#define TIMER_HIGH      EK_REG(0x40054024U) /* TIMERAWH, TIMERAWL */
#define TIMER_LOW       EK_REG(0x40054028U)
#define WATCHDOG_TICK   EK_REG(0x4005802CU)
#define TICK_ENABLE     (1UL << 9)
#define SYSTICK_CONTROL EK_REG(0xE000E010U)
#define SYSTICK_RELOAD  EK_REG(0xE000E014U)
#define SYSTICK_VALUE   EK_REG(0xE000E018U)
#define SYSTICK_MASK    0xFFFFFFU
#define SYSTICK_ON      5U /* the core's clock, enabled, no interrupt */
#define CYCLES_PER_US   (EK_CLOCK_HZ / 1000000U)

static uint64_t before;  /* cycles until SysTick was last started */
static uint64_t started; /* microseconds, then */

static uint64_t microseconds(void) {
    uint32_t high, low;
    do {
        high = TIMER_HIGH;
        low = TIMER_LOW;
    } while (high != TIMER_HIGH);
    return ((uint64_t)high << 32) | low;
}

static void start(void) {
    SYSTICK_VALUE = 0;
    started = microseconds();
}

void ek_port_init(void) {
    ek_rp2_clock(6U);
    WATCHDOG_TICK = TICK_ENABLE | (EK_XOSC_HZ / 1000000U);
    ek_rp2_restart(RESET_TIMER);
    SYSTICK_RELOAD = SYSTICK_MASK;
    SYSTICK_CONTROL = SYSTICK_ON;
    start();
    ek_rp2_console();
}

uint64_t ek_port_counter(void) {
    const uint32_t fine = (0U - SYSTICK_VALUE) & SYSTICK_MASK;
    const uint64_t coarse = (microseconds() - started) * CYCLES_PER_US;
    const uint64_t wraps = (coarse - fine + (1UL << 23)) >> 24;
    return before + (wraps << 24) + fine;
}

void ek_port_counter_align(void) {
    before = ek_port_counter();
    start();
}

const char *ek_port_counter_unit(void) {
    return "cycles";
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}
