#include "ek_add_s16.h"

#include "ek_requantize.h"

static int16_t add(const void *params, int32_t x1, int32_t x2) {
    const ek_add_s16_params_t *p = (const ek_add_s16_params_t *)params;
    const int32_t scaled1 = ek_requantize_twice(ek_shift_left(x1, 15), p->multiplier1, p->shift1);
    const int32_t scaled2 = ek_requantize_twice(ek_shift_left(x2, 15), p->multiplier2, p->shift2);
    const int32_t sum = scaled1 + p->sign2 * scaled2;
    return (int16_t)ek_clamp(ek_requantize_twice(sum, p->output_multiplier, p->output_shift), p->low,
                             p->high);
}

void ek_add_s16(const ek_add_s16_params_t *p, const void *const *inputs, int16_t *output) {
    ek_walk_s16(&p->pair, inputs, output, add, p);
}
