/* x * multiplier * 2^(shift - 31) in fixed point: how an int32 sum becomes an int8 output.
 *
 * multiplier is 0 or in [2^30, 2^31), shift in [-31, 30]; positive shifts left. Any int32 x is
 * allowed; a left shift or a result beyond 32 bit wraps, as it does in the reference runtimes.
 */
#ifndef EK_REQUANTIZE_H
#define EK_REQUANTIZE_H

#include <stdint.h>

_Static_assert((-1 >> 1) == -1, "edgekit needs an arithmetic right shift");

static inline int32_t ek_shift_left(int32_t x, int32_t bits) {
    return (int32_t)((uint32_t)x << (uint32_t)bits);
}

/* floor(x * multiplier / 2^31 + 1/2): gemmlowp's SaturatingRoundingDoublingHighMul for multiplier >= 0. */
static inline int32_t ek_multiply_high(int32_t x, int32_t multiplier) {
    return (int32_t)(((int64_t)x * multiplier + (1 << 30)) >> 31);
}

/* x / 2^bits to nearest, half away from zero; 0 <= bits <= 31, x > INT32_MIN. */
static inline int32_t ek_divide_by_power(int32_t x, int32_t bits) {
    if (bits == 0) {
        return x;
    }
    /* Halve last, so that the rounding never leaves 32 bit. */
    return (((x + (x >> 31)) >> (bits - 1)) + 1) >> 1;
}

/* Rounds twice: after the multiplication and after the right shift (gemmlowp). */
static inline int32_t ek_requantize_twice(int32_t x, int32_t multiplier, int32_t shift) {
    if (shift >= 0) {
        return ek_multiply_high(ek_shift_left(x, shift), multiplier);
    }
    return ek_divide_by_power(ek_multiply_high(x, multiplier), -shift);
}

/* Rounds once, half up, with a multiplier of 63 bit: multiplier + fraction / 2^32. */
static inline int32_t ek_requantize_fine(int32_t x, int32_t multiplier, uint32_t fraction, int32_t shift) {
    const int32_t total = 31 - shift;
    const int64_t high = (int64_t)x * multiplier + (((int64_t)x * fraction) >> 32);
    return (int32_t)((high + ((int64_t)1 << (total - 1))) >> total);
}

static inline int32_t ek_clamp(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

#endif
