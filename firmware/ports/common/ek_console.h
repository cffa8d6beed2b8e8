/* The console of a board whose interrupt takes the bytes that arrive: reading them, and the wait for them.
 *
 * Defines functions of ek_port.h; one file of a port includes it, puts bytes into `ek_received` from its
 * ek_port_irq() and calls ek_console_listen() once the UART is set up.
 */
#ifndef EK_CONSOLE_H
#define EK_CONSOLE_H

#include "ek_cortex_m.h"
#include "ek_port.h"
#include "ek_ring.h"

static ek_ring_t ek_received;

/* Lets one interrupt through; what a boot loader left enabled is switched off first. */
static inline void ek_console_listen(uint32_t irq) {
    for (uint32_t first = 0; first < EK_IRQS; first += 32U) {
        EK_NVIC_ICER(first) = 0xFFFFFFFFU;
    }
    EK_NVIC_ISER(irq) = EK_IRQ_BIT(irq);
    __asm__ volatile("cpsie i" ::: "memory");
}

size_t ek_port_read(uint8_t *data, size_t capacity) {
    return ek_ring_take(&ek_received, data, capacity);
}

/* Masked, so that an interrupt between the test and the sleep stays pending and ends the sleep. */
void ek_port_idle(void) {
    __asm__ volatile("cpsid i" ::: "memory");
    if (ek_received.put == ek_received.taken) {
        ek_wait_for_interrupt();
    }
    __asm__ volatile("cpsie i" ::: "memory");
}

#endif
