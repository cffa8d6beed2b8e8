/* MUL on int8 with Helium: no broadcast along the innermost axis; rounds twice, shift < 0. */
#ifndef EK_MUL_S8_MVE_H
#define EK_MUL_S8_MVE_H

#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk; /* an input that is one row for all rows comes second */
    int32_t zero_point1;
    int32_t zero_point2;
    int32_t multiplier;
    int32_t shift;
    int32_t fix; /* 1: negative values round half away from zero; 0: half up, where none is or a clamp hides
                    them */
    int32_t output_zero_point;
    int32_t low; /* clamp, after the zero point is added */
    int32_t high;
} ek_mul_s8_mve_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_mul_s8_mve(const ek_mul_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output);

#endif
