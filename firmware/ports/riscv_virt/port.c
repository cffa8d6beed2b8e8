/* QEMU's RISC-V machine `virt`: a 16550A as console, polled; instret as counter; a finisher that ends the
 * run.
 *
 * Interrupts stay masked (mstatus.MIE); the receive interrupt only ends a sleep. Under -icount instret is the
 * emulated clock in nanoseconds, which follows real time while the core sleeps: ek_port_counter_align()
 * counts anew from the instruction that reads it.
 */
#include "ek_icount.h"
#include "ek_port.h"
#include "ek_riscv.h"

#define UART_DATA EK_REG8(EK_UART_BASE + 0U)
#define UART_IER  EK_REG8(EK_UART_BASE + 1U)
#define UART_FCR  EK_REG8(EK_UART_BASE + 2U)
#define UART_LCR  EK_REG8(EK_UART_BASE + 3U)
#define UART_LSR  EK_REG8(EK_UART_BASE + 5U) /* bit 0: a byte waits, bit 5: room to send */

#define PLIC_PRIORITY(irq) EK_REG(EK_PLIC_BASE + 4U * (irq))
#define PLIC_ENABLE        EK_REG(EK_PLIC_BASE + 0x2000U) /* context 0: hart 0, machine mode */
#define PLIC_THRESHOLD     EK_REG(EK_PLIC_BASE + 0x200000U)
#define PLIC_CLAIM         EK_REG(EK_PLIC_BASE + 0x200004U)

#define FINISHER EK_REG(EK_FINISHER_BASE)
#define FAIL     0x3333U /* status in the upper half */
#define PASS     0x5555U
#define RESET    0x7777U

static uint64_t before; /* instructions until the counter was last aligned */
static uint64_t start;  /* what it showed then */

static uint64_t instret(void) {
    for (;;) {
        const uint32_t high = EK_CSR_READ("instreth");
        const uint32_t low = EK_CSR_READ("instret");
        if (EK_CSR_READ("instreth") == high) {
            return (uint64_t)high << 32 | low;
        }
    }
}

void ek_port_init(void) {
    UART_LCR = 3U; /* 8 data bits, no parity, 1 stop bit */
    UART_FCR = 7U; /* empty FIFOs, on */
    UART_IER = 1U;
    PLIC_PRIORITY(EK_UART_IRQ) = 1U;
    PLIC_ENABLE = 1UL << EK_UART_IRQ;
    PLIC_THRESHOLD = 0U;
    EK_CSR_WRITE("mie", 1UL << 11); /* external interrupts end a sleep */
    start = instret();
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    size_t count = 0;
    while (count < capacity && (UART_LSR & 1U) != 0U) {
        data[count++] = UART_DATA;
    }
    return count;
}

void ek_port_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((UART_LSR & 0x20U) == 0U) {
        }
        UART_DATA = data[i];
    }
}

/* A byte that arrives between the test and the sleep leaves its interrupt pending, which ends the sleep. */
void ek_port_idle(void) {
    if ((UART_LSR & 1U) == 0U) {
        ek_wait_for_interrupt();
    }
    PLIC_CLAIM = PLIC_CLAIM;
}

uint64_t ek_port_counter(void) {
    return before + ek_instructions(instret() - start);
}

void ek_port_counter_align(void) {
    before = ek_port_counter();
    start = instret();
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

_Noreturn void ek_port_exit(int status) {
    FINISHER = status == 0 ? PASS : (uint32_t)status << 16 | FAIL;
    for (;;) {
        ek_wait_for_interrupt();
    }
}

_Noreturn void ek_port_reset(void) {
    FINISHER = RESET;
    for (;;) {
    }
}
