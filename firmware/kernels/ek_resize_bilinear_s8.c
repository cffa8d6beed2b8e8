#include "ek_resize_bilinear_s8.h"

enum { ONE = 1024 };

/* Divides by ONE * ONE, to nearest, half away from zero. */
static int8_t narrowed(int32_t sum) {
    const int32_t half = ONE * ONE / 2;
    return (int8_t)((sum + (sum > 0 ? half : -half)) / (ONE * ONE));
}

void ek_resize_bilinear_s8(const ek_resize_bilinear_s8_params_t *p, const int8_t *input, int8_t *output) {
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t y = 0; y < p->output_height; ++y) {
            const int8_t *top = input + p->rows.low[y];
            const int8_t *bottom = input + p->rows.high[y];
            const int32_t down = p->rows.weights[y];
            for (int32_t x = 0; x < p->output_width; ++x) {
                const int32_t left = p->columns.low[x];
                const int32_t right = p->columns.high[x];
                const int32_t over = p->columns.weights[x];
                for (int32_t c = 0; c < p->channels; ++c) {
                    const int32_t above = top[left + c] * (ONE - over) + top[right + c] * over;
                    const int32_t below = bottom[left + c] * (ONE - over) + bottom[right + c] * over;
                    *output++ = narrowed(above * (ONE - down) + below * down);
                }
            }
        }
        input += p->input_size;
    }
}
