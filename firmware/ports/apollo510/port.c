/* Ambiq Apollo510: UART0, DWT cycle counter, caches.
 *
 * Register facts: Ambiq's register documentation for Apollo510 in hal_ambiq; see the sources in
 * boards/apollo510.toml. The core runs at 96 MHz, in its mode of low power: the other mode needs voltages
 * that are Ambiq's HAL's to set.
 */
#include "ek_cache.h"
#include "ek_cycles.h"
#include "ek_pl011.h"

#define GPIO_PINCFG(pin) EK_REG(0x40010000U + 4U * (pin))
#define GPIO_PADKEY      EK_REG(0x40010400U)
#define PADKEY_UNLOCK    0x73U
#define PIN_UART         0x4U                       /* FNCSEL: UART0TX on pin 30, UART0RX on pin 55 */
#define PIN_OUTPUT       ((1UL << 8) | (1UL << 10)) /* push-pull, drive strength 0.5x */
#define PIN_INPUT        (1UL << 4)                 /* INPEN */

#define PWRCTRL_MCUPERFREQ   EK_REG(0x40021000U) /* 1:0 request, 2 acknowledged, 4:3 status; 1 = 96 MHz */
#define PWRCTRL_DEVPWREN     EK_REG(0x40021004U)
#define PWRCTRL_DEVPWRSTATUS EK_REG(0x40021008U)
#define PWRCTRL_MEMPWREN     EK_REG(0x40021014U)
#define PWRCTRL_MEMPWRSTATUS EK_REG(0x40021018U)
#define PWRCTRL_SSRAMPWREN   EK_REG(0x40021024U)
#define PWRCTRL_SSRAMPWRST   EK_REG(0x40021028U)
#define PERFORMANCE_LOW      1U
#define PERFORMANCE_STATUS   ((3UL << 3) | (1UL << 2))
#define PERFORMANCE_IS_LOW   ((1UL << 3) | (1UL << 2))
#define POWER_UART0          (1UL << 9)
#define POWER_MEMORIES       0x3FU /* ROM, both halves of the MRAM, all of the TCMs */
#define POWER_TCM            7U
#define POWER_SSRAM          7U /* all three groups of 1 MB */

#define MEMSYSCTL_MSCR EK_REG(0xE001E000U)
#define CACHES_ACTIVE  ((1UL << 13) | (1UL << 12)) /* ICACTIVE, DCACTIVE */

#define UART_CLOCK_HZ 24000000U
#define UART_CLOCK    ((1UL << 4) | (1UL << 3)) /* CR: CLKSEL 24 MHz, CLKEN */

/* Runs before .data and .bss are set up, for parts of them may lie in memory that is still off. */
void ek_port_early(void) {
    PWRCTRL_MEMPWREN = POWER_MEMORIES;
    PWRCTRL_SSRAMPWREN = POWER_SSRAM;
    while ((PWRCTRL_MEMPWRSTATUS & POWER_TCM) != POWER_TCM ||
           (PWRCTRL_SSRAMPWRST & POWER_SSRAM) != POWER_SSRAM) {
    }
    if ((EK_SCB_CCR & EK_CCR_CACHES) == 0U) { /* a boot loader that uses them has lines of its own in them */
        MEMSYSCTL_MSCR |= CACHES_ACTIVE;
        ek_cache_start();
    }
}

void ek_port_init(void) {
    PWRCTRL_MCUPERFREQ = (PWRCTRL_MCUPERFREQ & ~3U) | PERFORMANCE_LOW;
    while ((PWRCTRL_MCUPERFREQ & PERFORMANCE_STATUS) != PERFORMANCE_IS_LOW) {
    }
    PWRCTRL_DEVPWREN |= POWER_UART0;
    while ((PWRCTRL_DEVPWRSTATUS & POWER_UART0) == 0U) {
    }
    GPIO_PADKEY = PADKEY_UNLOCK;
    GPIO_PINCFG(EK_UART_TX_PIN) = PIN_UART | PIN_OUTPUT;
    GPIO_PINCFG(EK_UART_RX_PIN) = PIN_UART | PIN_INPUT;
    GPIO_PADKEY = 0;
    ek_dwt_init();
    ek_pl011_init(UART_CLOCK_HZ, UART_CLOCK);
}

uint32_t ek_port_counter_hz(void) {
    return EK_CLOCK_HZ;
}
