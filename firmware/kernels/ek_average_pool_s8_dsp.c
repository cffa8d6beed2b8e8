#include "ek_average_pool_s8_dsp.h"

#include "ek_columns_dsp.h"
#include "ek_requantize.h"

void ek_average_pool_s8_dsp(const ek_average_pool_s8_dsp_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t channel = 0; channel < p->channels; channel += 4) {
            int32_t sums[4];
            ek_column_sums_dsp(input + channel, p->rows, p->channels, sums);
            for (int32_t i = 0; i < 4; ++i) {
                const int32_t half = p->rows / 2;
                const int32_t mean = (sums[i] > 0 ? sums[i] + half : sums[i] - half) / p->rows;
                *output++ = (int8_t)ek_clamp(mean, p->low, p->high);
            }
        }
        input += p->rows * p->channels;
    }
}
