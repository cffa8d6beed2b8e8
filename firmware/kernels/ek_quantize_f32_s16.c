#include "ek_quantize_f32_s16.h"

#include "ek_quantize.h"

void ek_quantize_f32_s16(const ek_quantize_f32_s16_params_t *p, const float *input, int16_t *output) {
    for (int32_t i = 0; i < p->count; ++i) {
        output[i] = (int16_t)ek_quantize(input[i], p->scale, p->zero_point, INT16_MIN, INT16_MAX);
    }
}
