#include "ek_minimum_s8.h"

#include "ek_walk_s8.h"

static int8_t smaller(const void *params, int32_t x1, int32_t x2) {
    (void)params;
    return (int8_t)(x1 < x2 ? x1 : x2);
}

void ek_minimum_s8(const ek_minimum_s8_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output) {
    ek_walk_s8(&p->walk, input1, input2, output, smaller, p);
}
