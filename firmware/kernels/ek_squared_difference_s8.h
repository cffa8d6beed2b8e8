/* SQUARED_DIFFERENCE on int8, with broadcasting; both operands and the square are rounded twice. */
#ifndef EK_SQUARED_DIFFERENCE_S8_H
#define EK_SQUARED_DIFFERENCE_S8_H

#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
    int32_t zero_point1;
    int32_t zero_point2;
    int32_t multiplier1; /* brings the first operand, shifted left by 7, to the common scale */
    int32_t multiplier2;
    int32_t shift1;
    int32_t shift2;
    int32_t output_multiplier;
    int32_t output_shift;
    int32_t output_zero_point;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
} ek_squared_difference_s8_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_squared_difference_s8(const ek_squared_difference_s8_params_t *p, const int8_t *input1,
                              const int8_t *input2, int8_t *output);

#endif
