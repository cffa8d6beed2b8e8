#include "ek_dequantize_s8_f32.h"

void ek_dequantize_s8_f32(const ek_dequantize_s8_f32_params_t *p, const int8_t *input, float *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        output[i] = p->scale * (float)((int32_t)input[i] - p->zero_point);
    }
}
