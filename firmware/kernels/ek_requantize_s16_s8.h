/* QUANTIZE from int16 to int8; rounds twice. */
#ifndef EK_REQUANTIZE_S16_S8_H
#define EK_REQUANTIZE_S16_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
} ek_requantize_s16_s8_params_t;

void ek_requantize_s16_s8(const ek_requantize_s16_s8_params_t *p, const int16_t *input, int8_t *output);

#endif
