/* Depthwise kernels (feature "dsp") whose words hold two neighbours of a row: channels and planes. */
#ifndef EK_DEPTHWISE_ROW_DSP_H
#define EK_DEPTHWISE_ROW_DSP_H

#include <stdbool.h>

#include "ek_depthwise_dsp.h"

enum { EK_DEPTHWISE_ROW_WORDS = 5 /* of weights */ };

/* A channel's constants, as assembly loads them. */
typedef struct {
    uint32_t weights[EK_DEPTHWISE_ROW_WORDS]; /* pairs, scaled */
    int32_t away;                             /* what negative sums lack to be rounded away from zero */
    int32_t bias;                             /* scaled */
    int32_t multiplier;
    int32_t offset;
} ek_depthwise_row_channel_t;

/* stream: 3 words, of which each holds two pairs of weights as bytes 0, 2 and 1, 3; then those of
 * ek_depthwise_channel. */
static inline void ek_depthwise_row_unpack(const uint32_t *stream, int32_t centre,
                                           ek_depthwise_row_channel_t *to) {
    const ek_depthwise_channel_t channel = ek_depthwise_channel(stream + 3, centre);
    to->weights[0] = ek_depthwise_scaled(ek_sxtb16(stream[0]), channel.scale);
    to->weights[1] = ek_depthwise_scaled(ek_sxtb16_odd(stream[0]), channel.scale);
    to->weights[2] = ek_depthwise_scaled(ek_sxtb16(stream[1]), channel.scale);
    to->weights[3] = ek_depthwise_scaled(ek_sxtb16_odd(stream[1]), channel.scale);
    to->weights[4] = ek_depthwise_scaled(ek_sxtb16(stream[2]), channel.scale);
    to->away = channel.away;
    to->bias = channel.bias;
    to->multiplier = channel.multiplier;
    to->offset = channel.offset;
}

/* One row of four channels. */
typedef struct {
    const int8_t *at;
    const int8_t *outside; /* four bytes that stand for those in the padding */
    int32_t width;
    int32_t channels; /* from pixel to pixel */
} ek_depthwise_row_t;

/* Widens `count` pairs of columns from column x on; a channel's words go to `to` at distances of `next`,
 * those of the next channel to the next plane. */
static inline void ek_depthwise_widen_row(const ek_depthwise_row_t *row, int32_t x, int32_t words,
                                          uint32_t *to, int32_t next, int32_t plane) {
    const int32_t step = row->channels;
    while (words > 0) {
        const bool inside = x >= 0 && x < row->width;
        const bool next_inside = x + 1 >= 0 && x + 1 < row->width;
        const bool both = inside && next_inside;
        const int8_t *low = inside ? row->at + x * step : row->outside;
        const int8_t *high = next_inside ? row->at + (x + 1) * step : row->outside;
        int32_t count = 1;
        if (both) {
            count = (row->width - x) / 2;
        } else if (!inside && !next_inside) {
            count = x < 0 ? -x / 2 : words;
        }
        count = count < words ? count : words;
        words -= count;
        x += 2 * count;
        for (; count > 0; --count) {
            const uint32_t a = ek_load4(low);
            const uint32_t b = ek_load4(high);
            const uint32_t first = ek_pack_low(a, b);
            const uint32_t last = ek_pack_high(a, b);
            low += both ? 2 * step : 0;
            high += both ? 2 * step : 0;
            to[0] = ek_sxtb16(first);
            to[plane] = ek_sxtb16_odd(first);
            to[2 * plane] = ek_sxtb16(last);
            to[3 * plane] = ek_sxtb16_odd(last);
            to += next;
        }
    }
}

#endif
