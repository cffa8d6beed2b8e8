/* DEPTHWISE_CONV_2D on int16 with int8 weights: any multiplier, stride, dilation and padding; zero points 0.
 * Pixel by pixel; where there are as many channels out as in, forward reads a channel of a window before
 * it writes it. */
#ifndef EK_DEPTHWISE_CONV2D_S16_H
#define EK_DEPTHWISE_CONV2D_S16_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_scale_s16.h"

typedef struct {
    const int8_t *weights; /* [kernel_height][kernel_width][output_channels] */
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
    bool backward; /* from the last pixel to the first */
} ek_depthwise_conv2d_s16_params_t;

void ek_depthwise_conv2d_s16(const ek_depthwise_conv2d_s16_params_t *p, const int16_t *input,
                             int16_t *output);

#endif
