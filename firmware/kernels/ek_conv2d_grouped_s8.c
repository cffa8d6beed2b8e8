#include "ek_conv2d_grouped_s8.h"

#include "ek_dot_s8.h"
#include "ek_requantize.h"
#include "ek_window.h"

/* One output pixel, whose window begins at row y and column x of the input. */
static void convolve_pixel(const ek_conv2d_grouped_s8_params_t *p, const int8_t *input, int32_t y, int32_t x,
                           int8_t *output) {
    const ek_conv2d_s8_params_t *c = &p->conv;
    const ek_taps_t ys = ek_taps_inside(y, c->input_height, c->kernel_height, c->dilation_height);
    const ek_taps_t xs = ek_taps_inside(x, c->input_width, c->kernel_width, c->dilation_width);
    const int32_t filter = c->kernel_height * c->kernel_width * p->group_inputs;
    for (int32_t channel = 0; channel < c->output_channels; ++channel) {
        const int32_t first = channel / p->group_outputs * p->group_inputs;
        const int8_t *weights = c->weights + channel * filter;
        int32_t sum = c->bias ? c->bias[channel] : 0;
        for (int32_t ky = ys.begin; ky < ys.end; ++ky) {
            const int32_t row = (y + ky * c->dilation_height) * c->input_width;
            for (int32_t kx = xs.begin; kx < xs.end; ++kx) {
                const int32_t pixel = row + x + kx * c->dilation_width;
                sum = ek_dot_s8(input + pixel * c->input_channels + first,
                                weights + (ky * c->kernel_width + kx) * p->group_inputs, p->group_inputs,
                                -c->input_zero_point, sum);
            }
        }
        const int32_t at = c->per_channel ? channel : 0;
        const int32_t scaled = ek_requantize_twice(sum, c->multipliers[at], c->shifts[at]);
        output[channel] = (int8_t)(ek_clamp(scaled, c->low, c->high) + c->output_zero_point);
    }
}

void ek_conv2d_grouped_s8(const ek_conv2d_grouped_s8_params_t *p, const int8_t *input, int8_t *output) {
    const ek_conv2d_s8_params_t *c = &p->conv;
    for (int32_t batch = 0; batch < c->batches; ++batch) {
        for (int32_t oy = 0; oy < c->output_height; ++oy) {
            for (int32_t ox = 0; ox < c->output_width; ++ox) {
                convolve_pixel(p, input, oy * c->stride_height - c->pad_top,
                               ox * c->stride_width - c->pad_left, output);
                output += c->output_channels;
            }
        }
        input += c->input_height * c->input_width * c->input_channels;
    }
}
