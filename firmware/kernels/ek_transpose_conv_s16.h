/* TRANSPOSE_CONV on int16 with int8 weights: NHWC, any stride and padding; zero points 0. */
#ifndef EK_TRANSPOSE_CONV_S16_H
#define EK_TRANSPOSE_CONV_S16_H

#include <stdint.h>

#include "ek_scale_s16.h"

typedef struct {
    const int8_t *weights; /* [output_channels][kernel_height][kernel_width][input_channels] */
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
    int32_t pad_top; /* of the convolution that this one transposes */
    int32_t pad_left;
} ek_transpose_conv_s16_params_t;

void ek_transpose_conv_s16(const ek_transpose_conv_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
