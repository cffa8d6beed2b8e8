/* The SIMD instructions of Armv7E-M and Armv8-M (feature "dsp") that kernels use, and what they compute
 * elsewhere.
 *
 * A word holds two signed halfwords or four bytes, the first in its low bits, as in little-endian memory.
 */
#ifndef EK_DSP_H
#define EK_DSP_H

#include <stdint.h>
#include <string.h>

static inline uint32_t ek_load4(const int8_t *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static inline void ek_store4(int8_t *to, uint32_t word) {
    memcpy(to, &word, sizeof word);
}

#if defined(__ARM_FEATURE_DSP)

/* On a parameter that only assembly reads. */
#define EK_UNUSED __attribute__((unused))

/* sum + a.low * b.low + a.high * b.high, modulo 2^32 */
static inline int32_t ek_smlad(uint32_t a, uint32_t b, int32_t sum) {
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* bytes 0 and 2, sign-extended */
static inline uint32_t ek_sxtb16(uint32_t x) {
    uint32_t result;
    __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(x));
    return result;
}

/* bytes 1 and 3, sign-extended */
static inline uint32_t ek_sxtb16_odd(uint32_t x) {
    uint32_t result;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(x));
    return result;
}

/* sum + bytes 0 and 2 of x, each modulo 2^16 */
static inline uint32_t ek_sxtab16(uint32_t sum, uint32_t x) {
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2" : "=r"(result) : "r"(sum), "r"(x));
    return result;
}

/* sum + bytes 1 and 3 of x */
static inline uint32_t ek_sxtab16_odd(uint32_t sum, uint32_t x) {
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(sum), "r"(x));
    return result;
}

/* bytes 0 and 1 of a, then those of b */
static inline uint32_t ek_pack_low(uint32_t a, uint32_t b) {
    uint32_t result;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

/* bytes 2 and 3 of a, then those of b */
static inline uint32_t ek_pack_high(uint32_t a, uint32_t b) {
    uint32_t result;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(result) : "r"(b), "r"(a));
    return result;
}

