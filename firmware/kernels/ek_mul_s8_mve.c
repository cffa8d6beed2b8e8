#include "ek_mul_s8_mve.h"

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>
#include <stdbool.h>

/* Products of even lanes in q0 and of odd ones in q1 become outputs in q0. */
#define REQUANTIZE(FIX, CLAMP)                                                                               \
    "vqrdmulh.s32 q0, q0, %[multiplier]\n"                                                                   \
    "vqrdmulh.s32 q1, q1, %[multiplier]\n" FIX "vrshl.s32 q0, %[shift]\n"                                    \
    "vrshl.s32 q1, %[shift]\n"                                                                               \
    "vqmovnb.s32 q0, q0\n"                                                                                   \
    "vqmovnt.s32 q0, q1\n"                                                                                   \
    "vqadd.s16 q0, q0, %q[point]\n" CLAMP

#define CLAMPED                                                                                              \
    "vmax.s16 q0, q0, %q[low]\n"                                                                             \
    "vmin.s16 q0, q0, %q[high]\n"

#define SATURATED "vqmovnb.s16 q0, q0\n"

/* Half rounds away from zero; where fix is 0, up. */
#define AWAY_FROM_ZERO                                                                                       \
    "vqdmlah.s32 q0, q0, %[fix]\n"                                                                           \
    "vqdmlah.s32 q1, q1, %[fix]\n"

/* Rows of up to eight values times one row. */
#define MUL_ROWS(LOAD, FIX, CLAMP, STORE)                                                                    \
    __asm__ volatile(                                                                                        \
        "vmsr p0, %[inside]\n"                                                                               \
        "dls lr, %[rows]\n"                                                                                  \
        "1:\n" LOAD " q1, [%[from]]\n"                                                                       \
        "add %[from], %[step]\n"                                                                             \
        "vadd.i16 q1, q1, %q[minus1]\n"                                                                      \
        "vmullb.s16 q0, q1, %q[gate]\n"                                                                      \
        "vmullt.s16 q1, q1, %q[gate]\n" REQUANTIZE(FIX, CLAMP) STORE " q0, [%[to]]\n"                        \
                                                                     "add %[to], %[n]\n"                     \
                                                                     "le lr, 1b\n"                           \
        : [from] "+l"(from), [to] "+l"(to)                                                                   \
        : [inside] "r"(inside), [rows] "r"(rows), [step] "r"(step), [n] "r"(n), [minus1] "w"(minus1),        \
          [multiplier] "r"(p->multiplier), [shift] "r"(p->shift), [point] "w"(point), [fix] "r"(p->fix),     \
          [gate] "w"(gate), [low] "w"(low), [high] "w"(high)                                                 \
        : "q0", "q1", "lr", "p0", "memory")

static void mul_rows(const ek_mul_s8_mve_params_t *p, const int8_t *x1, int32_t step, const int8_t *x2,
                     int8_t *y, int32_t rows, int32_t n) {
    const int16x8_t low = vdupq_n_s16((int16_t)p->low);
    const int16x8_t high = vdupq_n_s16((int16_t)p->high);
    const int16x8_t minus1 = vdupq_n_s16((int16_t)-p->zero_point1);
    const int16x8_t point = vdupq_n_s16((int16_t)p->output_zero_point);
    const bool saturated = !p->fix && p->low == INT8_MIN && p->high == INT8_MAX;
    for (int32_t left = n; left > 0; left -= 8) {
        const mve_pred16_t inside = vctp16q((uint32_t)left);
        const int16x8_t gate = vsubq_n_s16(vldrbq_z_s16(x2, inside), (int16_t)p->zero_point2);
        const int8_t *from = x1;
        int8_t *to = y;
        if (saturated && left >= 8) {
            MUL_ROWS("vldrb.s16", "", SATURATED, "vstrb.16");
        } else {
            MUL_ROWS("vpst\nvldrbt.s16", AWAY_FROM_ZERO, CLAMPED, "vpst\nvstrbt.16");
        }
        x1 += 8;
        x2 += 8;
        y += 8;
    }
}

