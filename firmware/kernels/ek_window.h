/* Which taps of a sliding window lie inside the input, along one axis. */
#ifndef EK_WINDOW_H
#define EK_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t begin; /* first tap inside */
    int32_t end;   /* one past the last; equal to begin where none is inside */
} ek_taps_t;

/* origin: position of tap 0, negative in the padding. */
static inline ek_taps_t ek_taps_inside(int32_t origin, int32_t size, int32_t kernel, int32_t dilation) {
    ek_taps_t taps = {0, kernel};
    while (taps.begin < taps.end && origin + taps.begin * dilation < 0) {
        ++taps.begin;
    }
    while (taps.begin < taps.end && origin + (taps.end - 1) * dilation >= size) {
        --taps.end;
    }
    return taps;
}

/* The k-th of `count` positions, counted from the last where backward. */
static inline int32_t ek_turn(int32_t k, int32_t count, bool backward) {
    return backward ? count - 1 - k : k;
}

#endif
