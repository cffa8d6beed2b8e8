#include "ek_transpose_conv_s16.h"

#include "ek_reach.h"

/* Gathers: each output pixel takes every input pixel and tap that the transposed window sends to it. */
static void gather_pixel(const ek_transpose_conv_s16_params_t *p, const int16_t *input, ek_reach_t ys,
                         ek_reach_t xs, int16_t *output) {
    const int32_t depth = p->input_channels;
    const int32_t filter = p->kernel_height * p->kernel_width * depth;
    for (int32_t channel = 0; channel < p->output_channels; ++channel) {
        const int8_t *weights = p->weights + channel * filter;
        int64_t sum = 0;
        for (int32_t y = 0; y < ys.count; ++y) {
            const int32_t row = (ys.element - y) * p->input_width;
            const int32_t tap_row = (ys.tap + y * p->stride_height) * p->kernel_width;
            for (int32_t x = 0; x < xs.count; ++x) {
                const int32_t tap = tap_row + xs.tap + x * p->stride_width;
                sum = ek_dot_s16(input + (row + xs.element - x) * depth, weights + tap * depth, depth, sum);
            }
        }
        output[channel] = ek_scaled_s16(&p->scale, sum, channel);
    }
}

void ek_transpose_conv_s16(const ek_transpose_conv_s16_params_t *p, const int16_t *input, int16_t *output) {
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
