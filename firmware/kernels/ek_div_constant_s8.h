/* DIV on int8, with broadcasting; a division by zero saturates by the sign of the dividend. One operand is
 * constant. */
#ifndef EK_DIV_CONSTANT_S8_H
#define EK_DIV_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_div_s8.h"

typedef struct {
    ek_div_s8_params_t div;
    const int8_t *constant;
    bool constant_first;
} ek_div_constant_s8_params_t;

void ek_div_constant_s8(const ek_div_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
