#include "ek_extremum_s16.h"

static int16_t extremum(const void *params, int32_t x1, int32_t x2) {
    const ek_extremum_s16_params_t *p = (const ek_extremum_s16_params_t *)params;
    return (int16_t)((x1 ^ p->flip) > (x2 ^ p->flip) ? x1 : x2);
}

void ek_extremum_s16(const ek_extremum_s16_params_t *p, const void *const *inputs, int16_t *output) {
    ek_walk_s16(&p->pair, inputs, output, extremum, p);
}
