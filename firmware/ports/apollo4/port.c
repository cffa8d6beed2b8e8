/* Ambiq Apollo4 Plus: UART0, DWT cycle counter, cache.
 *
 * Register facts: Ambiq's register documentation for Apollo4 Plus in hal_ambiq (docs/apollo4p/pages) and
 * the sequences of its HAL; see the sources in boards/apollo4.toml. The core runs as the secure boot loader
 * leaves it, at 96 MHz: 192 MHz needs the SIMO buck, whose trims are Ambiq's HAL's to set. Where start-up
 * code has switched it on, ek_port_counter_hz() says so.
 */
#include "ek_cortex_m.h"
#include "ek_dwt.h"
#include "ek_port.h"
#include "ek_ring.h"

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

#define UART_DR       EK_REG(EK_UART_BASE + 0x00U)
#define UART_FR       EK_REG(EK_UART_BASE + 0x18U) /* bit 4: nothing received, bit 5: transmit FIFO full */
#define UART_IBRD     EK_REG(EK_UART_BASE + 0x24U)
#define UART_FBRD     EK_REG(EK_UART_BASE + 0x28U)
#define UART_LCRH     EK_REG(EK_UART_BASE + 0x2CU)
#define UART_CR       EK_REG(EK_UART_BASE + 0x30U)
#define UART_IFLS     EK_REG(EK_UART_BASE + 0x34U)
#define UART_IER      EK_REG(EK_UART_BASE + 0x38U)
#define UART_IEC      EK_REG(EK_UART_BASE + 0x44U)
#define UART_CLOCK    24000000U
#define FR_RXFE       (1UL << 4)
#define FR_TXFF       (1UL << 5)
#define CR_CLOCK      ((1UL << 4) | (1UL << 3))       /* CLKSEL 24 MHz, CLKEN */
#define CR_ON         ((1UL << 9) | (1UL << 8) | 1UL) /* RXE, TXE, UARTEN */
#define LCRH_8N1_FIFO ((3UL << 5) | (1UL << 4))
#define IFLS_RX_16    (2UL << 3)
#define INT_RX        ((1UL << 6) | (1UL << 4)) /* receive time-out and receive level */

static ek_ring_t received;

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

    UART_CR = CR_CLOCK;
    UART_IBRD = UART_CLOCK / (16U * EK_CONSOLE_BAUD);
    UART_FBRD = (UART_CLOCK * 4U / EK_CONSOLE_BAUD) % 64U; /* 64ths: clock * 64 / (16 * baud) */
    UART_LCRH = LCRH_8N1_FIFO;
    UART_IFLS = IFLS_RX_16;
    UART_IER = INT_RX;
    UART_CR = CR_CLOCK | CR_ON;

    ek_dwt_init();
    EK_NVIC_ISER(EK_UART_IRQ) = EK_IRQ_BIT(EK_UART_IRQ);
    __asm__ volatile("cpsie i" ::: "memory");
}

void ek_port_irq(void) {
    UART_IEC = INT_RX;
    while ((UART_FR & FR_RXFE) == 0U) {
        ek_ring_put(&received, (uint8_t)UART_DR);
    }
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    return ek_ring_take(&received, data, capacity);
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_FR & FR_TXFF) != 0U) {
        }
        UART_DR = data[i];
    }
}

/* Masked, so that an interrupt between the test and the sleep stays pending and ends the sleep. */
void ek_port_idle(void) {
    __asm__ volatile("cpsid i" ::: "memory");
    if (received.put == received.taken) {
        ek_wait_for_interrupt();
    }
    __asm__ volatile("cpsie i" ::: "memory");
}

uint64_t ek_port_counter(void) {
    return ek_dwt_cycles();
}

void ek_port_counter_align(void) {}

const char *ek_port_counter_unit(void) {
    return "cycles";
}

uint32_t ek_port_counter_hz(void) {
    return ((PWRCTRL_MCUPERFREQ >> 3) & 3U) == 2U ? 2U * EK_CLOCK_HZ : EK_CLOCK_HZ;
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}
