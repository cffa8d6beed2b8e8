#include "ek_requantize_s16.h"

#include "ek_requantize.h"

void ek_requantize_s16(const ek_requantize_s16_params_t *p, const int16_t *input, int16_t *output) {
    const int32_t low = INT16_MIN - p->output_zero_point;
    const int32_t high = INT16_MAX - p->output_zero_point;
    for (int32_t i = 0; i < p->count; ++i) {
        const int32_t scaled = ek_requantize_twice(input[i] - p->input_zero_point, p->multiplier, p->shift);
        output[i] = (int16_t)(ek_clamp(scaled, low, high) + p->output_zero_point);
    }
}
