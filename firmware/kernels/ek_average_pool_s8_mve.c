#include "ek_average_pool_s8_mve.h"

#include "ek_average_pool_s8.h"
#include "ek_sums_mve.h"
#include "ek_window.h"

#if defined(__ARM_FEATURE_MVE)

/* sum / count, half away from zero. With inverse = 2^32 / count rounded up, the high half of the product with
 * n <= 128.5 * count is n / count rounded down: the error n * (inverse * count - 2^32) stays below 2^32. */
static int32x4_t divided(int32x4_t sum, int32_t count, uint32_t inverse) {
    if (count == 1) {
        return sum;
    }
    const uint32x4_t sizes = vreinterpretq_u32_s32(vaddq_n_s32(vabsq_s32(sum), count / 2));
    const int32x4_t quotient = vreinterpretq_s32_u32(vmulhq_u32(sizes, vdupq_n_u32(inverse)));
    return vnegq_m_s32(quotient, quotient, vcmpltq_n_s32(sum, 0));
}

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
                const uint32_t inverse = UINT32_MAX / (uint32_t)count + 1U;
                const bool solid = columns == p->input_width; /* one row after the other */
                for (int32_t left = p->channels; left > 0; left -= 16) {
                    const int32_t channels = left < 16 ? left : 16;
                    int32x4_t sums[4];
                    ek_sum_pixels16_mve(first, solid ? 1 : rows, row_size, solid ? count : columns,
                                        p->channels, channels, sums);
                    for (int32_t i = 0; i < 4; ++i) {
                        sums[i] = divided(sums[i], count, inverse);
                    }
                    ek_store_sums16_mve(output, sums, p->low, p->high, channels);
                    output += channels;
                    first += 16;
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
