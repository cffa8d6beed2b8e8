/* ADD and SUB on int16, with broadcasting; both operands and the result are rounded twice. */
#ifndef EK_ADD_S16_H
#define EK_ADD_S16_H

#include <stdint.h>

#include "ek_walk_s16.h"

typedef struct {
    ek_pair_s16_t pair;
    int32_t multiplier1; /* brings the first operand, shifted left by 15, to the common scale */
    int32_t multiplier2;
    int32_t shift1;
    int32_t shift2;
    int32_t sign2; /* 1 for a sum, -1 for a difference */
    int32_t output_multiplier;
    int32_t output_shift;
    int32_t low; /* clamp */
    int32_t high;
} ek_add_s16_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_add_s16(const ek_add_s16_params_t *p, const void *const *inputs, int16_t *output);

#endif
