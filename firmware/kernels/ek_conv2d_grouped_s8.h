/* CONV_2D in groups on int8: each group of output channels sees its own group of input channels.
 * Pixel by pixel; writes channels of a pixel while it still reads its window. */
#ifndef EK_CONV2D_GROUPED_S8_H
#define EK_CONV2D_GROUPED_S8_H

#include <stdint.h>

#include "ek_conv2d_s8.h"

typedef struct {
    ek_conv2d_s8_params_t conv; /* weights: [output_channels][kernel_height][kernel_width][group_inputs] */
    int32_t group_inputs;       /* input channels of one group */
    int32_t group_outputs;
} ek_conv2d_grouped_s8_params_t;

void ek_conv2d_grouped_s8(const ek_conv2d_grouped_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
