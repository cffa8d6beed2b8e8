/* TRANSPOSE_CONV on int8: NHWC, any stride and padding; rounds twice. */
#ifndef EK_TRANSPOSE_CONV_S8_H
#define EK_TRANSPOSE_CONV_S8_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const int8_t *weights;      /* [output_channels][kernel_height][kernel_width][input_channels] */
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
    int32_t pad_top; /* of the convolution that this one transposes */
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
} ek_transpose_conv_s8_params_t;

void ek_transpose_conv_s8(const ek_transpose_conv_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
