#include "ek_mul_s16.h"

#include "ek_requantize.h"

static int16_t mul(const void *params, int32_t x1, int32_t x2) {
    const ek_mul_s16_params_t *p = (const ek_mul_s16_params_t *)params;
    return (int16_t)ek_clamp(ek_requantize_twice(x1 * x2, p->multiplier, p->shift), p->low, p->high);
}

void ek_mul_s16(const ek_mul_s16_params_t *p, const void *const *inputs, int16_t *output) {
    ek_walk_s16(&p->pair, inputs, output, mul, p);
}
