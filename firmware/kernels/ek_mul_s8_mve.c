#include "ek_mul_s8_mve.h"

#include "ek_mul_s8.h"
#include "ek_vector_mve.h"

#if defined(__ARM_FEATURE_MVE)

static void mul_row(const ek_mul_s8_mve_params_t *p, const int8_t *x1, const int8_t *x2, int8_t *output,
                    int32_t n) {
    const int32x4_t low = vdupq_n_s32(p->low);
    const int32x4_t high = vdupq_n_s32(p->high);
    const int32_t zero_point1 = p->zero_point1;
    const int32_t zero_point2 = p->zero_point2;
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t output_zero_point = p->output_zero_point;
    for (; n > 0; n -= 4) {
        const mve_pred16_t inside = vctp32q((uint32_t)n);
        const int32x4_t a = vsubq_n_s32(vldrbq_z_s32(x1, inside), zero_point1);
        const int32x4_t b = vsubq_n_s32(vldrbq_z_s32(x2, inside), zero_point2);
        const int32x4_t scaled = ek_requantize_mve(vmulq_s32(a, b), multiplier, shift);
        const int32x4_t clamped = vminq_s32(vmaxq_s32(scaled, low), high);
        vstrbq_p_s32(output, vaddq_n_s32(clamped, output_zero_point), inside);
        x1 += 4;
        x2 += 4;
        output += 4;
    }
}

void ek_mul_s8_mve(const ek_mul_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output) {
    const ek_walk_t *w = &p->walk;
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                const int8_t *x1 = input1 + i * w->steps1[0] + j * w->steps1[1] + k * w->steps1[2];
                const int8_t *x2 = input2 + i * w->steps2[0] + j * w->steps2[1] + k * w->steps2[2];
                mul_row(p, x1, x2, output, w->extents[3]);
                output += w->extents[3];
            }
        }
    }
}

#else

void ek_mul_s8_mve(const ek_mul_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output) {
    ek_mul_s8(p, input1, input2, output);
}

#endif
