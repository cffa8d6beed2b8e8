/* DEQUANTIZE from int8 to float32. */
#ifndef EK_DEQUANTIZE_S8_F32_H
#define EK_DEQUANTIZE_S8_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
} ek_dequantize_s8_f32_params_t;

void ek_dequantize_s8_f32(const ek_dequantize_s8_f32_params_t *p, const int8_t *input, float *output);

#endif
