#include "ek_compare_s8.h"

#include "ek_requantize.h"
#include "ek_walk_s8.h"

static int8_t compare(const void *params, int32_t x1, int32_t x2) {
    const ek_compare_s8_params_t *p = (const ek_compare_s8_params_t *)params;
    const int32_t scaled1 =
        ek_requantize_twice(ek_shift_left(x1 - p->zero_point1, 8), p->multiplier1, p->shift1);
    const int32_t scaled2 =
        ek_requantize_twice(ek_shift_left(x2 - p->zero_point2, 8), p->multiplier2, p->shift2);
    const int32_t order = 1 + (scaled1 > scaled2) - (scaled1 < scaled2);
    return (int8_t)((p->accepted >> order) & 1);
}

void ek_compare_s8(const ek_compare_s8_params_t *p, const int8_t *input1, const int8_t *input2,
                   bool *output) {
    ek_walk_s8(&p->walk, input1, input2, (int8_t *)output, compare, p);
}
