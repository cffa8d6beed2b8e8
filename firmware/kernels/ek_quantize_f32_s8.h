/* QUANTIZE from float32 to int8; NaN becomes the zero point, what is out of range saturates. */
#ifndef EK_QUANTIZE_F32_S8_H
#define EK_QUANTIZE_F32_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} ek_quantize_f32_s8_params_t;

void ek_quantize_f32_s8(const ek_quantize_f32_s8_params_t *p, const float *input, int8_t *output);

#endif
