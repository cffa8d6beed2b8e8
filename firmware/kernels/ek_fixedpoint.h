/* Fixed-point functions. Source: gemmlowp, fixedpoint/fixedpoint.h. Values without integer bits
 * stand for raw / 2^31. */
#ifndef EK_FIXEDPOINT_H
#define EK_FIXEDPOINT_H

#include <stdint.h>

#include "ek_requantize.h"

/* exp(a) for a <= 0 with 5 integer bits. */
int32_t ek_exp_of_negative(int32_t a);

/* 1 / (1 + a) for a in [0, 1). */
int32_t ek_reciprocal(int32_t a);

static inline int32_t ek_leading_zeros(uint32_t x) {
    int32_t count = 0;
    for (; count < 32 && !(x & 0x80000000U); ++count) {
        x <<= 1;
    }
    return count;
}

#endif
