#include "ek_depthwise_conv2d_s16.h"

#include "ek_window.h"

enum {
    PIECE = 256, /* so many products fit 32 bit */
    FOUR = 4     /* channels at once, where each has its own input */
};

typedef struct {
    const int16_t *input; /* of the first tap */
    const int8_t *weights;
    int32_t rows;
    int32_t columns;
    int32_t input_row; /* elements from a row of taps to the next */
    int32_t input_column;
    int32_t weights_row;
    int32_t weights_column;
} window_t;

static int64_t sum_one(const window_t *w, int32_t source, int32_t channel) {
    int64_t sum = 0;
    for (int32_t row = 0; row < w->rows; ++row) {
        const int16_t *input = w->input + row * w->input_row + source;
        const int8_t *weights = w->weights + row * w->weights_row + channel;
        for (int32_t left = w->columns; left > 0; left -= PIECE) {
            int32_t part = 0;
            for (int32_t i = left < PIECE ? left : PIECE; i > 0; --i) {
                part += *input * *weights;
                input += w->input_column;
                weights += w->weights_column;
            }
            sum += part;
        }
    }
    return sum;
}

static void sum_four(const window_t *w, int32_t channel, int64_t sums[FOUR]) {
    sums[0] = sums[1] = sums[2] = sums[3] = 0;
    for (int32_t row = 0; row < w->rows; ++row) {
        const int16_t *input = w->input + row * w->input_row + channel;
        const int8_t *weights = w->weights + row * w->weights_row + channel;
        for (int32_t left = w->columns; left > 0; left -= PIECE) {
            int32_t a = 0;
            int32_t b = 0;
            int32_t c = 0;
            int32_t d = 0;
            for (int32_t i = left < PIECE ? left : PIECE; i > 0; --i) {
                a += input[0] * weights[0];
                b += input[1] * weights[1];
                c += input[2] * weights[2];
                d += input[3] * weights[3];
                input += w->input_column;
                weights += w->weights_column;
            }
            sums[0] += a;
            sums[1] += b;
            sums[2] += c;
            sums[3] += d;
        }
    }
}

static void scale(const ek_scale_s16_t *s, const int64_t *sums, int32_t channel, int32_t count,
                  int16_t *output) {
    for (int32_t i = 0; i < count; ++i) {
        output[channel + i] = ek_scaled_s16(s, sums[i], channel + i);
    }
}

static void convolve_pixel(const ek_depthwise_conv2d_s16_params_t *p, const int16_t *image, int32_t y,
                           int32_t x, int16_t *output) {
    const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, p->dilation_height);
    const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, p->dilation_width);
    const int32_t multiplier = p->output_channels / p->input_channels;
    const bool any = ys.begin < ys.end && xs.begin < xs.end;
    const int32_t row = (y + ys.begin * p->dilation_height) * p->input_width;
    const int32_t pixel = any ? row + x + xs.begin * p->dilation_width : 0;
    const window_t window = {
        .input = image + pixel * p->input_channels,
        .weights = p->weights + (any ? ys.begin * p->kernel_width + xs.begin : 0) * p->output_channels,
        .rows = any ? ys.end - ys.begin : 0,
        .columns = any ? xs.end - xs.begin : 0,
        .input_row = p->dilation_height * p->input_width * p->input_channels,
        .input_column = p->dilation_width * p->input_channels,
        .weights_row = p->kernel_width * p->output_channels,
        .weights_column = p->output_channels,
    };
    int64_t sums[FOUR];
    int32_t channel = 0;
    for (; multiplier == 1 && channel < p->output_channels - FOUR + 1; channel += FOUR) {
        sum_four(&window, channel, sums);
        scale(&p->scale, sums, channel, FOUR, output);
    }
    for (; channel < p->output_channels; ++channel) {
        sums[0] = sum_one(&window, channel / multiplier, channel);
        scale(&p->scale, sums, channel, 1, output);
    }
}

void ek_depthwise_conv2d_s16(const ek_depthwise_conv2d_s16_params_t *p, const int16_t *input,
                             int16_t *output) {
    const int32_t pixels = p->output_height * p->output_width;
    for (int32_t b = 0; b < p->batches; ++b) {
        const int32_t batch = ek_turn(b, p->batches, p->backward);
        const int16_t *image = input + batch * p->input_height * p->input_width * p->input_channels;
        for (int32_t i = 0; i < pixels; ++i) {
            const int32_t at = ek_turn(i, pixels, p->backward);
            const int32_t y = at / p->output_width * p->stride_height - p->pad_top;
            const int32_t x = at % p->output_width * p->stride_width - p->pad_left;
            convolve_pixel(p, image, y, x, output + (batch * pixels + at) * p->output_channels);
        }
    }
}
