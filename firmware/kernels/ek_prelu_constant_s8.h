/* PRELU on int8, with broadcasting; rounds twice. One operand is constant. */
#ifndef EK_PRELU_CONSTANT_S8_H
#define EK_PRELU_CONSTANT_S8_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_prelu_s8.h"

typedef struct {
    ek_prelu_s8_params_t prelu;
    const int8_t *constant;
    bool constant_first;
} ek_prelu_constant_s8_params_t;

void ek_prelu_constant_s8(const ek_prelu_constant_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
