#include "ek_depthwise_conv2d_s8_dsp.h"

#include "ek_dsp.h"

enum { CHANNELS = 4, WINDOW = 32 /* most words of a window */ };

/* Where four channels' bytes of one half of a pair lie. */
typedef struct {
    const int8_t *at;
    int32_t step; /* to the next word's */
} half_t;

/* Where planes are written. */
typedef struct {
    uint32_t *to;
    int32_t plane; /* from channel to channel, in words */
    int32_t step;
} planes_t;

static void fill(planes_t *planes, half_t low, half_t high, int32_t count) {
    uint32_t *to = planes->to;
    const int32_t plane = planes->plane;
    for (int32_t i = 0; i < count; ++i) {
        const uint32_t a = ek_load4(low.at);
        const uint32_t b = ek_load4(high.at);
        const uint32_t first = ek_pack_low(a, b);
        const uint32_t last = ek_pack_high(a, b);
        low.at += low.step;
        high.at += high.step;
        to[0] = ek_sxtb16(first);
        to[plane] = ek_sxtb16_odd(first);
        to[2 * plane] = ek_sxtb16(last);
        to[3 * plane] = ek_sxtb16_odd(last);
        to += planes->step;
    }
    planes->to = to;
}

static int32_t limited(int32_t x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : x;
}

/* Columns of pairs of rows, from row y and column x on. */
static void fill_columns(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *input, int32_t y,
                         int32_t x, int32_t columns, uint32_t *scratch, int32_t plane) {
    const half_t outside = {(const int8_t *)(scratch + CHANNELS * plane), 0};
    const int32_t row_size = p->input_width * p->channels;
    const int32_t begin = limited(-x, 0, columns);
    const int32_t end = limited(p->input_width - x, begin, columns);
    for (int32_t pair = 0; pair < p->pairs; ++pair, y += 2) {
        planes_t planes = {scratch + pair, plane, p->pairs};
        half_t low = outside;
        half_t high = outside;
        fill(&planes, outside, outside, begin);
        if (y >= 0 && y < p->input_height) {
            low = (half_t){input + y * row_size + (x + begin) * p->channels, p->channels};
        }
        if (y + 1 >= 0 && y + 1 < p->input_height) {
            high = (half_t){input + (y + 1) * row_size + (x + begin) * p->channels, p->channels};
        }
        fill(&planes, low, high, end - begin);
        fill(&planes, outside, outside, columns - end);
    }
}

/* Pairs of columns of one row, from column x on. */
static void fill_row(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *row, int32_t x,
                     int32_t words, uint32_t *scratch, int32_t plane) {
    const half_t outside = {(const int8_t *)(scratch + CHANNELS * plane), 0};
    planes_t planes = {scratch, plane, 1};
    for (int32_t i = 0; i < words;) {
        half_t low = outside;
        half_t high = outside;
        int32_t count = 1;
        if (x >= 0 && x < p->input_width) {
            low = (half_t){row + x * p->channels, 2 * p->channels};
        }
        if (x + 1 >= 0 && x + 1 < p->input_width) {
            high = (half_t){row + (x + 1) * p->channels, 2 * p->channels};
        }
        if (low.step && high.step) {
            count = limited((p->input_width - x) / 2, 1, words - i);
        }
        fill(&planes, low, high, count);
        i += count;
        x += 2 * count;
    }
}

/* One channel's outputs of `count` windows. */
static inline void run(const uint32_t *x, int32_t step, const uint32_t *w, int32_t window, int32_t count,
                       const ek_channel_dsp_t *channel, int32_t centre, int8_t *output, int32_t output_step) {
    const int32_t shift = channel->bias_shift & 31;
    const int32_t bias = channel->bias_shift >> 5;
    const int32_t offset = (int32_t)((uint32_t)centre << shift) >> 1;
    const int32_t multiplier = channel->multiplier;
    for (int32_t i = 0; i < count; ++i) {
        int32_t sum = 0;
        for (int32_t k = 0; k < window; ++k) {
            sum = ek_smlad(x[k], w[k], sum);
        }
        sum = 2 * sum + bias;
        *output = (int8_t)ek_ssat8(ek_smmlar(sum, multiplier, offset + (sum >> 31)) >> shift);
        output += output_step;
        x += step;
    }
}

