/* ADD on int8, with broadcasting; both operands and their sum are rounded twice. The second operand is
 * constant. */
#ifndef EK_ADD_CONSTANT_S8_H
#define EK_ADD_CONSTANT_S8_H

#include <stdint.h>

#include "ek_add_s8.h"

typedef struct {
    ek_add_s8_params_t add;
    const int8_t *constant;
} ek_add_constant_s8_params_t;

void ek_add_constant_s8(const ek_add_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
