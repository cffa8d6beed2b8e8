/* The UART of Arm's Cortex-M System Design Kit (TRM, Arm DDI 0479, section 4.3), polled.
 *
 * Interrupts stay masked (PRIMASK): the receive interrupt only ends a sleep, so that nothing ever runs
 * inside a measurement. Bytes wait in the sender until they are read.
 */
#ifndef EK_CMSDK_UART_H
#define EK_CMSDK_UART_H

#include "ek_cortex_m.h"
#include "ek_port.h"

#define EK_UART_DATA    EK_REG(EK_UART_BASE + 0x00U)
#define EK_UART_STATE   EK_REG(EK_UART_BASE + 0x04U) /* bit 0: TX full, bit 1: RX full */
#define EK_UART_CTRL    EK_REG(EK_UART_BASE + 0x08U) /* bit 0: TX, bit 1: RX, bit 3: RX interrupt */
#define EK_UART_INTSTAT EK_REG(EK_UART_BASE + 0x0CU)
#define EK_UART_BAUDDIV EK_REG(EK_UART_BASE + 0x10U)

static inline void ek_cmsdk_uart_init(void) {
    EK_UART_BAUDDIV = EK_UART_CLOCK_HZ / EK_CONSOLE_BAUD;
    EK_UART_CTRL = 0x0BU;
    EK_NVIC_ISER(EK_UART_RX_IRQ) = EK_IRQ_BIT(EK_UART_RX_IRQ);
}

static inline size_t ek_cmsdk_uart_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && (EK_UART_STATE & 2U) != 0U) {
        data[count++] = (uint8_t)EK_UART_DATA;
    }
    return count;
}

static inline void ek_cmsdk_uart_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((EK_UART_STATE & 1U) != 0U) {
        }
        EK_UART_DATA = data[i];
    }
}

/* A byte that arrives between the test and the sleep leaves its interrupt pending, which ends the sleep. */
static inline void ek_cmsdk_uart_idle(void) {
    if ((EK_UART_STATE & 2U) == 0U) {
        ek_wait_for_interrupt();
    }
    EK_UART_INTSTAT = 2U;
    EK_NVIC_ICPR(EK_UART_RX_IRQ) = EK_IRQ_BIT(EK_UART_RX_IRQ);
}

#endif
