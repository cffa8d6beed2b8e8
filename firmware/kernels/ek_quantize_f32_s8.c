#include "ek_quantize_f32_s8.h"

#include "ek_quantize.h"

void ek_quantize_f32_s8(const ek_quantize_f32_s8_params_t *p, const float *input, int8_t *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        output[i] = (int8_t)ek_quantize(input[i], p->scale, p->zero_point, INT8_MIN, INT8_MAX);
    }
}
