#include "ek_mean_s8_mve.h"

#include "ek_mean_s8.h"
#include "ek_sums_mve.h"

#if defined(__ARM_FEATURE_MVE)

/* ek_requantize_twice, and the zero point. */
static int32x4_t mean_of(const ek_mean_s8_mve_params_t *p, int32x4_t sum) {
    const int32x4_t shifted = vshlq_r_s32(vaddq_n_s32(sum, p->offset), p->shift > 0 ? p->shift : 0);
    int32x4_t high = vqrdmulhq_n_s32(shifted, p->multiplier);
    if (p->shift < 0) {
        high = vrshlq_n_s32(vqdmlahq_n_s32(high, high, 1), p->shift); /* minus 1 where negative */
    }
    return vaddq_n_s32(high, p->output_zero_point);
}

void ek_mean_s8_mve(const ek_mean_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t i = 0; i < p->kept_extents[0]; ++i) {
        for (int32_t j = 0; j < p->kept_extents[1]; ++j) {
            const int8_t *x = input + i * p->kept_steps[0] + j * p->kept_steps[1];
            for (int32_t left = p->kept_extents[2]; left > 0; left -= 16) {
                const int32_t channels = left < 16 ? left : 16;
                int32x4_t sums[4];
                ek_sum_pixels16_mve(x, 1, 0, p->reduced_extents[2], p->reduced_steps[2], channels, sums);
                for (int32_t n = 0; n < 4; ++n) {
                    sums[n] = mean_of(p, sums[n]);
                }
                ek_store_sums16_mve(output, sums, INT8_MIN, INT8_MAX, channels);
                output += channels;
                x += 16;
            }
        }
    }
}

#else

void ek_mean_s8_mve(const ek_mean_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    ek_mean_s8(p, input, output);
}

#endif
