#include "ek_mean_s16.h"

#include "ek_requantize.h"

static int32_t sum_of(const ek_mean_s16_params_t *p, const int16_t *input) {
    const int32_t count = p->reduced_extents[2];
    const int32_t step = p->reduced_steps[2];
    int32_t sum = p->offset;
    for (int32_t i = 0; i < p->reduced_extents[0]; ++i) {
        for (int32_t j = 0; j < p->reduced_extents[1]; ++j) {
            const int16_t *x = input + i * p->reduced_steps[0] + j * p->reduced_steps[1];
            for (int32_t n = 0; n < count; ++n) {
                sum += *x;
                x += step;
            }
        }
    }
    return sum;
}

void ek_mean_s16(const ek_mean_s16_params_t *p, const int16_t *input, int16_t *output) {
    const int32_t low = INT16_MIN - p->output_zero_point;
    const int32_t high = INT16_MAX - p->output_zero_point;
    for (int32_t i = 0; i < p->kept_extents[0]; ++i) {
        for (int32_t j = 0; j < p->kept_extents[1]; ++j) {
            for (int32_t k = 0; k < p->kept_extents[2]; ++k) {
                const int32_t at = i * p->kept_steps[0] + j * p->kept_steps[1] + k * p->kept_steps[2];
                const int32_t mean = ek_requantize_twice(sum_of(p, input + at), p->multiplier, p->shift);
                *output++ = (int16_t)(ek_clamp(mean, low, high) + p->output_zero_point);
            }
        }
    }
}
