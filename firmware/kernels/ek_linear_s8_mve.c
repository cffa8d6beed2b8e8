#include "ek_linear_s8_mve.h"

#include "ek_narrow_mve.h"

#if defined(__ARM_FEATURE_MVE)

static void linear_row(const ek_linear_s8_mve_params_t *p, const int8_t *x1, const int8_t *x2, int8_t *y,
                       int32_t n) {
    const int32x4_t factor1 = vdupq_n_s32(p->factor1);
    const int32_t factor2 = p->factor2;
    const int32_t offset = p->offset;
    const int32_t shift = -p->shift;
    const int8x16_t low = vdupq_n_s8((int8_t)p->low);
    const int8x16_t high = vdupq_n_s8((int8_t)p->high);
    const uint8x16_t places = ek_narrow_places_mve();
    if (n >= 16) {
        int32_t blocks = n / 16;
        n %= 16;
        __asm__ volatile(
            "dls lr, %[blocks]\n"
            "1:\n"
            ".irp half, q0, q1\n"
            "vldrb.s32 \\half, [%[x1]], #4\n"
            "vldrb.s32 q2, [%[x2]], #4\n"
            "vmlas.s32 \\half, %q[factor1], %[offset]\n"
            "vmla.s32 \\half, q2, %[factor2]\n"
            "vldrb.s32 q2, [%[x1]], #4\n"
            "vldrb.s32 q3, [%[x2]], #4\n"
            "vmlas.s32 q2, %q[factor1], %[offset]\n"
            "vmla.s32 q2, q3, %[factor2]\n"
            "vqrshrnb.s32 \\half, \\half, #16\n"
            "vqrshrnt.s32 \\half, q2, #16\n"
            ".endr\n" EK_NARROW_16_MVE "le lr, 1b\n"
            : [x1] "+l"(x1), [x2] "+l"(x2), [y] "+r"(y)
            : [blocks] "r"(blocks), [offset] "r"(offset), [factor2] "r"(factor2), [shift] "r"(shift),
              [factor1] "w"(factor1), [low] "w"(low), [high] "w"(high), [places] "w"(places)
            : "q0", "q1", "q2", "q3", "lr", "memory");
    }
    for (; n > 0; n -= 4) {
        const mve_pred16_t inside = vctp32q((uint32_t)n);
        const int32x4_t v = vmlasq_n_s32(vldrbq_z_s32(x1, inside), factor1, offset);
        ek_store_four_mve(y, vmlaq_n_s32(v, vldrbq_z_s32(x2, inside), factor2), shift, p->low, p->high,
                          inside);
        x1 += 4;
        x2 += 4;
        y += 4;
    }
}

#else

static void linear_row(const ek_linear_s8_mve_params_t *p, const int8_t *x1, const int8_t *x2, int8_t *y,
                       int32_t n) {
    for (int32_t i = 0; i < n; ++i) {
        const int32_t v = p->factor1 * x1[i] + p->factor2 * x2[i] + p->offset;
        y[i] = ek_narrow(v, p->shift, p->low, p->high);
    }
}

#endif

void ek_linear_s8_mve(const ek_linear_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                      int8_t *output) {
    const ek_walk_t *w = &p->walk;
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                linear_row(p, input1 + i * w->steps1[0] + j * w->steps1[1] + k * w->steps1[2],
                           input2 + i * w->steps2[0] + j * w->steps2[1] + k * w->steps2[2], output,
                           w->extents[3]);
                output += w->extents[3];
            }
        }
    }
}
