/* Received bytes between an interrupt that puts and a program that takes; what does not fit is lost. */
#ifndef EK_RING_H
#define EK_RING_H

#include <stddef.h>
#include <stdint.h>

#define EK_RING_SIZE EK_CONSOLE_RECEIVE_BYTES
_Static_assert((EK_RING_SIZE & (EK_RING_SIZE - 1U)) == 0U, "console.receive_bytes must be a power of two");

typedef struct {
    volatile uint32_t put;   /* counts bytes; only the interrupt writes it */
    volatile uint32_t taken; /* counts bytes; only the program writes it */
    volatile uint8_t bytes[EK_RING_SIZE];
} ek_ring_t;

static inline void ek_ring_put(ek_ring_t *ring, uint8_t byte) {
    const uint32_t put = ring->put;
    if (put - ring->taken < EK_RING_SIZE) {
        ring->bytes[put % EK_RING_SIZE] = byte;
        ring->put = put + 1U;
    }
}

static inline size_t ek_ring_take(ek_ring_t *ring, uint8_t *data, size_t capacity) {
    uint32_t taken = ring->taken;
    size_t count = 0;
    while (count < capacity && taken != ring->put) {
        data[count++] = ring->bytes[taken % EK_RING_SIZE];
        taken++;
    }
    ring->taken = taken;
    return count;
}

#endif
