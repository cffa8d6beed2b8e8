/* Ambiq Apollo4 Plus: UART0, DWT cycle counter, cache.
 *
 * Register facts: Ambiq's register documentation for Apollo4 Plus in hal_ambiq (docs/apollo4p/pages) and
 * the sequences of its HAL; see the sources in boards/apollo4.toml. The core runs as the secure boot loader
 * leaves it, at 96 MHz: 192 MHz needs the SIMO buck, whose trims are Ambiq's HAL's to set. Where start-up
 * code has switched it on, ek_port_counter_hz() says so.
 */
#include "ek_cycles.h"
#include "ek_pl011.h"

#define GPIO_PINCFG(pin) EK_REG(0x40010000U + 4U * (pin))
#define GPIO_PADKEY      EK_REG(0x40010200U)
#define PADKEY_UNLOCK    0x73U
#define PIN_UART         0x4U                       /* FNCSEL: UART0TX on pin 60, UART0RX on pin 47 */
#define PIN_OUTPUT       ((1UL << 8) | (1UL << 10)) /* push-pull, drive strength 0.5x */
#define PIN_INPUT        (1UL << 4)                 /* INPEN */

#define PWRCTRL_MCUPERFREQ   EK_REG(0x40021000U) /* 4:3 status: 1 = 96 MHz, 2 = 192 MHz */
#define PWRCTRL_DEVPWREN     EK_REG(0x40021004U)
#define PWRCTRL_DEVPWRSTATUS EK_REG(0x40021008U)
#define PWRCTRL_MEMPWREN     EK_REG(0x40021014U)
#define PWRCTRL_MEMPWRSTATUS EK_REG(0x40021018U)
#define PWRCTRL_SSRAMPWREN   EK_REG(0x40021024U)
#define PWRCTRL_SSRAMPWRST   EK_REG(0x40021028U)
#define POWER_UART0          (1UL << 9)
#define POWER_MEMORIES       0x3FU /* cache banks, MRAM, all 384 KB of TCM */
#define POWER_SSRAM          1U    /* the first group of 1 MB */

#define CACHE_CFG    EK_REG(0x48000000U)
#define CACHE_CTRL   EK_REG(0x48000008U)
#define CACHE_CFG_ON ((1UL << 20) | (1UL << 10) | (3UL << 8) | (0xDUL << 4) | 1UL)
/*                     gate data clock, gate tag clock, data + instructions, two ways x 2048 lines of 16
 * bytes, on */

#define UART_CLOCK_HZ 24000000U
#define UART_CLOCK    ((1UL << 4) | (1UL << 3)) /* CR: CLKSEL 24 MHz, CLKEN */

/* Runs before .data and .bss are set up, for parts of them may lie in memory that is still off. */
void ek_port_early(void) {
    PWRCTRL_MEMPWREN = POWER_MEMORIES;
    PWRCTRL_SSRAMPWREN = POWER_SSRAM;
    while ((PWRCTRL_MEMPWRSTATUS & 7U) != 7U || (PWRCTRL_SSRAMPWRST & POWER_SSRAM) != POWER_SSRAM) {
    }
    CACHE_CFG = CACHE_CFG_ON;
    CACHE_CTRL = 1U; /* INVALIDATE */
}

void ek_port_init(void) {
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
    return ((PWRCTRL_MCUPERFREQ >> 3) & 3U) == 2U ? 2U * EK_CLOCK_HZ : EK_CLOCK_HZ;
}
