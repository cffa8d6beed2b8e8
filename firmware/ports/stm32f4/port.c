/* STM32F405 as QEMU emulates it (netduinoplus2): a USART of the SoC, and TIM2 with TIM5 as counter.
 *
 * Interrupts stay masked (PRIMASK): the receive interrupt only ends a sleep, so that nothing ever runs inside
 * a measurement. Bytes wait in the sender until they are read. TIM2 counts ticks in 32 bits; TIM5 counts the
 * same clock divided by 65536 and so tells how often TIM2 wrapped.
 *
 * Register facts: RM0090, "USART registers" and "TIM2 to TIM5 registers".
 */
#include "ek_cortex_m.h"
#include "ek_icount.h"
#include "ek_port.h"

#define USART_SR  EK_REG(EK_UART_BASE + 0x00U)
#define USART_DR  EK_REG(EK_UART_BASE + 0x04U)
#define USART_BRR EK_REG(EK_UART_BASE + 0x08U)
#define USART_CR1 EK_REG(EK_UART_BASE + 0x0CU)
#define SR_RXNE   (1UL << 5)
#define SR_TXE    (1UL << 7)
#define CR1_ON    ((1UL << 13) | (1UL << 5) | (1UL << 3) | (1UL << 2)) /* UE, RXNEIE, TE, RE */

#define TIM2       0x40000000U
#define TIM5       0x40000C00U
#define TIM_CR1(t) EK_REG((t) + 0x00U)
#define TIM_CNT(t) EK_REG((t) + 0x24U)
#define TIM_PSC(t) EK_REG((t) + 0x28U)

static uint64_t before; /* instructions until the timers were last started */

static void start_timers(void) {
    TIM_CNT(TIM2) = 0U;
    TIM_CNT(TIM5) = 0U;
}

void ek_port_init(void) {
    USART_BRR = EK_CLOCK_HZ / EK_CONSOLE_BAUD;
    USART_CR1 = CR1_ON;
    EK_NVIC_ISER(EK_UART_IRQ) = EK_IRQ_BIT(EK_UART_IRQ);
    TIM_PSC(TIM5) = 65535U;
    TIM_CR1(TIM2) = 1U;
    TIM_CR1(TIM5) = 1U;
    start_timers();
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && (USART_SR & SR_RXNE) != 0U) {
        data[count++] = (uint8_t)USART_DR;
    }
    return count;
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((USART_SR & SR_TXE) == 0U) {
        }
        USART_DR = data[i];
    }
}

/* A byte that arrives between the test and the sleep leaves its interrupt pending, which ends the sleep. */
void ek_port_idle(void) {
    if ((USART_SR & SR_RXNE) == 0U) {
        ek_wait_for_interrupt();
    }
    EK_NVIC_ICPR(EK_UART_IRQ) = EK_IRQ_BIT(EK_UART_IRQ);
}

uint64_t ek_port_counter(void) {
    const uint32_t fine = TIM_CNT(TIM2);
    const uint64_t coarse = (uint64_t)TIM_CNT(TIM5) << 16;
    const uint64_t wraps = (coarse - fine + 0x80000000U) >> 32;
    return before + ek_instructions((wraps << 32) + fine);
}

void ek_port_counter_align(void) {
    before = ek_port_counter();
    start_timers();
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
