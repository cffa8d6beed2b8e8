/* DEPTHWISE_CONV_2D on int8: NHWC, any multiplier, stride, dilation and padding; rounds twice.
 * Pixel by pixel. Where each input channel has one output channel, a channel is read in all of the window
 * before it is written, and the channels follow in order. */
#ifndef EK_DEPTHWISE_CONV2D_S8_H
#define EK_DEPTHWISE_CONV2D_S8_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const int8_t *weights;      /* [kernel_height][kernel_width][output_channels] */
    const int32_t *bias;        /* [output_channels], or null */
    const int32_t *multipliers; /* [output_channels], or [1] where not per_channel */
    const int8_t *shifts;       /* likewise */
    bool per_channel;
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
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
    bool backward; /* from the last pixel to the first */
} ek_depthwise_conv2d_s8_params_t;

void ek_depthwise_conv2d_s8(const ek_depthwise_conv2d_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
