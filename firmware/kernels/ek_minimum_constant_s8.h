/* MINIMUM on int8 of one quantisation, with broadcasting. One operand is constant. */
#ifndef EK_MINIMUM_CONSTANT_S8_H
#define EK_MINIMUM_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_minimum_s8.h"

typedef struct {
    ek_minimum_s8_params_t minimum;
    const int8_t *constant;
    bool constant_first;
} ek_minimum_constant_s8_params_t;

void ek_minimum_constant_s8(const ek_minimum_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
