/* QUANTIZE from float32 to int16; NaN becomes the zero point, what is out of range saturates. */
#ifndef EK_QUANTIZE_F32_S16_H
#define EK_QUANTIZE_F32_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} ek_quantize_f32_s16_params_t;

void ek_quantize_f32_s16(const ek_quantize_f32_s16_params_t *p, const float *input, int16_t *output);

#endif
