/* USART and GPIO of ST's STM32, received by interrupt.
 *
 * EK_USART_GENERATION 1: one status and one data register (STM32F1 to F4); 2: registers of their own for
 * status, clearing, receiving and sending, and FIFOs (STM32H7).
 */
#ifndef EK_STM32_USART_H
#define EK_STM32_USART_H

#include "ek_console.h"

#if EK_USART_GENERATION == 1
#define EK_USART_STATUS EK_REG(EK_UART_BASE + 0x00U)
#define EK_USART_RDR    EK_REG(EK_UART_BASE + 0x04U)
#define EK_USART_TDR    EK_REG(EK_UART_BASE + 0x04U)
#define EK_USART_BRR    EK_REG(EK_UART_BASE + 0x08U)
#define EK_USART_CR1    EK_REG(EK_UART_BASE + 0x0CU)
#define EK_USART_ENABLE (1UL << 13)
#else
#define EK_USART_STATUS EK_REG(EK_UART_BASE + 0x1CU)
#define EK_USART_CLEAR  EK_REG(EK_UART_BASE + 0x20U)
#define EK_USART_RDR    EK_REG(EK_UART_BASE + 0x24U)
#define EK_USART_TDR    EK_REG(EK_UART_BASE + 0x28U)
#define EK_USART_BRR    EK_REG(EK_UART_BASE + 0x0CU)
#define EK_USART_CR1    EK_REG(EK_UART_BASE + 0x00U)
#define EK_USART_ENABLE ((1UL << 29) | 1UL) /* FIFOEN, UE */
#endif
#define EK_USART_ON   (EK_USART_ENABLE | (1UL << 5) | (1UL << 3) | (1UL << 2)) /* RXNEIE, TE, RE */
#define EK_USART_ORE  (1UL << 3)
#define EK_USART_RXNE (1UL << 5)
#define EK_USART_TXE  (1UL << 7)

/* Gives a pin of the port at `gpio`, whose clock is on, to an alternate function; pulled up. */
static inline void ek_stm32_pin(uint32_t gpio, uint32_t pin, uint32_t function) {
    const uint32_t two = 2U * pin, four = 4U * (pin % 8U);
    volatile uint32_t *const select = &EK_REG(gpio + 0x20U + 4U * (pin / 8U));
    *select = (*select & ~(15UL << four)) | (function << four);
    EK_REG(gpio + 0x0CU) = (EK_REG(gpio + 0x0CU) & ~(3UL << two)) | (1UL << two); /* PUPDR */
    EK_REG(gpio) = (EK_REG(gpio) & ~(3UL << two)) | (2UL << two);                 /* MODER */
}

static inline void ek_stm32_usart_init(uint32_t clock_hz) {
    EK_USART_CR1 = 0;
    EK_USART_BRR = (clock_hz + EK_CONSOLE_BAUD / 2U) / EK_CONSOLE_BAUD;
    EK_USART_CR1 = EK_USART_ON;
    ek_console_listen(EK_UART_IRQ);
}

/* An overrun raises the interrupt too; generation 1 forgets it when the data register is read. */
void ek_port_irq(void) {
    uint32_t status;
    while (((status = EK_USART_STATUS) & (EK_USART_RXNE | EK_USART_ORE)) != 0U) {
#if EK_USART_GENERATION != 1
        EK_USART_CLEAR = EK_USART_ORE;
#endif
        const uint8_t byte = (uint8_t)EK_USART_RDR;
        if ((status & EK_USART_RXNE) != 0U) {
            ek_ring_put(&ek_received, byte);
        }
    }
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((EK_USART_STATUS & EK_USART_TXE) == 0U) {
        }
        EK_USART_TDR = data[i];
    }
}

#endif