/* As `run`, with the sizes of windows that are common held in registers. */
static void run_any(const uint32_t *x, int32_t step, const uint32_t *w, int32_t window, int32_t count,
                    const ek_channel_dsp_t *channel, int32_t centre, int8_t *output, int32_t output_step) {
    if (window == 6) {
        run(x, step, w, 6, count, channel, centre, output, output_step);
    } else if (window == 5) {
        run(x, step, w, 5, count, channel, centre, output, output_step);
    } else {
        run(x, step, w, window, count, channel, centre, output, output_step);
    }
}

/* Weights of both outputs of a window. */
static void expand(const uint32_t *stream, int32_t window, int32_t pairs, uint32_t *first, uint32_t *second) {
    for (int32_t i = 0; i < window; ++i) {
        const uint32_t packed = stream[i / 2];
        first[i] = i % 2 == 0 ? ek_sxtb16(packed) : ek_sxtb16_odd(packed);
    }
    int32_t top = 0;
    for (int32_t i = 0; i < window; ++i) {
        second[i] = first[i] << 16 | (top == 0 ? 0 : first[i - 1] >> 16);
        top = top + 1 == pairs ? 0 : top + 1;
    }
}

void ek_depthwise_conv2d_s8_dsp(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *input,
                                int8_t *output, void *scratch) {
    uint32_t *x = scratch;
    const int32_t plane = (p->tile - 1) * p->step + p->window;
    const int32_t channels = p->channels;
    const int32_t row_size = p->output_width * channels;
    const int32_t words = (p->window + 1) / 2;
    const int32_t rows = p->both && !p->along ? 2 : 1;
    const int32_t columns = p->both && p->along ? 2 : 1;
    x[CHANNELS * plane] = (uint32_t)(p->input_zero_point & 0xFF) * 0x01010101U;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; oy += rows) {
            for (int32_t ox = 0; ox < p->output_width; ox += p->tile * columns) {
                const int32_t y = oy * p->stride_height - p->pad_top;
                const int32_t left = ox * p->stride_width - p->pad_left;
                const int32_t first = limited((p->output_width - ox + columns - 1) / columns, 0, p->tile);
                /* Windows whose second output exists. */
                const int32_t second = p->along ? limited((p->output_width - ox) / 2, 0, p->tile)
                                       : oy + 1 < p->output_height ? first
                                                                   : 0;
                const uint32_t *stream = p->stream;
                for (int32_t channel = 0; channel < channels; channel += CHANNELS) {
                    int8_t *to = output + oy * row_size + ox * channels + channel;
                    if (p->along) {
                        const int8_t *row = input + y * p->input_width * channels + channel;
                        fill_row(p, row, left, (first - 1) * p->step + p->window, x, plane);
                    } else {
                        fill_columns(p, input + channel, y, left,
                                     (first - 1) * p->stride_width + p->kernel_width, x, plane);
                    }
                    for (int32_t i = 0; i < CHANNELS; ++i) {
                        uint32_t w[2][WINDOW];
                        expand(stream, p->window, p->along ? p->window : p->pairs, w[0], w[1]);
                        const ek_channel_dsp_t constants = {(int32_t)stream[words],
                                                            (int32_t)stream[words + 1]};
                        run_any(x + i * plane, p->step, w[0], p->window, first, &constants, p->centre, to + i,
                                columns * channels);
                        if (p->both) {
                            run_any(x + i * plane, p->step, w[1], p->window, second, &constants, p->centre,
                                    to + i + (p->along ? channels : row_size), columns * channels);
                        }
                        stream += words + 2;
                    }
                }
            }
        }
        if (p->clamped) {
            ek_clamp_dsp(output, p->output_height * row_size, p->low, p->high);
        }
        input += p->input_height * p->input_width * channels;
        output += p->output_height * row_size;
    }
}
