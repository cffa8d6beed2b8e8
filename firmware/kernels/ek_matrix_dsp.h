/* How the matrix kernels of feature "dsp" read weights and make outputs of sums.
 *
 * Two channels share halfwords of packed weights: 256 * w1 + w0. One multiplication of such a word gives
 * 256 * S1 + S0, another of its low bytes, which SXTB16 widens, S0.
 *
 * A channel has two words of constants: 512 * bias + shift - 1, and its multiplier. With
 * x = 2 (sum + bias) the output is x * multiplier / 2^32, rounded, / 2^shift, rounded, + zero point.
 */
#ifndef EK_MATRIX_DSP_H
#define EK_MATRIX_DSP_H

#include "ek_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* Assembly that turns sums of one channel into outputs: the word of bias and shift in `word`, the
 * multiplier in `multiplier`, 2 * bias in r1, the offset in r2. */

/* r1 and r2 of a channel; lr holds 2 * zero point + 1. */
#define EK_MATRIX_CHANNEL(word)                                                                              \
    "asr r1, " word ", #8\n"                                                                                 \
    "lsl r2, lr, " word "\n"

/* x; `scale` is "lsl #1" where the sum is plain, "asr #7" where it is 256 times that. */
#define EK_MATRIX_BIAS(sum, scale) "add " sum ", r1, " sum ", " scale "\n"

/* x >= 0, or what is below the zero point is limited to it: to nearest, twice. */
#define EK_MATRIX_RECTIFIED(sum, word, multiplier)                                                           \
    "smmlar " sum ", " sum ", " multiplier ", r2\n"                                                          \
    "asr " sum ", " sum ", " word "\n"                                                                       \
    "ssat " sum ", #8, " sum ", asr #1\n"

/* To nearest, then to nearest, half away from zero. r1 is lost. */
#define EK_MATRIX_TWICE(sum, word, multiplier)                                                               \
    "add r1, r2, " sum ", asr #31\n"                                                                         \
    "smmlar " sum ", " sum ", " multiplier ", r1\n"                                                          \
    "asr " sum ", " sum ", " word "\n"                                                                       \
    "ssat " sum ", #8, " sum ", asr #1\n"

/* To nearest, once. */
#define EK_MATRIX_ONCE(sum, word, multiplier)                                                                \
    "smmla " sum ", " sum ", " multiplier ", r2\n"                                                           \
    "asr " sum ", " sum ", " word "\n"                                                                       \
    "ssat " sum ", #8, " sum ", asr #1\n"

#endif

typedef enum { EK_MATRIX_RECTIFY = 0, EK_MATRIX_ROUND_TWICE = 1, EK_MATRIX_ROUND_ONCE = 2 } ek_matrix_t;

/* doubled: 2 sum; centre: 2 * zero point + 1. */
static inline int8_t ek_matrix_output(int32_t doubled, const uint32_t constants[2], int32_t centre,
                                      int32_t rounding) {
    const uint32_t shift = constants[0] & 0xFFU;
    const int32_t x = doubled + ((int32_t)constants[0] >> 8);
    const int32_t offset = (int32_t)((uint32_t)centre << shift);
    const int32_t multiplier = (int32_t)constants[1];
    const int32_t y = rounding == EK_MATRIX_ROUND_ONCE    ? ek_smmla(x, multiplier, offset)
                      : rounding == EK_MATRIX_ROUND_TWICE ? ek_smmlar(x, multiplier, offset + (x >> 31))
                                                          : ek_smmlar(x, multiplier, offset);
    return (int8_t)ek_ssat8(y >> (shift + 1));
}

#endif
