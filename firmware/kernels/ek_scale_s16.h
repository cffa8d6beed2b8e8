/* Sums of int16 x int8 products, and how they become int16: the core of the 16x8 layers. */
#ifndef EK_SCALE_S16_H
#define EK_SCALE_S16_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_requantize.h"

enum {
    EK_ROUND_TWICE, /* a sum of 32 bit: after the multiplication and after the shift */
    EK_ROUND_ONCE,  /* a sum of 48 bit, a multiplier of 16 bit: half up */
    EK_ROUND_FINE   /* a sum of 48 bit, a multiplier of 63 bit: half up */
};

typedef struct {
    const int64_t *bias;        /* [channels], or null */
    const int32_t *multipliers; /* [channels], or [1] where not per_channel */
    const uint32_t *fractions;  /* likewise where EK_ROUND_FINE, else null */
    const int8_t *shifts;       /* likewise */
    bool per_channel;
    int32_t rounding; /* EK_ROUND_... */
    int32_t low;
    int32_t high;
} ek_scale_s16_t;

/* Adds x[i] * w[i] for i < n to sum, in pieces whose sums fit 32 bit. */
static inline int64_t ek_dot_s16(const int16_t *x, const int8_t *w, int32_t n, int64_t sum) {
    while (n > 0) {
        const int32_t piece = n < 256 ? n : 256;
        int32_t part = 0;
        for (int32_t i = 0; i < piece; ++i) {
            part += x[i] * w[i];
        }
        sum += part;
        x += piece;
        w += piece;
        n -= piece;
    }
    return sum;
}

/* The same of four filters, which lie `stride` apart, added to sums. */
static inline void ek_dot_four_s16(const int16_t *x, const int8_t *w, int32_t stride, int32_t n,
                                   int64_t sums[4]) {
    while (n > 0) {
        const int16_t *const end = x + (n < 256 ? n : 256);
        const int8_t *v = w + 2 * stride;
        int32_t a = 0;
        int32_t b = 0;
        int32_t c = 0;
        int32_t d = 0;
        n -= 256;
        while (x < end) {
            const int32_t value = *x++;
            b += value * w[stride];
            a += value * *w++;
            d += value * v[stride];
            c += value * *v++;
        }
        sums[0] += a;
        sums[1] += b;
        sums[2] += c;
        sums[3] += d;
    }
}

/* floor(x * (multiplier + fraction / 2^32) * 2^(shift - 31) + 1/2) for |x| < 2^47 and shift <= 7. */
static inline int32_t ek_requantize_fine_wide(int64_t x, int32_t multiplier, uint32_t fraction,
                                              int32_t shift) {
    const int32_t total = 31 - shift; /* 24 bits of x go first, so that no product leaves 64 bit */
    const int64_t high = x >> 24;
    const int64_t low = x & 0xFFFFFF;
    const int64_t rest = (high * fraction + ((low * fraction) >> 24)) >> 8;
    const int64_t carried = (low * multiplier + rest + ((int64_t)1 << (total - 1))) >> 24;
    return (int32_t)((high * multiplier + carried) >> (total - 24));
}

/* The output of a channel whose sum, without its bias, is given. */
static inline int16_t ek_scaled_s16(const ek_scale_s16_t *s, int64_t sum, int32_t channel) {
    const int32_t at = s->per_channel ? channel : 0;
    const int32_t multiplier = s->multipliers[at];
    const int32_t shift = s->shifts[at];
    int32_t scaled;
    if (s->bias) {
        sum += s->bias[channel];
    }
    if (s->rounding == EK_ROUND_ONCE) {
        scaled = (int32_t)((((sum * multiplier) >> (14 - shift)) + 1) >> 1);
    } else if (s->rounding == EK_ROUND_TWICE) {
        scaled = ek_requantize_twice((int32_t)sum, multiplier, shift);
    } else {
        scaled = ek_requantize_fine_wide(sum, multiplier, s->fractions[at], shift);
    }
    return (int16_t)ek_clamp(scaled, s->low, s->high);
}

#endif