static void mul_row(const ek_mul_s8_mve_params_t *p, const int8_t *x1, const int8_t *x2, int8_t *y,
                    int32_t n) {
    const int16x8_t low = vdupq_n_s16((int16_t)p->low);
    const int16x8_t high = vdupq_n_s16((int16_t)p->high);
    const int16x8_t minus1 = vdupq_n_s16((int16_t)-p->zero_point1);
    const int16x8_t point = vdupq_n_s16((int16_t)p->output_zero_point);
    const int32_t minus2 = -p->zero_point2;
    const int32_t blocks = (n + 7) / 8;
    int32_t left = n;
    __asm__ volatile(
        "dls lr, %[blocks]\n"
        "1:\n"
        "vctp.16 %[left]\n"
        "sub %[left], #8\n"
        "vpstt\n"
        "vldrbt.s16 q1, [%[x1]], #8\n"
        "vldrbt.s16 q2, [%[x2]], #8\n"
        "vadd.i16 q1, q1, %q[minus1]\n"
        "vadd.i16 q2, q2, %[minus2]\n"
        "vmullb.s16 q0, q1, q2\n"
        "vmullt.s16 q1, q1, q2\n" REQUANTIZE(AWAY_FROM_ZERO, CLAMPED) "vpst\n"
                                                                      "vstrbt.16 q0, [%[y]], #8\n"
                                                                      "le lr, 1b\n"
        : [x1] "+l"(x1), [x2] "+l"(x2), [y] "+l"(y), [left] "+r"(left)
        : [blocks] "r"(blocks), [minus1] "w"(minus1), [minus2] "r"(minus2), [multiplier] "r"(p->multiplier),
          [shift] "r"(p->shift), [point] "w"(point), [fix] "r"(p->fix), [low] "w"(low), [high] "w"(high)
        : "q0", "q1", "q2", "lr", "p0", "memory");
}

#else

#include "ek_requantize.h"

static void mul_row(const ek_mul_s8_mve_params_t *p, const int8_t *x1, const int8_t *x2, int8_t *y,
                    int32_t n) {
    for (int32_t i = 0; i < n; ++i) {
        const int32_t product = (x1[i] - p->zero_point1) * (x2[i] - p->zero_point2);
        int32_t high = ek_multiply_high(product, p->multiplier);
        high += p->fix && high < 0 ? -1 : 0;
        const int32_t half_up = ((high >> (-p->shift - 1)) + 1) >> 1;
        y[i] = (int8_t)ek_clamp(half_up + p->output_zero_point, p->low, p->high);
    }
}

static void mul_rows(const ek_mul_s8_mve_params_t *p, const int8_t *x1, int32_t step, const int8_t *x2,
                     int8_t *y, int32_t rows, int32_t n) {
    for (int32_t row = 0; row < rows; ++row) {
        mul_row(p, x1 + row * step, x2, y + row * n, n);
    }
}

#endif

void ek_mul_s8_mve(const ek_mul_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                   int8_t *output) {
    const ek_walk_t *w = &p->walk;
    for (int32_t i = 0; i < w->extents[0]; ++i) {
        for (int32_t j = 0; j < w->extents[1]; ++j) {
            const int8_t *x1 = input1 + i * w->steps1[0] + j * w->steps1[1];
            const int8_t *x2 = input2 + i * w->steps2[0] + j * w->steps2[1];
            if (w->steps2[2] == 0) {
                mul_rows(p, x1, w->steps1[2], x2, output, w->extents[2], w->extents[3]);
                output += w->extents[2] * w->extents[3];
                continue;
            }
            for (int32_t k = 0; k < w->extents[2]; ++k) {
                mul_row(p, x1 + k * w->steps1[2], x2 + k * w->steps2[2], output, w->extents[3]);
                output += w->extents[3];
            }
        }
    }
}
