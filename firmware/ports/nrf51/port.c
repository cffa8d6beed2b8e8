/* Nordic nRF51 (BBC micro:bit) as QEMU emulates it: UART and TIMER0 (nRF51 Series Reference Manual).
 *
 * Interrupts stay masked; the receive interrupt only ends a sleep. TIMER0 runs at 8 MHz, so that a tick is a
 * whole number of nanoseconds: at 16 MHz QEMU's rounding would be seen. It is extended to 64 bits whenever it
 * is read, so a single measurement must be shorter than 2^32 ticks: 4.1e9 instructions.
 */
#include "ek_cortex_m.h"
#include "ek_icount.h"
#include "ek_port.h"

#define UART_STARTRX  EK_REG(EK_UART_BASE + 0x000U)
#define UART_STARTTX  EK_REG(EK_UART_BASE + 0x008U)
#define UART_RXDRDY   EK_REG(EK_UART_BASE + 0x108U)
#define UART_TXDRDY   EK_REG(EK_UART_BASE + 0x11CU)
#define UART_INTENSET EK_REG(EK_UART_BASE + 0x304U)
#define UART_ENABLE   EK_REG(EK_UART_BASE + 0x500U)
#define UART_RXD      EK_REG(EK_UART_BASE + 0x518U)
#define UART_TXD      EK_REG(EK_UART_BASE + 0x51CU)
#define UART_BAUDRATE EK_REG(EK_UART_BASE + 0x524U)

#define TIMER_START     EK_REG(EK_TIMER_BASE + 0x000U)
#define TIMER_CLEAR     EK_REG(EK_TIMER_BASE + 0x00CU)
#define TIMER_CAPTURE0  EK_REG(EK_TIMER_BASE + 0x040U)
#define TIMER_BITMODE   EK_REG(EK_TIMER_BASE + 0x508U)
#define TIMER_PRESCALER EK_REG(EK_TIMER_BASE + 0x510U)
#define TIMER_CC0       EK_REG(EK_TIMER_BASE + 0x540U)

static uint64_t before; /* instructions until the timer was last cleared */
static uint64_t ticks;  /* since then, at the last reading */

void ek_port_init(void) {
    UART_BAUDRATE = EK_UART_BAUDRATE;
    UART_ENABLE = 4U;
    UART_INTENSET = 4U; /* RXDRDY */
    UART_STARTRX = 1U;
    UART_STARTTX = 1U;
    EK_NVIC_ISER(EK_UART_RX_IRQ) = EK_IRQ_BIT(EK_UART_RX_IRQ);
    TIMER_BITMODE = 3U; /* 32 bits */
    TIMER_PRESCALER = EK_TIMER_PRESCALER;
    TIMER_CLEAR = 1U;
    TIMER_START = 1U;
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && UART_RXDRDY != 0U) {
        UART_RXDRDY = 0U; /* before the byte is taken, which may bring the next */
        data[count++] = (uint8_t)UART_RXD;
    }
    return count;
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        UART_TXDRDY = 0U;
        UART_TXD = data[i];
        while (UART_TXDRDY == 0U) {
        }
    }
}

/* A byte that arrives between the test and the sleep leaves its interrupt pending, which ends the sleep. */
void ek_port_idle(void) {
    if (UART_RXDRDY == 0U) {
        ek_wait_for_interrupt();
    }
    EK_NVIC_ICPR(EK_UART_RX_IRQ) = EK_IRQ_BIT(EK_UART_RX_IRQ);
}

uint64_t ek_port_counter(void) {
    TIMER_CAPTURE0 = 1U;
    ticks += (uint32_t)(TIMER_CC0 - (uint32_t)ticks);
    return before + ek_instructions(ticks);
}

void ek_port_counter_align(void) {
    before = ek_port_counter();
    ticks = 0;
    TIMER_CLEAR = 1U;
}

const char *ek_port_counter_unit(void) {
    return "instructions";
}

uint32_t ek_port_counter_hz(void) {
    return 0;
}

uint32_t ek_port_counter_resolution(void) {
    return 1;
}
