#include "ek_fully_connected_s8.h"

#include "ek_dot_s8.h"
#include "ek_requantize.h"

static int8_t output_of(const ek_fully_connected_s8_params_t *p, int32_t sum, int32_t channel) {
    const int32_t at = p->per_channel ? channel : 0;
    const int32_t scaled = p->fractions
                               ? ek_requantize_fine(sum, p->multipliers[at], p->fractions[at], p->shifts[at])
                               : ek_requantize_twice(sum, p->multipliers[at], p->shifts[at]);
    return (int8_t)(ek_clamp(scaled, p->low, p->high) + p->output_zero_point);
}

void ek_fully_connected_s8(const ek_fully_connected_s8_params_t *p, const int8_t *input, int8_t *output) {
    const int32_t offset = -p->input_zero_point;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const int8_t *weights = p->weights;
        int32_t channel = 0;
        for (; channel + 4 <= p->outputs; channel += 4) {
            int32_t sums[4];
            for (int32_t i = 0; i < 4; ++i) {
                sums[i] = p->bias ? p->bias[channel + i] : 0;
            }
            ek_dot4_s8(input, weights, p->inputs, p->inputs, offset, sums);
            for (int32_t i = 0; i < 4; ++i) {
                output[channel + i] = output_of(p, sums[i], channel + i);
            }
            weights += 4 * p->inputs;
        }
        for (; channel < p->outputs; ++channel) {
            const int32_t bias = p->bias ? p->bias[channel] : 0;
            output[channel] = output_of(p, ek_dot_s8(input, weights, p->inputs, offset, bias), channel);
            weights += p->inputs;
        }
        input += p->inputs;
        output += p->outputs;
    }
}
