#include "ek_add_s8.h"

#include "ek_requantize.h"

static int8_t add(const ek_add_s8_params_t *p, int32_t x1, int32_t x2) {
    const int32_t scaled1 =
        ek_requantize_twice(ek_shift_left(x1 - p->zero_point1, 20), p->multiplier1, p->shift1);
    const int32_t scaled2 =
        ek_requantize_twice(ek_shift_left(x2 - p->zero_point2, 20), p->multiplier2, p->shift2);
    const int32_t sum = ek_requantize_twice(scaled1 + scaled2, p->output_multiplier, p->output_shift);
    return (int8_t)(ek_clamp(sum, p->low, p->high) + p->output_zero_point);
}

void ek_add_s8(const ek_add_s8_params_t *p, const int8_t *input1, const int8_t *input2, int8_t *output) {
    const ek_walk_t *w = &p->walk;
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                const int8_t *x1 = input1 + i * w->steps1[0] + j * w->steps1[1] + k * w->steps1[2];
                const int8_t *x2 = input2 + i * w->steps2[0] + j * w->steps2[1] + k * w->steps2[2];
                for (int32_t n = 0; n < w->extents[3]; ++n) {
                    *output++ = add(p, *x1, *x2);
                    x1 += w->steps1[3];
                    x2 += w->steps2[3];
                }
            }
        }
    }
}
