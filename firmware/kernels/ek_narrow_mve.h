/* From 32-bit sums with a fraction to int8: what linear forms end with. */
#ifndef EK_NARROW_MVE_H
#define EK_NARROW_MVE_H

#include <stdint.h>

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

/* Where the bytes of EK_NARROW_16_MVE belong. */
static inline uint8x16_t ek_narrow_places_mve(void) {
    static const uint8_t places[16] = {0, 8, 4, 12, 1, 9, 5, 13, 2, 10, 6, 14, 3, 11, 7, 15};
    return vldrbq_u8(places);
}

/* Assembly: q0 holds the values 0 to 7 and q1 8 to 15, narrowed to 16 bit as vqrshrnb and vqrshrnt of two
 * consecutive fours leave them; they are shifted, clamped and stored, and %[y] goes on. */
#define EK_NARROW_16_MVE                                                                                     \
    "vqrshl.s16 q0, %[shift]\n"                                                                              \
    "vqrshl.s16 q1, %[shift]\n"                                                                              \
    "vqmovnb.s16 q0, q0\n"                                                                                   \
    "vqmovnt.s16 q0, q1\n"                                                                                   \
    "vmax.s8 q0, q0, %q[low]\n"                                                                              \
    "vmin.s8 q0, q0, %q[high]\n"                                                                             \
    "vstrb.8 q0, [%[y], %q[places]]\n"                                                                       \
    "add %[y], #16\n"

/* Up to four values, shifted right by 16 and then by -shift. */
static inline void ek_store_four_mve(int8_t *to, int32x4_t v, int32_t shift, int32_t low, int32_t high,
                                     mve_pred16_t inside) {
    const int32x4_t value = vrshlq_n_s32(vrshrq_n_s32(v, 16), shift);
    vstrbq_p_s32(to, vminq_s32(vmaxq_s32(value, vdupq_n_s32(low)), vdupq_n_s32(high)), inside);
}

#else

#include "ek_requantize.h"

static inline int8_t ek_narrow(int32_t v, int32_t shift, int32_t low, int32_t high) {
    const int32_t whole = ((v >> 15) + 1) >> 1;
    return (int8_t)ek_clamp((whole + (1 << (shift - 1))) >> shift, low, high);
}

#endif

#endif
