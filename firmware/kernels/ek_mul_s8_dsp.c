#include "ek_mul_s8_dsp.h"

#include "ek_dsp.h"

void ek_mul_s8_dsp(const ek_mul_s8_dsp_params_t *p, const int8_t *rows, const int8_t *vector,
                   int8_t *output) {
    const int32_t offset = (int32_t)((uint32_t)p->centre << p->shift) >> 1;
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t channels = p->channels;
    const int32_t size = p->rows * channels;
    for (int32_t channel = 0; channel < channels; ++channel) {
        const int32_t factor = 2 * (vector[channel] - p->vector_zero_point);
        const int32_t constant = -p->zero_point * factor;
        for (int32_t i = channel; i < size; i += channels) {
            const int32_t doubled = rows[i] * factor + constant;
            output[i] = (int8_t)ek_ssat8(ek_smmlar(doubled, multiplier, offset + (doubled >> 31)) >> shift);
        }
    }
    if (p->clamped) {
        ek_clamp_dsp(output, size, p->low, p->high);
    }
}
