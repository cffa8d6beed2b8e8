#include "ek_logical_and.h"

#include "ek_walk_s8.h"

static int8_t both(const void *params, int32_t x1, int32_t x2) {
    (void)params;
    return (int8_t)(x1 & x2);
}

void ek_logical_and(const ek_logical_and_params_t *p, const bool *input1, const bool *input2, bool *output) {
    ek_walk_s8(&p->walk, (const int8_t *)input1, (const int8_t *)input2, (int8_t *)output, both, p);
}
