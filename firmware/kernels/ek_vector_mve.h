/* Vector forms of ek_requantize.h, and sums of pixels. */
#ifndef EK_VECTOR_MVE_H
#define EK_VECTOR_MVE_H

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

/* ek_requantize_twice for shift < 0. */
static inline int32x4_t ek_requantize_mve(int32x4_t x, int32_t multiplier, int32_t shift) {
    int32x4_t high = vqrdmulhq_n_s32(x, multiplier);
    high = vqdmlahq_n_s32(high, high, 1); /* minus 1 where negative: half away from zero */
    return vrshlq_n_s32(high, shift);
}

/* Sums of eight (or fewer) neighbouring channels over pixels `step` apart in rows `row_step` apart. */
static inline void ek_sum_pixels_mve(const int8_t *x, int32_t rows, int32_t row_step, int32_t columns,
                                     int32_t step, mve_pred16_t inside, int32x4_t sums[2]) {
    int32x4_t even = vdupq_n_s32(0);
    int32x4_t odd = even;
    for (int32_t i = 0; i < rows; ++i) {
        const int8_t *at = x + i * row_step;
        for (int32_t left = columns; left > 0; left -= 256) { /* 256 x -128 fits 16 bit */
            int16x8_t part = vdupq_n_s16(0);
            for (int32_t j = left < 256 ? left : 256; j > 0; --j) {
                part = vaddq_s16(part, vldrbq_z_s16(at, inside));
                at += step;
            }
            even = vaddq_s32(even, vmovlbq_s16(part));
            odd = vaddq_s32(odd, vmovltq_s16(part));
        }
    }
    sums[0] = even; /* channels 0 2 4 6 */
    sums[1] = odd;
}

#endif

#endif
