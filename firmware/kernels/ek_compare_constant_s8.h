/* EQUAL, GREATER, LESS and their relatives on int8, with broadcasting; operands are rounded twice. One
 * operand is constant. */
#ifndef EK_COMPARE_CONSTANT_S8_H
#define EK_COMPARE_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_compare_s8.h"

typedef struct {
    ek_compare_s8_params_t compare;
    const int8_t *constant;
    bool constant_first;
} ek_compare_constant_s8_params_t;

void ek_compare_constant_s8(const ek_compare_constant_s8_params_t *p, const int8_t *input, bool *output);

#endif
