/* PRELU on int8, with broadcasting; rounds twice. */
#ifndef EK_PRELU_S8_H
#define EK_PRELU_S8_H

#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
    int32_t zero_point;
    int32_t alpha_zero_point;
    int32_t output_zero_point;
    int32_t multiplier; /* where x >= 0 */
    int32_t shift;
    int32_t alpha_multiplier; /* of alpha * x */
    int32_t alpha_shift;
} ek_prelu_s8_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_prelu_s8(const ek_prelu_s8_params_t *p, const int8_t *input1, const int8_t *input2, int8_t *output);

#endif
