/* Sums of int8 values times 32-bit factors (feature "dsp"), on four bytes of a word.
 *
 * A term is floor(factor * x / 2^8), an output the sum of its terms / 2^20, limited to int8.
 */
#ifndef EK_LINEAR_DSP_H
#define EK_LINEAR_DSP_H

#include "ek_dsp.h"

/* A word's four bytes x, each as 256 * x in a halfword: bytes 0 and 2, then 1 and 3. */
typedef struct {
    uint32_t even;
    uint32_t odd;
} ek_wide_t;

static inline ek_wide_t ek_wide(uint32_t word) {
    const uint32_t high = 0xFF00FF00U;
    return (ek_wide_t){word << 8 & high, word & high};
}

#if defined(__ARM_FEATURE_DSP)

/* sum + the term of the low, or the high, halfword of 256 * x */
static inline int32_t ek_term_low(int32_t factor, uint32_t x, int32_t sum) {
    int32_t result;
    __asm__("smlawb %0, %1, %2, %3" : "=r"(result) : "r"(factor), "r"(x), "r"(sum));
    return result;
}

static inline int32_t ek_term_high(int32_t factor, uint32_t x, int32_t sum) {
    int32_t result;
    __asm__("smlawt %0, %1, %2, %3" : "=r"(result) : "r"(factor), "r"(x), "r"(sum));
    return result;
}

static inline int8_t ek_linear_output(int32_t sum) {
    int32_t result;
    __asm__("ssat %0, #8, %1, asr #20" : "=r"(result) : "r"(sum));
    return (int8_t)result;
}

#else

static inline int32_t ek_term_high(int32_t factor, uint32_t x, int32_t sum) {
    return (int32_t)(sum + (((int64_t)factor * ((int32_t)x >> 16)) >> 16));
}

static inline int32_t ek_term_low(int32_t factor, uint32_t x, int32_t sum) {
    return ek_term_high(factor, x << 16, sum);
}

static inline int8_t ek_linear_output(int32_t sum) {
    return (int8_t)ek_ssat8(sum >> 20);
}

#endif
#endif
