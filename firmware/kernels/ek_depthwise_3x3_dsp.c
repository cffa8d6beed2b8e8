#include "ek_depthwise_3x3_dsp.h"

#include "ek_depthwise_dsp.h"
#include "ek_dsp.h"

enum {
    GROUP = EK_DEPTHWISE_3X3_GROUP,
    SLOTS = EK_DEPTHWISE_3X3_SLOTS,
    COLUMN = EK_DEPTHWISE_3X3_COLUMN,
};

static void unpack(const uint32_t *stream, int32_t centre, ek_depthwise_3x3_constants_t *to) {
    const ek_depthwise_channel_t channel = ek_depthwise_channel(stream + 3, centre);
    to->weights[0] = ek_depthwise_scaled(ek_sxtb16(stream[0]), channel.scale);
    to->weights[1] = ek_depthwise_scaled(ek_sxtb16_odd(stream[0]), channel.scale);
    to->weights[2] = ek_depthwise_scaled(ek_sxtb16(stream[1]), channel.scale);
    to->weights[3] = ek_depthwise_scaled(ek_sxtb16_odd(stream[1]), channel.scale);
    to->weights[4] = ek_depthwise_scaled(ek_sxtb16(stream[2]), channel.scale);
    to->weights[5] = ek_depthwise_scaled(ek_sxtb16_odd(stream[2]), channel.scale);
    to->bias = channel.bias;
    to->multiplier = channel.multiplier;
    to->offset = channel.offset;
    to->away = channel.away;
}

/* Where a row's bytes lie. */
typedef struct {
    const int8_t *at;
    int32_t step; /* from column to column; 0 outside */
} row_t;

/* Widens `count` columns of two rows of a group, to be found in slot 2, too, where `again`. */
static inline void fill(row_t low, row_t high, int32_t count, bool again, uint32_t *to) {
    for (; count > 0; --count) {
        const uint32_t a = ek_load4(low.at);
        const uint32_t b = ek_load4(high.at);
        const uint32_t first = ek_pack_low(a, b);
        const uint32_t last = ek_pack_high(a, b);
        const uint32_t word0 = ek_sxtb16(first);
        const uint32_t word1 = ek_sxtb16_odd(first);
        const uint32_t word2 = ek_sxtb16(last);
        const uint32_t word3 = ek_sxtb16_odd(last);
        low.at += low.step;
        high.at += high.step;
        to[0] = word0;
        to[SLOTS] = word1;
        to[2 * SLOTS] = word2;
        to[3 * SLOTS] = word3;
        if (again) {
            to[2] = word0;
            to[SLOTS + 2] = word1;
            to[2 * SLOTS + 2] = word2;
            to[3 * SLOTS + 2] = word3;
        }
        to += COLUMN;
    }
}

/* Row y of a group, or what stands for it outside. */
static row_t row_of(const ek_depthwise_3x3_params_t *p, const int8_t *input, int32_t y,
                    const int8_t *outside) {
    if (y < 0 || y >= p->input_height) {
        return (row_t){outside, 0};
    }
    return (row_t){input + y * p->input_width * p->channels, p->channels};
}

/* Four channels of one picture. */
static void run_group(const ek_depthwise_3x3_params_t *p, const ek_depthwise_3x3_constants_t *channels,
                      const int8_t *input, int8_t *output, uint32_t *x, ek_depthwise_3x3_run_t run) {
    const int32_t row_size = p->output_width * p->channels;
    const int32_t room = p->output_width + 2 - p->pad_left;
    const int32_t count = p->input_width < room ? p->input_width : room;
    const int8_t *const outside = (const int8_t *)(x + (p->output_width + 2) * COLUMN);
    uint32_t *const to = x + p->pad_left * COLUMN;
    ek_depthwise_3x3_rows_t rows = {.channels = channels,
                                    .row = row_size,
                                    .step = p->channels,
                                    .span = p->output_width / 2 * 2 * COLUMN * 4,
                                    .odd = p->output_width % 2};
    int32_t y = -p->pad_top;
    for (int32_t oy = -2; oy < p->output_height; oy += 2) {
        const bool second = (oy & 2) == 0;
        const row_t low = row_of(p, input, y, outside);
        const row_t high = row_of(p, input, y + 1, outside);
        y += 2;
        if (second) {
            fill(low, high, count, false, to + 1);
        } else {
            fill(low, high, count, true, to);
        }
        if (oy >= 0) {
            rows.x = second ? x : x + 1;
            rows.output = output;
            rows.row = oy + 1 < p->output_height ? row_size : 0;
            run(&rows);
            output += 2 * row_size;
        }
    }
}

void ek_depthwise_3x3_dsp(const ek_depthwise_3x3_params_t *p, const int8_t *input, int8_t *output,
                          void *scratch, ek_depthwise_3x3_run_t run) {
    const int32_t words = (p->output_width + 2) * COLUMN;
    const int32_t input_size = p->input_height * p->input_width * p->channels;
    const int32_t output_size = p->output_height * p->output_width * p->channels;
    const uint32_t zero_points = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    uint32_t *const x = scratch;
    for (int32_t i = 0; i < words; ++i) {
        x[i] = ek_sxtb16(zero_points);
    }
    x[words] = zero_points;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        const uint32_t *stream = p->stream;
        for (int32_t channel = 0; channel < p->channels; channel += GROUP) {
            ek_depthwise_3x3_constants_t channels[GROUP];
            for (int32_t i = 0; i < GROUP; ++i) {
                unpack(stream, p->centre, channels + i);
                stream += 5;
            }
            run_group(p, channels, input + channel, output + channel, x, run);
        }
        if (p->clamped) {
            ek_clamp_dsp(output, output_size, p->low, p->high);
        }
        input += input_size;
        output += output_size;
    }
}
