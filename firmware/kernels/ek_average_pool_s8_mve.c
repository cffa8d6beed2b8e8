#include "ek_average_pool_s8_mve.h"

#include "ek_average_pool_s8.h"
#include "ek_requantize.h"
#include "ek_vector_mve.h"
#include "ek_window.h"

#if defined(__ARM_FEATURE_MVE)

void ek_average_pool_s8_mve(const ek_average_pool_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    const int32_t row_size = p->input_width * p->channels;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const int32_t y = oy * p->stride_height - p->pad_top;
            const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, 1);
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                const int32_t x = ox * p->stride_width - p->pad_left;
                const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, 1);
                const int8_t *first = input + (y + ys.begin) * row_size + (x + xs.begin) * p->channels;
                const int32_t rows = ys.end - ys.begin;
                const int32_t columns = xs.end - xs.begin;
                const int32_t count = rows * columns;
                for (int32_t left = p->channels; left > 0; left -= 8) {
                    int32x4_t lanes[2];
                    int32_t sums[2][4];
                    ek_sum_pixels_mve(first, rows, row_size, columns, p->channels, vctp16q((uint32_t)left),
                                      lanes);
                    vst1q_s32(sums[0], lanes[0]);
                    vst1q_s32(sums[1], lanes[1]);
                    for (int32_t i = 0; i < 8 && i < left; ++i) {
                        const int32_t sum = sums[i % 2][i / 2];
                        const int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
                        *output++ = (int8_t)ek_clamp(mean, p->low, p->high);
                    }
                    first += 8;
                }
            }
        }
        input += p->input_height * row_size;
    }
}

#else

void ek_average_pool_s8_mve(const ek_average_pool_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    ek_average_pool_s8(p, input, output);
}

#endif
