#include "ek_conv2d_s8.h"

#include "ek_dot_s8.h"
#include "ek_requantize.h"
#include "ek_window.h"

/* The part of one window that lies inside the input. */
typedef struct {
    const int8_t *input; /* first tap of the first row */
    int32_t weight;      /* offset of the same tap in a channel's weights */
    int32_t rows;
    int32_t row_step;   /* from row to row, in the input */
    int32_t weight_row; /* and in the weights */
    int32_t runs;       /* contiguous runs per row: one, or one per tap where dilated */
    int32_t run_step;
    int32_t run_length;
} patch_t;

static int8_t output_of(const ek_conv2d_s8_params_t *p, int32_t sum, int32_t channel) {
    const int32_t at = p->per_channel ? channel : 0;
    const int32_t scaled = ek_requantize_twice(sum, p->multipliers[at], p->shifts[at]);
    return (int8_t)(ek_clamp(scaled, p->low, p->high) + p->output_zero_point);
}

static void convolve_pixel(const ek_conv2d_s8_params_t *p, const patch_t *patch, int8_t *output) {
    const int32_t filter = p->kernel_height * p->kernel_width * p->input_channels;
    const int32_t offset = -p->input_zero_point;
    int32_t channel = 0;
    for (; channel + 4 <= p->output_channels; channel += 4) {
        int32_t sums[4] = {0, 0, 0, 0};
        if (p->bias) {
            for (int32_t i = 0; i < 4; ++i) {
                sums[i] = p->bias[channel + i];
            }
        }
        const int8_t *weights = p->weights + channel * filter + patch->weight;
        const int8_t *row = patch->input;
        for (int32_t y = 0; y < patch->rows; ++y) {
            for (int32_t run = 0; run < patch->runs; ++run) {
                ek_dot4_s8(row + run * patch->run_step, weights + run * p->input_channels, filter,
                           patch->run_length, offset, sums);
            }
            row += patch->row_step;
            weights += patch->weight_row;
        }
        for (int32_t i = 0; i < 4; ++i) {
            output[channel + i] = output_of(p, sums[i], channel + i);
        }
    }
    for (; channel < p->output_channels; ++channel) {
        int32_t sum = p->bias ? p->bias[channel] : 0;
        const int8_t *weights = p->weights + channel * filter + patch->weight;
        const int8_t *row = patch->input;
        for (int32_t y = 0; y < patch->rows; ++y) {
            for (int32_t run = 0; run < patch->runs; ++run) {
                sum = ek_dot_s8(row + run * patch->run_step, weights + run * p->input_channels,
                                patch->run_length, offset, sum);
            }
            row += patch->row_step;
            weights += patch->weight_row;
        }
        output[channel] = output_of(p, sum, channel);
    }
}

void ek_conv2d_s8(const ek_conv2d_s8_params_t *p, const int8_t *input, int8_t *output) {
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
                const int32_t columns = xs.end - xs.begin;
                const bool dense = p->dilation_width == 1;
                patch_t patch = {
                    .input = image,
                    .weight = (ys.begin * p->kernel_width + xs.begin) * p->input_channels,
                    .rows = columns > 0 ? ys.end - ys.begin : 0,
                    .row_step = p->dilation_height * row_size,
                    .weight_row = p->kernel_width * p->input_channels,
                    .runs = dense ? 1 : columns,
                    .run_step = p->dilation_width * p->input_channels,
                    .run_length = dense ? columns * p->input_channels : p->input_channels,
                };
                if (patch.rows > 0) { /* else the window lies in the padding and has no first tap */
                    patch.input += (y + ys.begin * p->dilation_height) * row_size +
                                   (x + xs.begin * p->dilation_width) * p->input_channels;
                }
                convolve_pixel(p, &patch, made + ox * p->output_channels);
            }
        }
    }
}
