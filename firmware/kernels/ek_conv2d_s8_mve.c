#include "ek_conv2d_s8_mve.h"

#include "ek_copy_s8_mve.h"
#include "ek_matrix_s8_mve.h"

/* Writes the window whose first tap is at (y, x) to `row`. */
static void gather(const ek_conv2d_s8_mve_params_t *p, const int8_t *image, int32_t y, int32_t x,
                   int8_t *row) {
    const int32_t channels = p->input_channels;
    const int32_t left = x < 0 ? (-x < p->kernel_width ? -x : p->kernel_width) : 0;
    const int32_t room = p->input_width - x;
    const int32_t end = room < p->kernel_width ? (room > left ? room : left) : p->kernel_width;
    const int32_t row_size = p->input_width * channels;
    const int32_t window = p->kernel_width * channels;
    if (left > 0 || end < p->kernel_width || y < 0 || y + p->kernel_height > p->input_height) {
        ek_fill_s8_mve(row, p->input_zero_point, p->kernel_height * window);
    }
    const int32_t first = y < 0 ? -y : 0;
    const int32_t below = p->input_height - y;
    const int32_t last = below < p->kernel_height ? below : p->kernel_height;
    const int32_t size = (end - left) * channels;
    if (size <= 0 || last <= first) {
        return;
    }
    ek_copy_rows_s8_mve(row + first * window + left * channels, window,
                        image + (y + first) * row_size + (x + left) * channels, row_size, last - first, size);
}

/* Computes one or two outputs, as soon as there are two windows or no more to come. */
static int8_t *flush(const ek_conv2d_s8_mve_params_t *p, const int8_t *const rows[2], int32_t count,
                     int8_t *output) {
    if (count == 2) {
        ek_matrix_pair_s8_mve(&p->matrix, rows[0], rows[1], output, output + p->matrix.channels);
    } else if (count == 1) {
        ek_matrix_row_s8_mve(&p->matrix, rows[0], output);
    }
    return output + count * p->matrix.channels;
}

static void pointwise(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int8_t *output,
                      int8_t *const scratch[2]) {
    const int32_t depth = 16 * p->matrix.steps;
    const int32_t pixels = p->batches * p->input_height * p->input_width;
    const int8_t *end = input + pixels * p->input_channels;
    for (int32_t i = 0; i < pixels; i += 2) {
        const int8_t *rows[2];
        const int32_t count = pixels - i < 2 ? 1 : 2;
        for (int32_t n = 0; n < count; ++n) {
            rows[n] = input;
            if (end - input < depth) { /* the last block would read beyond the input */
                ek_copy_s8_mve(scratch[n], input, p->input_channels);
                rows[n] = scratch[n];
            }
            input += p->input_channels;
        }
        output = flush(p, rows, count, output);
    }
}

void ek_conv2d_s8_mve(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int8_t *output,
                      uint8_t *scratch) {
    int8_t *const rows[2] = {(int8_t *)scratch, (int8_t *)scratch + 16 * p->matrix.steps};
    if (p->pointwise) {
        pointwise(p, input, output, rows);
        return;
    }
    const int8_t *const filled[2] = {rows[0], rows[1]};
    int32_t count = 0;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                gather(p, input, oy * p->stride_height - p->pad_top, ox * p->stride_width - p->pad_left,
                       rows[count]);
                if (++count == 2) {
                    output = flush(p, filled, 2, output);
                    count = 0;
                }
            }
        }
        input += p->input_height * p->input_width * p->input_channels;
    }
    (void)flush(p, filled, count, output);
}
