/* QUANTIZE from float32 to uint8; NaN becomes the zero point, what is out of range saturates. */
#ifndef EK_QUANTIZE_F32_U8_H
#define EK_QUANTIZE_F32_U8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} ek_quantize_f32_u8_params_t;

void ek_quantize_f32_u8(const ek_quantize_f32_u8_params_t *p, const float *input, uint8_t *output);

#endif
