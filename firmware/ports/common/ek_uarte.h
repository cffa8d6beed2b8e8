/* Nordic's UARTE and GPIO (nRF52 and nRF53 series), received by interrupt.
 *
 * Each byte is a DMA transfer of its own, after which the interrupt starts the next; the receiver's FIFO
 * holds what arrives in between. DMA reads RAM only, so that what is sent passes through a small buffer. A
 * pin is 32 * port + pin, as the PSEL registers count.
 */
#ifndef EK_UARTE_H
#define EK_UARTE_H

#include "ek_console.h"

#define EK_UARTE_STARTRX   EK_REG(EK_UART_BASE + 0x000U)
#define EK_UARTE_STARTTX   EK_REG(EK_UART_BASE + 0x008U)
#define EK_UARTE_ENDRX     EK_REG(EK_UART_BASE + 0x110U)
#define EK_UARTE_ENDTX     EK_REG(EK_UART_BASE + 0x120U)
#define EK_UARTE_SHORTS    EK_REG(EK_UART_BASE + 0x200U)
#define EK_UARTE_INTEN     EK_REG(EK_UART_BASE + 0x300U)
#define EK_UARTE_ENABLE    EK_REG(EK_UART_BASE + 0x500U)
#define EK_UARTE_PSEL_TXD  EK_REG(EK_UART_BASE + 0x50CU)
#define EK_UARTE_PSEL_RXD  EK_REG(EK_UART_BASE + 0x514U)
#define EK_UARTE_BAUDRATE  EK_REG(EK_UART_BASE + 0x524U)
#define EK_UARTE_RXD_PTR   EK_REG(EK_UART_BASE + 0x534U)
#define EK_UARTE_RXD_COUNT EK_REG(EK_UART_BASE + 0x538U)
#define EK_UARTE_TXD_PTR   EK_REG(EK_UART_BASE + 0x544U)
#define EK_UARTE_TXD_COUNT EK_REG(EK_UART_BASE + 0x548U)
#define EK_UARTE_CONFIG    EK_REG(EK_UART_BASE + 0x56CU)
#define EK_UARTE_ON        8U
#define EK_UARTE_INT_ENDRX (1UL << 4)

#define EK_GPIO_BANK(pin)   (EK_GPIO_BASE + 0x300U * ((pin) / 32U))
#define EK_GPIO_OUTSET(pin) EK_REG(EK_GPIO_BANK(pin) + 0x008U)
#define EK_GPIO_CNF(pin)    EK_REG(EK_GPIO_BANK(pin) + 0x200U + 4U * ((pin) % 32U))
#define EK_GPIO_OUTPUT      3U        /* DIR output, input buffer off */
#define EK_GPIO_PULLED_UP   (3U << 2) /* DIR input, input buffer on, pull-up */

#if EK_CONSOLE_BAUD == 115200
#define EK_UARTE_RATE 0x01D60000U
#elif EK_CONSOLE_BAUD == 460800
#define EK_UARTE_RATE 0x07400000U
#elif EK_CONSOLE_BAUD == 1000000
#define EK_UARTE_RATE 0x10000000U
#else
#error "console.baud: 115200, 460800 or 1000000"
#endif

static volatile uint8_t ek_uarte_byte;
static volatile uint8_t ek_uarte_sent[64];

static inline void ek_uarte_init(void) {
    EK_GPIO_OUTSET(EK_UART_TX_PIN) = EK_IRQ_BIT(EK_UART_TX_PIN); /* idle is high */
    EK_GPIO_CNF(EK_UART_TX_PIN) = EK_GPIO_OUTPUT;
    EK_GPIO_CNF(EK_UART_RX_PIN) = EK_GPIO_PULLED_UP;
    EK_UARTE_ENABLE = 0;
    EK_UARTE_PSEL_TXD = EK_UART_TX_PIN;
    EK_UARTE_PSEL_RXD = EK_UART_RX_PIN;
    EK_UARTE_BAUDRATE = EK_UARTE_RATE;
    EK_UARTE_CONFIG = 0; /* no parity, one stop bit, no flow control */
    EK_UARTE_SHORTS = 0;
    EK_UARTE_ENDRX = 0;
    EK_UARTE_INTEN = EK_UARTE_INT_ENDRX;
    EK_UARTE_ENABLE = EK_UARTE_ON;
    EK_UARTE_RXD_PTR = (uint32_t)(uintptr_t)&ek_uarte_byte;
    EK_UARTE_RXD_COUNT = 1;
    EK_UARTE_STARTRX = 1;
    ek_console_listen(EK_UART_IRQ);
}

void ek_port_irq(void) {
    if (EK_UARTE_ENDRX != 0U) {
        EK_UARTE_ENDRX = 0;
        ek_ring_put(&ek_received, ek_uarte_byte);
        EK_UARTE_STARTRX = 1;
        (void)EK_UARTE_ENDRX; /* the event is down before the handler returns */
    }
}

void ek_port_write(const uint8_t *data, size_t size) {
    while (size > 0U) {
        const size_t count = size < sizeof ek_uarte_sent ? size : sizeof ek_uarte_sent;
        for (size_t i = 0; i < count; i++) {
            ek_uarte_sent[i] = data[i];
        }
        EK_UARTE_TXD_PTR = (uint32_t)(uintptr_t)ek_uarte_sent;
        EK_UARTE_TXD_COUNT = (uint32_t)count;
        EK_UARTE_ENDTX = 0;
        EK_UARTE_STARTTX = 1;
        while (EK_UARTE_ENDTX == 0U) {
        }
        data += count;
        size -= count;
    }
}

#endif
