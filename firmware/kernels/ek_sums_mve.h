/* Sums of pixels, sixteen neighbouring channels at once. */
#ifndef EK_SUMS_MVE_H
#define EK_SUMS_MVE_H

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

/* Adds `count` <= 256 values per channel to 16-bit sums: 256 x -128 fits. */
static inline void ek_add_pixels_mve(const int8_t *x, int32_t step, int32_t count, mve_pred16_t inside0,
                                     mve_pred16_t inside1, int16x8_t part[2]) {
    int16x8_t part0 = vdupq_n_s16(0);
    int16x8_t part1 = part0;
    if (inside1 == 0xFFFF) {
        __asm__("dls lr, %[count]\n"
                "1:\n"
                "vldrb.s16 q0, [%[x]]\n"
                "vldrb.s16 q1, [%[x], #8]\n"
                "add %[x], %[step]\n"
                "vadd.i16 %q[part0], %q[part0], q0\n"
                "vadd.i16 %q[part1], %q[part1], q1\n"
                "le lr, 1b\n"
                : [x] "+l"(x), [part0] "+w"(part0), [part1] "+w"(part1)
                : [step] "r"(step), [count] "r"(count)
                : "q0", "q1", "lr", "memory");
    } else if (inside0 == 0xFFFF && inside1 == 0) {
        __asm__("dls lr, %[count]\n"
                "1:\n"
                "vldrb.s16 q0, [%[x]]\n"
                "add %[x], %[step]\n"
                "vadd.i16 %q[part0], %q[part0], q0\n"
                "le lr, 1b\n"
                : [x] "+l"(x), [part0] "+w"(part0)
                : [step] "r"(step), [count] "r"(count)
                : "q0", "lr", "memory");
    } else {
        for (int32_t i = 0; i < count; ++i) {
            part0 = vaddq_s16(part0, vldrbq_z_s16(x, inside0));
            part1 = vaddq_s16(part1, vldrbq_z_s16(x + 8, inside1));
            x += step;
        }
    }
    part[0] = part0;
    part[1] = part1;
}

/* Sums of the first `channels` of sixteen over `columns` > 0 pixels `step` apart in rows `row_step` apart:
 * channels 0 2 4 6, 1 3 5 7, 8 10 12 14, 9 11 13 15. */
static inline void ek_sum_pixels16_mve(const int8_t *x, int32_t rows, int32_t row_step, int32_t columns,
                                       int32_t step, int32_t channels, int32x4_t sums[4]) {
    const mve_pred16_t inside0 = vctp16q((uint32_t)channels);
    const mve_pred16_t inside1 = vctp16q((uint32_t)(channels > 8 ? channels - 8 : 0));
    for (int32_t i = 0; i < 4; ++i) {
        sums[i] = vdupq_n_s32(0);
    }
    for (int32_t i = 0; i < rows; ++i) {
        const int8_t *at = x + i * row_step;
        for (int32_t left = columns; left > 0; left -= 256) {
            int16x8_t part[2];
            ek_add_pixels_mve(at, step, left < 256 ? left : 256, inside0, inside1, part);
            sums[0] = vaddq_s32(sums[0], vmovlbq_s16(part[0]));
            sums[1] = vaddq_s32(sums[1], vmovltq_s16(part[0]));
            sums[2] = vaddq_s32(sums[2], vmovlbq_s16(part[1]));
            sums[3] = vaddq_s32(sums[3], vmovltq_s16(part[1]));
            at += 256 * step;
        }
    }
}

/* Stores the first `channels` of sixteen 32-bit values in the order of the sums, clamped. */
static inline void ek_store_sums16_mve(int8_t *to, const int32x4_t values[4], int32_t low, int32_t high,
                                       int32_t channels) {
    for (int32_t i = 0; i < 2; ++i) {
        const int16x8_t even = vqmovnbq_s32(vdupq_n_s16(0), values[2 * i]);
        const int16x8_t both = vqmovntq_s32(even, values[2 * i + 1]);
        const int16x8_t made =
            vminq_s16(vmaxq_s16(both, vdupq_n_s16((int16_t)low)), vdupq_n_s16((int16_t)high));
        const int32_t left = channels - 8 * i;
        vstrbq_p_s16(to + 8 * i, made, vctp16q((uint32_t)(left > 0 ? left : 0)));
    }
}

#endif

#endif