/* sum + floor(a * b / 2^32) */
static inline int32_t ek_smmla(int32_t a, int32_t b, int32_t sum) {
    int32_t result;
    __asm__("smmla %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* sum + floor(a * b / 2^32 + 1/2) */
static inline int32_t ek_smmlar(int32_t a, int32_t b, int32_t sum) {
    int32_t result;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* x, limited to int8 */
static inline int32_t ek_ssat8(int32_t x) {
    int32_t result;
    __asm__("ssat %0, #8, %1" : "=r"(result) : "r"(x));
    return result;
}

/* the greater of each pair of signed bytes */
static inline uint32_t ek_max4(uint32_t a, uint32_t b) {
    uint32_t result;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(result) : "r"(a), "r"(b) : "cc");
    return result;
}

/* the lesser of each pair of signed bytes */
static inline uint32_t ek_min4(uint32_t a, uint32_t b) {
    uint32_t result;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(result) : "r"(a), "r"(b) : "cc");
    return result;
}

#else

static inline int32_t ek_smlad(uint32_t a, uint32_t b, int32_t sum) {
    const int32_t low = (int16_t)(a & 0xFFFFU) * (int16_t)(b & 0xFFFFU);
    const int32_t high = (int16_t)(a >> 16) * (int16_t)(b >> 16);
    return (int32_t)((uint32_t)sum + (uint32_t)low + (uint32_t)high);
}

static inline uint32_t ek_sxtb16(uint32_t x) {
    const uint32_t low = (uint32_t)(int8_t)(x & 0xFFU) & 0xFFFFU;
    return low | (uint32_t)(int8_t)(x >> 16 & 0xFFU) << 16;
}

static inline uint32_t ek_sxtb16_odd(uint32_t x) {
    return ek_sxtb16(x >> 8);
}

static inline uint32_t ek_sxtab16(uint32_t sum, uint32_t x) {
    const uint32_t wide = ek_sxtb16(x);
    return ((sum + wide) & 0xFFFFU) | ((sum & 0xFFFF0000U) + (wide & 0xFFFF0000U));
}

static inline uint32_t ek_sxtab16_odd(uint32_t sum, uint32_t x) {
    return ek_sxtab16(sum, x >> 8);
}

static inline uint32_t ek_pack_low(uint32_t a, uint32_t b) {
    return (a & 0xFFFFU) | b << 16;
}

static inline uint32_t ek_pack_high(uint32_t a, uint32_t b) {
    return a >> 16 | (b & 0xFFFF0000U);
}

static inline int32_t ek_smmla(int32_t a, int32_t b, int32_t sum) {
    return (int32_t)(sum + (((int64_t)a * b) >> 32));
}

static inline int32_t ek_smmlar(int32_t a, int32_t b, int32_t sum) {
    return (int32_t)(sum + (((int64_t)a * b + ((int64_t)1 << 31)) >> 32));
}

static inline int32_t ek_ssat8(int32_t x) {
    return x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x;
}

static inline uint32_t ek_max4(uint32_t a, uint32_t b) {
    uint32_t result = 0;
    for (uint32_t i = 0; i < 32; i += 8) {
        result |= ((int8_t)(a >> i & 0xFFU) > (int8_t)(b >> i & 0xFFU) ? a : b) & 0xFFU << i;
    }
    return result;
}

static inline uint32_t ek_min4(uint32_t a, uint32_t b) {
    uint32_t result = 0;
    for (uint32_t i = 0; i < 32; i += 8) {
        result |= ((int8_t)(a >> i & 0xFFU) < (int8_t)(b >> i & 0xFFU) ? a : b) & 0xFFU << i;
    }
    return result;
}

#endif

/* How a channel's sum becomes its output; the word `bias_shift` is 64 * bias + shift.
 *
 * 2 (sum + bias) x multiplier / 2^32 rounds once; the shift, 1 to 22, rounds again. Adding
 * 2^(shift - 1) less one for negative sums is to nearest, half away from zero.
 */
typedef struct {
    int32_t bias_shift;
    int32_t multiplier;
} ek_channel_dsp_t;

/* doubled: 2 sum; centre: 2 x output zero point + 1. */
static inline int8_t ek_requantize_dsp(int32_t doubled, const ek_channel_dsp_t *channel, int32_t centre) {
    const int32_t shift = channel->bias_shift & 31;
    const int32_t x = doubled + (channel->bias_shift >> 5);
    const int32_t offset = (int32_t)((uint32_t)centre << shift) >> 1;
    return (int8_t)ek_ssat8(ek_smmlar(x, channel->multiplier, offset + (x >> 31)) >> shift);
}

/* The same with one rounding, half up. */
static inline int8_t ek_requantize_once_dsp(int32_t doubled, const ek_channel_dsp_t *channel,
                                            int32_t centre) {
    const int32_t shift = channel->bias_shift & 31;
    const int32_t x = doubled + (channel->bias_shift >> 5);
    const int32_t offset = (int32_t)((uint32_t)centre << shift) >> 1;
    return (int8_t)ek_ssat8(ek_smmla(x, channel->multiplier, offset) >> shift);
}

/* Limits n bytes to [low, high]. */
static inline void ek_clamp_dsp(int8_t *x, int32_t n, int32_t low, int32_t high) {
    const uint32_t lows = (uint32_t)(low & 0xFF) * 0x01010101U;
    const uint32_t highs = (uint32_t)(high & 0xFF) * 0x01010101U;
    for (; n >= 4; n -= 4) {
        ek_store4(x, ek_min4(ek_max4(ek_load4(x), lows), highs));
        x += 4;
    }
    for (; n > 0; --n, ++x) {
        *x = (int8_t)(*x < low ? low : *x > high ? high : *x);
    }
}

#endif
