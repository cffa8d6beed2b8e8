#include "ek_softmax_s8.h"

#include "ek_fixedpoint.h"
#include "ek_requantize.h"

static int32_t exp_of(const ek_softmax_s8_params_t *p, int32_t difference) {
    return ek_exp_of_negative(ek_multiply_high(ek_shift_left(difference, p->shift), p->multiplier));
}

static void softmax_row(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    int32_t greatest = INT8_MIN;
    for (int32_t i = 0; i < p->depth; ++i) {
        greatest = input[i] > greatest ? input[i] : greatest;
    }
    int32_t sum = 0; /* with 12 integer bits */
    for (int32_t i = 0; i < p->depth; ++i) {
        if (input[i] - greatest >= p->lowest_difference) {
            sum += ek_divide_by_power(exp_of(p, input[i] - greatest), 12);
        }
    }
    const int32_t zeros = ek_leading_zeros((uint32_t)sum);
    const int32_t scale = ek_reciprocal((int32_t)(((uint32_t)sum << zeros) - 0x80000000U));
    const int32_t bits = 12 - zeros + 31 - 8;
    for (int32_t i = 0; i < p->depth; ++i) {
        int32_t value = 0;
        if (input[i] - greatest >= p->lowest_difference && bits <= 31) {
            value = ek_divide_by_power(ek_multiply_high(scale, exp_of(p, input[i] - greatest)), bits);
        }
        output[i] = (int8_t)(ek_clamp(value, 0, 255) + INT8_MIN);
    }
}

void ek_softmax_s8(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}
