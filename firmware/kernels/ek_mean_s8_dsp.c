#include "ek_mean_s8_dsp.h"

#include "ek_columns_dsp.h"
#include "ek_requantize.h"

void ek_mean_s8_dsp(const ek_mean_s8_dsp_params_t *p, const int8_t *input, int8_t *output) {
    const int32_t low = INT8_MIN - p->output_zero_point;
    const int32_t high = INT8_MAX - p->output_zero_point;
    const int32_t left = p->shift > 0 ? p->shift : 0;
    const int32_t right = p->shift < 0 ? -p->shift : 0;
    for (int32_t channel = 0; channel < p->channels; channel += 4) {
        int32_t sums[4];
        ek_column_sums_dsp(input + channel, p->rows, p->channels, sums);
        for (int32_t i = 0; i < 4; ++i) {
            const int32_t sum = ek_shift_left(sums[i] + p->offset, left);
            const int32_t mean = ek_divide_by_power(ek_multiply_high(sum, p->multiplier), right);
            output[channel + i] = (int8_t)(ek_clamp(mean, low, high) + p->output_zero_point);
        }
    }
}
