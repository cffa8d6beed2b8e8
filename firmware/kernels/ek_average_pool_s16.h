/* AVERAGE_POOL_2D on int16; taps in the padding do not count; half rounds away from zero.
 * Pixel by pixel, channel by channel; reads before it writes. */
#ifndef EK_AVERAGE_POOL_S16_H
#define EK_AVERAGE_POOL_S16_H

#include <stdint.h>

typedef struct {
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t low; /* clamp */
    int32_t high;
} ek_average_pool_s16_params_t;

void ek_average_pool_s16(const ek_average_pool_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
