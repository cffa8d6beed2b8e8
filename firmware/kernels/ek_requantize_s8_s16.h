/* QUANTIZE from int8 to int16; rounds twice. */
#ifndef EK_REQUANTIZE_S8_S16_H
#define EK_REQUANTIZE_S8_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
} ek_requantize_s8_s16_params_t;

void ek_requantize_s8_s16(const ek_requantize_s8_s16_params_t *p, const int8_t *input, int16_t *output);

#endif
