#include "ek_depthwise_conv2d_s16.h"

#include "ek_window.h"

static void convolve_pixel(const ek_depthwise_conv2d_s16_params_t *p, const int16_t *image, int32_t y,
                           int32_t x, int16_t *output) {
    const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, p->dilation_height);
    const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, p->dilation_width);
    const int32_t multiplier = p->output_channels / p->input_channels;
    const int32_t step = p->dilation_width * p->input_channels;
    for (int32_t channel = 0; channel < p->output_channels; ++channel) {
        int64_t sum = 0;
        for (int32_t ky = ys.begin; xs.begin < xs.end && ky < ys.end; ++ky) {
            const int32_t row = (y + ky * p->dilation_height) * p->input_width;
            const int32_t pixel = row + x + xs.begin * p->dilation_width;
            const int16_t *input = image + pixel * p->input_channels + channel / multiplier;
            const int8_t *weights =
                p->weights + (ky * p->kernel_width + xs.begin) * p->output_channels + channel;
            for (int32_t i = 0; i < xs.end - xs.begin; ++i) {
                sum += input[i * step] * weights[i * p->output_channels];
            }
        }
        output[channel] = ek_scaled_s16(&p->scale, sum, channel);
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
