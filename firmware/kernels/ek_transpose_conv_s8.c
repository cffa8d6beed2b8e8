#include "ek_transpose_conv_s8.h"

#include "ek_dot_s8.h"
#include "ek_reach.h"
#include "ek_requantize.h"

/* Gathers: each output pixel takes every input pixel and tap that the transposed window sends to it. */
static void gather_pixel(const ek_transpose_conv_s8_params_t *p, const int8_t *input, ek_reach_t ys,
                         ek_reach_t xs, int8_t *output) {
    const int32_t depth = p->input_channels;
    const int32_t filter = p->kernel_height * p->kernel_width * depth;
    for (int32_t channel = 0; channel < p->output_channels; ++channel) {
        const int8_t *weights = p->weights + channel * filter;
        int32_t sum = p->bias ? p->bias[channel] : 0;
        for (int32_t y = 0; y < ys.count; ++y) {
            const int32_t row = (ys.element - y) * p->input_width;
            const int32_t tap_row = (ys.tap + y * p->stride_height) * p->kernel_width;
            for (int32_t x = 0; x < xs.count; ++x) {
                const int32_t tap = tap_row + xs.tap + x * p->stride_width;
                sum = ek_dot_s8(input + (row + xs.element - x) * depth, weights + tap * depth, depth,
                                -p->input_zero_point, sum);
            }
        }
        const int32_t at = p->per_channel ? channel : 0;
        const int32_t scaled = ek_requantize_twice(sum, p->multipliers[at], p->shifts[at]);
        output[channel] = (int8_t)(ek_clamp(scaled, p->low, p->high) + p->output_zero_point);
    }
}

void ek_transpose_conv_s8(const ek_transpose_conv_s8_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const ek_reach_t ys =
                ek_reach_of(oy + p->pad_top, p->stride_height, p->kernel_height, p->input_height);
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                const ek_reach_t xs =
                    ek_reach_of(ox + p->pad_left, p->stride_width, p->kernel_width, p->input_width);
                gather_pixel(p, input, ys, xs, output);
                output += p->output_channels;
            }
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
}
