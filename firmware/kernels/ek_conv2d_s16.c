#include "ek_conv2d_s16.h"

#include "ek_window.h"

static void convolve_pixel(const ek_conv2d_s16_params_t *p, const int16_t *image, int32_t y, int32_t x,
                           int16_t *output) {
    const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, p->dilation_height);
    const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, p->dilation_width);
    const int32_t depth = p->group_inputs;
    const int32_t filter = p->kernel_height * p->kernel_width * depth;
    const int32_t columns = xs.end - xs.begin;
    /* Where the taps of a row touch, they are one run. */
    const bool dense = p->dilation_width == 1 && depth == p->input_channels;
    for (int32_t channel = 0; channel < p->output_channels; ++channel) {
        const int8_t *weights = p->weights + channel * filter;
        const int32_t from = channel / p->group_outputs * depth;
        int64_t sum = 0;
        for (int32_t ky = ys.begin; columns > 0 && ky < ys.end; ++ky) {
            const int32_t row = (y + ky * p->dilation_height) * p->input_width;
            for (int32_t kx = xs.begin; kx < xs.end; kx += dense ? columns : 1) {
                const int32_t pixel = row + x + kx * p->dilation_width;
                sum = ek_dot_s16(image + pixel * p->input_channels + from,
                                 weights + (ky * p->kernel_width + kx) * depth,
                                 dense ? columns * depth : depth, sum);
            }
        }
        output[channel] = ek_scaled_s16(&p->scale, sum, channel);
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
