/* CONV_2D on int16 with int8 weights, in groups too: NHWC, any stride, dilation and padding; zero points 0.
 * Pixel by pixel; writes channels of a pixel while it still reads its window. */
#ifndef EK_CONV2D_S16_H
#define EK_CONV2D_S16_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_scale_s16.h"

typedef struct {
    const int8_t *weights; /* [output_channels][kernel_height][kernel_width][group_inputs] */
    ek_scale_s16_t scale;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t group_inputs;  /* input channels of one group */
    int32_t group_outputs; /* output channels of one group */
    bool backward;         /* from the last pixel to the first */
} ek_conv2d_s16_params_t;

void ek_conv2d_s16(const ek_conv2d_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
