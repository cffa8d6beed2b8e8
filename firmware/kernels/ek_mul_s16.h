/* MUL on int16, with broadcasting; rounds twice. */
#ifndef EK_MUL_S16_H
#define EK_MUL_S16_H

#include <stdint.h>

#include "ek_walk_s16.h"

typedef struct {
    ek_pair_s16_t pair;
    int32_t multiplier;
    int32_t shift;
    int32_t low; /* clamp */
    int32_t high;
} ek_mul_s16_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_mul_s16(const ek_mul_s16_params_t *p, const void *const *inputs, int16_t *output);

#endif
