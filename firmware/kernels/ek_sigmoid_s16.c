#include "ek_sigmoid_s16.h"

#include "ek_sigmoid.h"

void ek_sigmoid_s16(const ek_sigmoid_s16_params_t *p, const int16_t *input, int16_t *output) {
    const int32_t half = p->shift > 0 ? 1 << (p->shift - 1) : 0;
    for (int32_t i = 0; i < p->count; ++i) {
        const int32_t x = (input[i] * p->multiplier + half) >> p->shift;
        output[i] = p->tanh ? ek_tanh_of(x) : ek_logistic_of(x);
    }
}
