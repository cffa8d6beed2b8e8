#include "ek_max_pool_s8_mve.h"

#include "ek_max_pool_s8.h"

#if defined(__ARM_FEATURE_MVE)

#include <arm_mve.h>

typedef struct {
    int32_t begin;
    int32_t count;
} taps_t;

/* The part of a window from `origin` on that lies inside. */
static taps_t inside_of(int32_t origin, int32_t size, int32_t kernel) {
    const int32_t begin = origin > 0 ? origin : 0;
    const int32_t end = origin + kernel < size ? origin + kernel : size;
    return (taps_t){begin, end - begin};
}

void ek_max_pool_s8_mve(const ek_max_pool_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    const int32_t step = p->channels;
    const int32_t row_size = p->input_width * step;
    const int8x16_t low = vdupq_n_s8((int8_t)p->low);
    const int8x16_t high = vdupq_n_s8((int8_t)p->high);
    for (int32_t batch = 0; batch < p->batches; ++batch) {
        for (int32_t oy = 0; oy < p->output_height; ++oy) {
            const taps_t ys =
                inside_of(oy * p->stride_height - p->pad_top, p->input_height, p->kernel_height);
            const int8_t *row = input + ys.begin * row_size;
            for (int32_t ox = 0; ox < p->output_width; ++ox) {
                const taps_t xs =
                    inside_of(ox * p->stride_width - p->pad_left, p->input_width, p->kernel_width);
                const int8_t *first = row + xs.begin * step;
                for (int32_t left = step; left > 0; left -= 16) {
                    const int8_t *window = first;
                    int8x16_t greatest = low;
                    if (left >= 16) {
                        for (int32_t i = ys.count; i > 0; --i) {
                            const int8_t *at = window;
                            for (int32_t j = xs.count; j > 0; --j) {
                                greatest = vmaxq_s8(greatest, vldrbq_s8(at));
                                at += step;
                            }
                            window += row_size;
                        }
                        vstrbq_s8(output, vminq_s8(greatest, high));
                        output += 16;
                        first += 16;
                        continue;
                    }
                    const mve_pred16_t inside = vctp8q((uint32_t)left);
                    for (int32_t i = ys.count; i > 0; --i) {
                        const int8_t *at = window;
                        for (int32_t j = xs.count; j > 0; --j) {
                            greatest = vmaxq_s8(greatest, vldrbq_z_s8(at, inside));
                            at += step;
                        }
                        window += row_size;
                    }
                    vstrbq_p_s8(output, vminq_s8(greatest, high), inside);
                    output += left;
                }
            }
        }
        input += p->input_height * row_size;
    }
}

#else

void ek_max_pool_s8_mve(const ek_max_pool_s8_mve_params_t *p, const int8_t *input, int8_t *output) {
    ek_max_pool_s8(p, input, output);
}

#endif
