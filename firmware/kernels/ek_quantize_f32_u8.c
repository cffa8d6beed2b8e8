#include "ek_quantize_f32_u8.h"

#include "ek_quantize.h"

void ek_quantize_f32_u8(const ek_quantize_f32_u8_params_t *p, const float *input, uint8_t *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        output[i] = (uint8_t)ek_quantize(input[i], p->scale, p->zero_point, 0, UINT8_MAX);
    }
}
