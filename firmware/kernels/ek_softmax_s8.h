/* SOFTMAX on int8 along the last axis, in gemmlowp's fixed point. */
#ifndef EK_SOFTMAX_S8_H
#define EK_SOFTMAX_S8_H

#include <stdint.h>

#include "ek_softmax.h"

typedef struct {
    ek_softmax_t softmax;
} ek_softmax_s8_params_t;

/* The output may be the memory of the input. */
void ek_softmax_s8(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
