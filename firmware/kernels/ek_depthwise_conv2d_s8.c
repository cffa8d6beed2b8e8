#include "ek_depthwise_conv2d_s8.h"

#include "ek_requantize.h"
#include "ek_window.h"

/* The part of one window that lies inside the input. */
typedef struct {
    const int8_t *input;   /* channel 0 of its first tap */
    const int8_t *weights; /* likewise */
    int32_t rows;
    int32_t columns;
} patch_t;

static int8_t output_of(const ek_depthwise_conv2d_s8_params_t *p, int32_t sum, int32_t channel) {
    const int32_t at = p->per_channel ? channel : 0;
    const int32_t scaled = ek_requantize_twice(sum, p->multipliers[at], p->shifts[at]);
    return (int8_t)(ek_clamp(scaled, p->low, p->high) + p->output_zero_point);
}

/* Four neighbouring channels, where each input channel has one output channel. */
static void four_channels(const ek_depthwise_conv2d_s8_params_t *p, const patch_t *patch, int32_t channel,
                          int8_t *output) {
    const int32_t offset = -p->input_zero_point;
    const int32_t row_step = p->dilation_height * p->input_width * p->input_channels;
    const int32_t step = p->dilation_width * p->input_channels;
    int32_t s0 = 0;
    int32_t s1 = 0;
    int32_t s2 = 0;
    int32_t s3 = 0;
    for (int32_t y = 0; y < patch->rows; ++y) {
        const int8_t *x = patch->input + y * row_step + channel;
        const int8_t *w = patch->weights + y * p->kernel_width * p->output_channels + channel;
        for (int32_t i = 0; i < patch->columns; ++i) {
            s0 += (x[0] + offset) * w[0];
            s1 += (x[1] + offset) * w[1];
            s2 += (x[2] + offset) * w[2];
            s3 += (x[3] + offset) * w[3];
            x += step;
            w += p->output_channels;
        }
    }
    const int32_t sums[4] = {s0, s1, s2, s3};
    for (int32_t i = 0; i < 4; ++i) {
        const int32_t bias = p->bias ? p->bias[channel + i] : 0;
        output[channel + i] = output_of(p, sums[i] + bias, channel + i);
    }
}

static int8_t one_channel(const ek_depthwise_conv2d_s8_params_t *p, const patch_t *patch, int32_t from,
                          int32_t channel) {
    const int32_t offset = -p->input_zero_point;
    const int32_t row_step = p->dilation_height * p->input_width * p->input_channels;
    const int32_t step = p->dilation_width * p->input_channels;
    int32_t sum = p->bias ? p->bias[channel] : 0;
    for (int32_t y = 0; y < patch->rows; ++y) {
        const int8_t *x = patch->input + y * row_step + from;
        const int8_t *w = patch->weights + y * p->kernel_width * p->output_channels + channel;
        for (int32_t i = 0; i < patch->columns; ++i) {
            sum += (x[i * step] + offset) * w[i * p->output_channels];
        }
    }
    return output_of(p, sum, channel);
}

static void convolve_pixel(const ek_depthwise_conv2d_s8_params_t *p, const patch_t *patch, int8_t *output) {
    int32_t channel = 0;
    if (p->input_channels == p->output_channels) {
        for (; channel + 4 <= p->output_channels; channel += 4) {
            four_channels(p, patch, channel, output);
        }
        for (; channel < p->output_channels; ++channel) {
            output[channel] = one_channel(p, patch, channel, channel);
        }
        return;
    }
    const int32_t multiplier = p->output_channels / p->input_channels;
    for (int32_t from = 0; from < p->input_channels; ++from) {
        for (const int32_t end = channel + multiplier; channel < end; ++channel) {
            output[channel] = one_channel(p, patch, from, channel);
        }
    }
}

void ek_depthwise_conv2d_s8(const ek_depthwise_conv2d_s8_params_t *p, const int8_t *input, int8_t *output) {
    const int32_t row_size = p->input_width * p->input_channels;
    const int32_t made_row = p->output_width * p->output_channels;
    for (int32_t b = 0; b < p->batches; ++b) {
        const int32_t batch = ek_turn(b, p->batches, p->backward);
        const int8_t *image = input + batch * p->input_height * row_size;
        for (int32_t i = 0; i < p->output_height; ++i) {
            const int32_t oy = ek_turn(i, p->output_height, p->backward);
            int8_t *made = output + (batch * p->output_height + oy) * made_row;
            const int32_t y = oy * p->stride_height - p->pad_top;
            const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, p->dilation_height);
            for (int32_t j = 0; j < p->output_width; ++j) {
                const int32_t ox = ek_turn(j, p->output_width, p->backward);
                const int32_t x = ox * p->stride_width - p->pad_left;
                const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, p->dilation_width);
                patch_t patch = {
                    .input = image,
                    .weights = p->weights,
                    .rows = xs.begin < xs.end ? ys.end - ys.begin : 0,
                    .columns = xs.end - xs.begin,
                };
                if (patch.rows > 0) { /* else the window lies in the padding and has no first tap */
                    patch.input += (y + ys.begin * p->dilation_height) * row_size +
                                   (x + xs.begin * p->dilation_width) * p->input_channels;
                    patch.weights += (ys.begin * p->kernel_width + xs.begin) * p->output_channels;
                }
                convolve_pixel(p, &patch, made + ox * p->output_channels);
            }
        }
    }
}
