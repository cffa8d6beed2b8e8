/* SUB on int8, with broadcasting; both operands and their difference are rounded twice. One operand is
 * constant. */
#ifndef EK_SUB_CONSTANT_S8_H
#define EK_SUB_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_sub_s8.h"

typedef struct {
    ek_sub_s8_params_t sub;
    const int8_t *constant;
    bool constant_first;
} ek_sub_constant_s8_params_t;

void ek_sub_constant_s8(const ek_sub_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
