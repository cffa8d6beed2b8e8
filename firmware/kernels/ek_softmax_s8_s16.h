/* SOFTMAX from int8 to int16 along the last axis, in gemmlowp's fixed point. */
#ifndef EK_SOFTMAX_S8_S16_H
#define EK_SOFTMAX_S8_S16_H

#include <stdint.h>

#include "ek_softmax.h"

typedef struct {
    ek_softmax_t softmax;
} ek_softmax_s8_s16_params_t;

void ek_softmax_s8_s16(const ek_softmax_s8_s16_params_t *p, const int8_t *input, int16_t *output);

#endif
