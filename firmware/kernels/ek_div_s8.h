/* DIV on int8, with broadcasting; a division by zero saturates by the sign of the dividend. */
#ifndef EK_DIV_S8_H
#define EK_DIV_S8_H

#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
    int32_t zero_point1;
    int32_t zero_point2;
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
} ek_div_s8_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_div_s8(const ek_div_s8_params_t *p, const int8_t *input1, const int8_t *input2, int8_t *output);

#endif
