#include "ek_max_pool_s8_dsp.h"

#include "ek_dsp.h"
#include "ek_window.h"

/* The greatest of `columns` neighbours from x on, in four channels. */
static inline uint32_t greatest_of(const int8_t *x, int32_t columns, int32_t channels) {
    uint32_t greatest = ek_load4(x);
    for (int32_t j = 1; j < columns; ++j) {
        x += channels;
        greatest = ek_max4(greatest, ek_load4(x));
    }
    return greatest;
}

/* One pixel, whose window begins at x. */
static void pixel(const int8_t *x, int32_t rows, int32_t row_size, int32_t columns, int32_t channels,
                  int8_t *output) {
    const int8_t *const end = output + channels;
    for (; output != end; output += 4, x += 4) {
        uint32_t greatest = greatest_of(x, columns, channels);
        const int8_t *row = x;
        for (int32_t i = 1; i < rows; ++i) {
            row += row_size;
            greatest = ek_max4(greatest, greatest_of(row, columns, channels));
        }
        ek_store4(output, greatest);
    }
}

/* The same for two neighbours. */
static void pixel_of_two(const int8_t *x, int32_t channels, int8_t *output) {
    const int8_t *const end = output + channels;
    for (; output != end; output += 4, x += 4) {
        ek_store4(output, ek_max4(ek_load4(x), ek_load4(x + channels)));
    }
}

void ek_max_pool_s8_dsp(const ek_max_pool_s8_dsp_params_t *p, const int8_t *input, int8_t *output) {
    const int32_t channels = p->channels;
    const int32_t row_size = p->input_width * channels;
    const int32_t size = p->batches * p->output_height * p->output_width * channels;
    int8_t *to = output;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const int32_t y = oy * p->stride_height - p->pad_top;
            const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, 1);
            const int32_t rows = ys.end - ys.begin;
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                const int32_t x = ox * p->stride_width - p->pad_left;
                const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, 1);
                const int32_t columns = xs.end - xs.begin;
                const int8_t *first = input + (y + ys.begin) * row_size + (x + xs.begin) * channels;
                if (rows == 1 && columns == 2) {
                    pixel_of_two(first, channels, to);
                } else {
                    pixel(first, rows, row_size, columns, channels, to);
                }
                to += channels;
            }
        }
        input += p->input_height * row_size;
    }
    if (p->clamped) {
        ek_clamp_dsp(output, size, p->low, p->high);
    }
}
