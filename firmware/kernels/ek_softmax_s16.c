#include "ek_softmax_s16.h"

#include "ek_fixedpoint.h"
#include "ek_lut_s16.h"
#include "ek_requantize.h"

static void softmax_row(const ek_softmax_s16_params_t *p, const int16_t *input, int16_t *output) {
    int32_t greatest = INT16_MIN;
    for (int32_t i = 0; i < p->depth; ++i) {
        greatest = input[i] > greatest ? input[i] : greatest;
    }
    int32_t sum = 0; /* with 15 fraction bits, like the exponentials */
    for (int32_t i = 0; i < p->depth; ++i) {
        const int32_t scaled = ek_requantize_twice(input[i] - greatest, p->multiplier, p->shift);
        output[i] = ek_lut_s16(p->exp, ek_clamp(scaled, -65535, 0) + INT16_MAX);
        sum += output[i];
    }
    const int32_t zeros = ek_leading_zeros((uint32_t)sum);
    const int32_t mantissa = (int32_t)((((int64_t)sum << (zeros - 1)) + (1 << 13)) >> 14);
    const int32_t scale = ek_lut_s16(p->reciprocal, ek_clamp(mantissa - (3 << 15), INT16_MIN, INT16_MAX));
    const int32_t bits = 31 - zeros;
    for (int32_t i = 0; i < p->depth; ++i) {
        output[i] = (int16_t)ek_clamp((output[i] * scale + (1 << (bits - 1))) >> bits, 0, INT16_MAX);
    }
}

void ek_softmax_s16(const ek_softmax_s16_params_t *p, const int16_t *input, int16_t *output) {
    for (int32_t row = 0; row < p->rows; ++row) {
        softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}
