#include "ek_conv2d_s16.h"

#include "ek_window.h"

enum { FOUR = 4 }; /* filters at once, where they see the same input */

typedef struct {
    const int16_t *input; /* of the first tap */
    const int8_t *weights;
    int32_t rows;
    int32_t runs;         /* in a row of taps; where these touch, they are one run */
    int32_t run;          /* elements */
    int32_t input_row;    /* elements from a row of taps to the next */
    int32_t input_column; /* from a run to the next */
    int32_t weights_row;
    int32_t filter;
} window_t;

static int64_t sum_one(const window_t *w, int32_t from, int32_t channel) {
    int64_t sum = 0;
    for (int32_t row = 0; row < w->rows; ++row) {
        const int16_t *input = w->input + row * w->input_row + from;
        const int8_t *weights = w->weights + row * w->weights_row + channel * w->filter;
        for (int32_t i = 0; i < w->runs; ++i) {
            sum = ek_dot_s16(input + i * w->input_column, weights + i * w->run, w->run, sum);
        }
    }
    return sum;
}

static void sum_four(const window_t *w, int32_t from, int32_t channel, int64_t sums[FOUR]) {
    sums[0] = sums[1] = sums[2] = sums[3] = 0;
    for (int32_t row = 0; row < w->rows; ++row) {
        const int16_t *input = w->input + row * w->input_row + from;
        const int8_t *weights = w->weights + row * w->weights_row + channel * w->filter;
        for (int32_t i = 0; i < w->runs; ++i) {
            ek_dot_four_s16(input + i * w->input_column, weights + i * w->run, w->filter, w->run, sums);
        }
    }
}

static void scale(const ek_scale_s16_t *s, const int64_t *sums, int32_t channel, int32_t count,
                  int16_t *output) {
    for (int32_t i = 0; i < count; ++i) {
        output[channel + i] = ek_scaled_s16(s, sums[i], channel + i);
    }
}

static void convolve_pixel(const ek_conv2d_s16_params_t *p, const int16_t *image, int32_t y, int32_t x,
                           int16_t *output) {
    const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, p->dilation_height);
    const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, p->dilation_width);
    const int32_t depth = p->group_inputs;
    const bool any = ys.begin < ys.end && xs.begin < xs.end;
    const bool dense = p->dilation_width == 1 && depth == p->input_channels;
    const int32_t columns = any ? xs.end - xs.begin : 0;
    const int32_t row = (y + ys.begin * p->dilation_height) * p->input_width;
    const int32_t pixel = any ? row + x + xs.begin * p->dilation_width : 0;
    const window_t window = {
        .input = image + pixel * p->input_channels,
        .weights = p->weights + (any ? ys.begin * p->kernel_width + xs.begin : 0) * depth,
        .rows = any ? ys.end - ys.begin : 0,
        .runs = dense ? 1 : columns,
        .run = dense ? columns * depth : depth,
        .input_row = p->dilation_height * p->input_width * p->input_channels,
        .input_column = p->dilation_width * p->input_channels,
        .weights_row = p->kernel_width * depth,
        .filter = p->kernel_height * p->kernel_width * depth,
    };
    for (int32_t first = 0; first < p->output_channels; first += p->group_outputs) {
        const int32_t from = first / p->group_outputs * depth;
        const int32_t end = first + p->group_outputs;
        int64_t sums[FOUR];
        int32_t channel = first;
        for (; channel < end - FOUR + 1; channel += FOUR) {
            sum_four(&window, from, channel, sums);
            scale(&p->scale, sums, channel, FOUR, output);
        }
        for (; channel < end; ++channel) {
            sums[0] = sum_one(&window, from, channel);
            scale(&p->scale, sums, channel, 1, output);
        }
    }
}

void ek_conv2d_s16(const ek_conv2d_s16_params_t *p, const int16_t *input, int16_t *output) {
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
