/* How depthwise kernels (feature "dsp") turn a sum into an output.
 *
 * Weights and bias are scaled, so that the product of a sum with the multiplier / 2^32 has 12 fraction bits;
 * the offset rounds it twice, half away from zero, and adds the zero point.
 */
#ifndef EK_DEPTHWISE_DSP_H
#define EK_DEPTHWISE_DSP_H

#include "ek_dsp.h"

typedef struct {
    int32_t scale;
    int32_t bias;
    int32_t multiplier;
    int32_t offset;
    int32_t away; /* what negative sums lack to be rounded away from zero */
} ek_depthwise_channel_t;

/* words: 64 * bias + scale, 2 to 8, and the multiplier; centre: 2 * output zero point + 1 */
static inline ek_depthwise_channel_t ek_depthwise_channel(const uint32_t *words, int32_t centre) {
    const int32_t scale = (int32_t)(words[0] & 63U);
    return (ek_depthwise_channel_t){
        .scale = scale,
        .bias = (int32_t)((uint32_t)((int32_t)words[0] >> 6) << scale),
        .multiplier = (int32_t)words[1],
        .offset = centre * (1 << 11) + (1 << (scale - 2)),
        .away = 1 << (scale - 1),
    };
}

/* Both halves of a pair of weights, scaled. */
static inline uint32_t ek_depthwise_scaled(uint32_t pair, int32_t scale) {
    return pair << scale & ~(((1U << scale) - 1) << 16);
}

/* away: 0 where no output is below the zero point */
static inline int8_t ek_depthwise_output(int32_t sum, int32_t multiplier, int32_t offset, int32_t away) {
    return (int8_t)ek_ssat8(ek_smmla(sum, multiplier, offset - (away & sum >> 31)) >> 12);
}

#endif
