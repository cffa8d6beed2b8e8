/* MAXIMUM on int8 of one quantisation, with broadcasting. One operand is constant. */
#ifndef EK_MAXIMUM_CONSTANT_S8_H
#define EK_MAXIMUM_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_maximum_s8.h"

typedef struct {
    ek_maximum_s8_params_t maximum;
    const int8_t *constant;
    bool constant_first;
} ek_maximum_constant_s8_params_t;

void ek_maximum_constant_s8(const ek_maximum_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
