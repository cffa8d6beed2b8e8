#include "ek_reduce_max_s16.h"

static int16_t greatest_of(const ek_reduce_max_s16_params_t *p, const int16_t *input) {
    const int32_t count = p->reduced_extents[2];
    const int32_t step = p->reduced_steps[2];
    int32_t greatest = INT16_MIN;
    for (int32_t i = 0; i < p->reduced_extents[0]; ++i) {
        for (int32_t j = 0; j < p->reduced_extents[1]; ++j) {
            const int16_t *x = input + i * p->reduced_steps[0] + j * p->reduced_steps[1];
            for (int32_t n = 0; n < count; ++n) {
                const int32_t value = *x ^ p->flip; /* the complement turns the order round */
                greatest = value > greatest ? value : greatest;
                x += step;
            }
        }
    }
    return (int16_t)(greatest ^ p->flip);
}

void ek_reduce_max_s16(const ek_reduce_max_s16_params_t *p, const int16_t *input, int16_t *output) {
    for (int32_t i = 0; i < p->kept_extents[0]; ++i) {
        for (int32_t j = 0; j < p->kept_extents[1]; ++j) {
            for (int32_t k = 0; k < p->kept_extents[2]; ++k) {
                const int32_t at = i * p->kept_steps[0] + j * p->kept_steps[1] + k * p->kept_steps[2];
                *output++ = greatest_of(p, input + at);
            }
        }
    }
}
