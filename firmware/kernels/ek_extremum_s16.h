/* MINIMUM and MAXIMUM on int16, with broadcasting. */
#ifndef EK_EXTREMUM_S16_H
#define EK_EXTREMUM_S16_H

#include <stdint.h>

#include "ek_walk_s16.h"

typedef struct {
    ek_pair_s16_t pair;
    int32_t flip; /* 0 for the greater, -1 for the smaller: the complement turns the order round */
} ek_extremum_s16_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_extremum_s16(const ek_extremum_s16_params_t *p, const void *const *inputs, int16_t *output);

#endif
