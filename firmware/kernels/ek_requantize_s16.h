/* QUANTIZE from int16 to int16 of another scale; input and output may be the same memory; rounds twice. */
#ifndef EK_REQUANTIZE_S16_H
#define EK_REQUANTIZE_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
} ek_requantize_s16_params_t;

void ek_requantize_s16(const ek_requantize_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
