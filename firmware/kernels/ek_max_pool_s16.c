#include "ek_max_pool_s16.h"

#include "ek_requantize.h"
#include "ek_window.h"

/* Greatest value in a window that begins at x. */
static int32_t greatest_of(const int16_t *x, int32_t rows, int32_t row_step, int32_t columns, int32_t step) {
    int32_t greatest = INT16_MIN;
    for (int32_t i = 0; i < rows; ++i) {
        const int16_t *at = x + i * row_step;
        for (int32_t j = 0; j < columns; ++j) {
            greatest = *at > greatest ? *at : greatest;
            at += step;
        }
    }
    return greatest;
}

void ek_max_pool_s16(const ek_max_pool_s16_params_t *p, const int16_t *input, int16_t *output) {
    const int32_t row_size = p->input_width * p->channels;
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const int32_t y = oy * p->stride_height - p->pad_top;
            const ek_taps_t ys = ek_taps_inside(y, p->input_height, p->kernel_height, 1);
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                const int32_t x = ox * p->stride_width - p->pad_left;
                const ek_taps_t xs = ek_taps_inside(x, p->input_width, p->kernel_width, 1);
                const int16_t *first = input + (y + ys.begin) * row_size + (x + xs.begin) * p->channels;
                const int32_t rows = ys.end - ys.begin;
                const int32_t columns = xs.end - xs.begin;
                for (int32_t channel = 0; channel < p->channels; ++channel) {
                    const int32_t value = greatest_of(first + channel, rows, row_size, columns, p->channels);
                    *output++ = (int16_t)ek_clamp(value, p->low, p->high);
                }
            }
        }
        input += p->input_height * row_size;
    }
}
