#include "ek_fully_connected_s16.h"

void ek_fully_connected_s16(const ek_fully_connected_s16_params_t *p, const int16_t *input, int16_t *output) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const int8_t *weights = p->weights;
        for (int32_t channel = 0; channel < p->outputs; ++channel) {
            *output++ = ek_scaled_s16(&p->scale, ek_dot_s16(input, weights, p->inputs, 0), channel);
            weights += p->inputs;
        }
        input += p->inputs;
    }
}
