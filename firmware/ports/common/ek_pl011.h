/* Arm's PrimeCell UART (PL011, Arm DDI 0183, chapter 3) with its FIFOs, received by interrupt.
 *
 * EK_UART_BASE is its address; what a vendor added to the control register is the caller's.
 */
#ifndef EK_PL011_H
#define EK_PL011_H

#include "ek_console.h"

#define EK_PL011_DR        EK_REG(EK_UART_BASE + 0x00U)
#define EK_PL011_FR        EK_REG(EK_UART_BASE + 0x18U)
#define EK_PL011_IBRD      EK_REG(EK_UART_BASE + 0x24U)
#define EK_PL011_FBRD      EK_REG(EK_UART_BASE + 0x28U)
#define EK_PL011_LCRH      EK_REG(EK_UART_BASE + 0x2CU)
#define EK_PL011_CR        EK_REG(EK_UART_BASE + 0x30U)
#define EK_PL011_IFLS      EK_REG(EK_UART_BASE + 0x34U)
#define EK_PL011_IMSC      EK_REG(EK_UART_BASE + 0x38U)
#define EK_PL011_ICR       EK_REG(EK_UART_BASE + 0x44U)
#define EK_PL011_RXFE      (1UL << 4) /* FR: nothing received */
#define EK_PL011_TXFF      (1UL << 5) /* FR: transmit FIFO full */
#define EK_PL011_8N1_FIFO  ((3UL << 5) | (1UL << 4))
#define EK_PL011_RX_HALF   (2UL << 3)                      /* IFLS: at half of the receive FIFO */
#define EK_PL011_ON        ((1UL << 9) | (1UL << 8) | 1UL) /* RXE, TXE, UARTEN */
#define EK_PL011_RECEIVING ((1UL << 6) | (1UL << 4))       /* receive time-out and receive level */

/* Sets the line up and listens. `vendor` stays in the control register: bits beyond Arm's. */
static inline void ek_pl011_init(uint32_t clock_hz, uint32_t vendor) {
    EK_PL011_CR = vendor;
    EK_PL011_IBRD = clock_hz / (16U * EK_CONSOLE_BAUD);
    EK_PL011_FBRD = (clock_hz * 4U / EK_CONSOLE_BAUD) % 64U; /* 64ths: clock * 64 / (16 * baud) */
    EK_PL011_LCRH = EK_PL011_8N1_FIFO;
    EK_PL011_IFLS = EK_PL011_RX_HALF;
    EK_PL011_IMSC = EK_PL011_RECEIVING;
    EK_PL011_CR = vendor | EK_PL011_ON;
    ek_console_listen(EK_UART_IRQ);
}

void ek_port_irq(void) {
    EK_PL011_ICR = EK_PL011_RECEIVING;
    while ((EK_PL011_FR & EK_PL011_RXFE) == 0U) {
        ek_ring_put(&ek_received, (uint8_t)EK_PL011_DR);
    }
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((EK_PL011_FR & EK_PL011_TXFF) != 0U) {
        }
        EK_PL011_DR = data[i];
    }
}

#endif
