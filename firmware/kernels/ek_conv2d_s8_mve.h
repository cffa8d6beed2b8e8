/* CONV_2D and FULLY_CONNECTED on int8 with Helium: any stride and padding, no dilation; see
 * ek_matrix_s8_mve.h. */
#ifndef EK_CONV2D_S8_MVE_H
#define EK_CONV2D_S8_MVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_matrix_s8_mve.h"

typedef struct {
    ek_matrix_s8_mve_t matrix; /* a row is one window, filled up to a multiple of 16 by anything */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    bool pointwise; /* a window is one pixel */
} ek_conv2d_s8_mve_params_t;

/* scratch: two rows, 2 * 16 * steps bytes; unused where pointwise and input_channels is a multiple of 16. */
void ek_conv2d_s8_mve(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int8_t *output,
                      uint8_t *scratch);

#endif
