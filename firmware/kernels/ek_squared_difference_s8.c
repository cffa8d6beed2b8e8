#include "ek_squared_difference_s8.h"

#include "ek_requantize.h"
#include "ek_walk_s8.h"

static int8_t squared_difference(const void *params, int32_t x1, int32_t x2) {
    const ek_squared_difference_s8_params_t *p = (const ek_squared_difference_s8_params_t *)params;
    const int32_t scaled1 =
        ek_requantize_twice(ek_shift_left(x1 - p->zero_point1, 7), p->multiplier1, p->shift1);
    const int32_t scaled2 =
        ek_requantize_twice(ek_shift_left(x2 - p->zero_point2, 7), p->multiplier2, p->shift2);
    const int32_t difference = scaled1 - scaled2;
    const int32_t square =
        ek_requantize_twice(difference * difference, p->output_multiplier, p->output_shift);
    return (int8_t)(ek_clamp(square, p->low, p->high) + p->output_zero_point);
}

void ek_squared_difference_s8(const ek_squared_difference_s8_params_t *p, const int8_t *input1,
                              const int8_t *input2, int8_t *output) {
    ek_walk_s8(&p->walk, input1, input2, output, squared_difference, p);
}
