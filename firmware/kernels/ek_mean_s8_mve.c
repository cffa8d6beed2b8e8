#include "ek_mean_s8_mve.h"

#include "ek_mean_s8.h"
#include "ek_vector_mve.h"

#if defined(__ARM_FEATURE_MVE)

static int32x4_t mean_of(const ek_mean_s8_mve_params_t *p, int32x4_t sum) {
    const int32x4_t mean = ek_requantize_mve(vaddq_n_s32(sum, p->offset), p->multiplier, p->shift);
    const int32x4_t shifted = vaddq_n_s32(mean, p->output_zero_point);
    return vminq_s32(vmaxq_s32(shifted, vdupq_n_s32(INT8_MIN)), vdupq_n_s32(INT8_MAX));
}

void ek_mean_s8_mve(const ek_mean_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t i = 0; i < p->kept_extents[0]; ++i) {
        for (int32_t j = 0; j < p->kept_extents[1]; ++j) {
            const int8_t *x = input + i * p->kept_steps[0] + j * p->kept_steps[1];
            for (int32_t left = p->kept_extents[2]; left > 0; left -= 8) {
                const mve_pred16_t inside = vctp16q((uint32_t)left);
                int32x4_t sums[2];
                ek_sum_pixels_mve(x, 1, 0, p->reduced_extents[2], p->reduced_steps[2], inside, sums);
                int16x8_t means = vdupq_n_s16(0);
                means = vmovnbq_s32(means, mean_of(p, sums[0]));
                means = vmovntq_s32(means, mean_of(p, sums[1]));
                vstrbq_p_s16(output, means, inside);
                output += left < 8 ? left : 8;
                x += 8;
            }
        }
    }
}

#else

void ek_mean_s8_mve(const ek_mean_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    ek_mean_s8(p, input, output);
}

#endif
