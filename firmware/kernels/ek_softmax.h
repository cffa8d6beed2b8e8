/* One row of SOFTMAX on int8, in gemmlowp's fixed point, whatever the width of the output. */
#ifndef EK_SOFTMAX_H
#define EK_SOFTMAX_H

#include <stdint.h>

#include "ek_fixedpoint.h"
#include "ek_requantize.h"

typedef struct {
    int32_t rows;
    int32_t depth;             /* at most 4095 */
    int32_t multiplier;        /* beta x input scale, with 5 integer bits */
    int32_t shift;             /* to the left */
    int32_t lowest_difference; /* from the row's maximum; exp of anything below counts as 0 */
} ek_softmax_t;

typedef struct {
    int32_t greatest;
    int32_t scale; /* 1 / sum of the exponentials, to be shifted right by `bits` for a unit of 2^31 */
    int32_t bits;
} ek_softmax_row_t;

static inline int32_t ek_softmax_exp(const ek_softmax_t *p, int32_t difference) {
    return ek_exp_of_negative(ek_multiply_high(ek_shift_left(difference, p->shift), p->multiplier));
}

static inline ek_softmax_row_t ek_softmax_row(const ek_softmax_t *p, const int8_t *input) {
    ek_softmax_row_t row = {.greatest = INT8_MIN, .scale = 0, .bits = 0};
    for (int32_t i = 0; i < p->depth; ++i) {
        row.greatest = input[i] > row.greatest ? input[i] : row.greatest;
    }
    int32_t sum = 0; /* with 12 integer bits */
    for (int32_t i = 0; i < p->depth; ++i) {
        if (input[i] - row.greatest >= p->lowest_difference) {
            sum += ek_divide_by_power(ek_softmax_exp(p, input[i] - row.greatest), 12);
        }
    }
    const int32_t zeros = ek_leading_zeros((uint32_t)sum);
    row.scale = ek_reciprocal((int32_t)(((uint32_t)sum << zeros) - 0x80000000U));
    row.bits = 12 - zeros;
    return row;
}

/* The share of a value, in steps of 2^-width. */
static inline int32_t ek_softmax_share(const ek_softmax_t *p, const ek_softmax_row_t *row, int32_t x,
                                       int32_t width) {
    const int32_t bits = row->bits + 31 - width;
    if (x - row->greatest < p->lowest_difference || bits > 31) {
        return 0;
    }
    const int32_t share = ek_multiply_high(row->scale, ek_softmax_exp(p, x - row->greatest));
    return ek_clamp(ek_divide_by_power(share, bits), 0, (1 << width) - 1);
}

#endif
