/* SQUARED_DIFFERENCE on int8, with broadcasting; both operands and the square are rounded twice. One operand
 * is constant. */
#ifndef EK_SQUARED_DIFFERENCE_CONSTANT_S8_H
#define EK_SQUARED_DIFFERENCE_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_squared_difference_s8.h"

typedef struct {
    ek_squared_difference_s8_params_t squared_difference;
    const int8_t *constant;
    bool constant_first;
} ek_squared_difference_constant_s8_params_t;

void ek_squared_difference_constant_s8(const ek_squared_difference_constant_s8_params_t *p,
                                       const int8_t *input, int8_t *output);

#endif
