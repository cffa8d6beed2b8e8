/* MAX_POOL_2D on int8, four channels at a time (feature "dsp").
 * Pixel by pixel, channel by channel; reads before it writes. */
#ifndef EK_MAX_POOL_S8_DSP_H
#define EK_MAX_POOL_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    bool clamped; /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_max_pool_s8_dsp_params_t;

void ek_max_pool_s8_dsp(const ek_max_pool_s8_dsp_params_t *p, const int8_t *input, int8_t *output);

#endif
