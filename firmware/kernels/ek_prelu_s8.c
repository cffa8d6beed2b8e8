#include "ek_prelu_s8.h"

#include "ek_requantize.h"
#include "ek_walk_s8.h"

static int8_t prelu(const void *params, int32_t x, int32_t alpha) {
    const ek_prelu_s8_params_t *p = (const ek_prelu_s8_params_t *)params;
    const int32_t value = x - p->zero_point;
    const int32_t scaled = value >= 0 ? ek_requantize_twice(value, p->multiplier, p->shift)
                                      : ek_requantize_twice(value * (alpha - p->alpha_zero_point),
                                                            p->alpha_multiplier, p->alpha_shift);
    return (int8_t)ek_clamp(scaled + p->output_zero_point, INT8_MIN, INT8_MAX);
}

void ek_prelu_s8(const ek_prelu_s8_params_t *p, const int8_t *input1, const int8_t *input2, int8_t *output) {
    ek_walk_s8(&p->walk, input1, input2, output, prelu, p);
}
