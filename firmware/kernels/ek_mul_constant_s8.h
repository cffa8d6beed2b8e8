/* MUL on int8, with broadcasting; rounds twice. The second operand is constant. */
#ifndef EK_MUL_CONSTANT_S8_H
#define EK_MUL_CONSTANT_S8_H

#include <stdint.h>

#include "ek_mul_s8.h"

typedef struct {
    ek_mul_s8_params_t mul;
    const int8_t *constant;
} ek_mul_constant_s8_params_t;

void ek_mul_constant_s8(const ek_mul_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
