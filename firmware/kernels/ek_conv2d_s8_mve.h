/* CONV_2D and FULLY_CONNECTED on int8 with Helium: any stride and padding, no dilation; see
 * ek_matrix_s8_mve.h. A tile's windows are copied before any of its outputs is written. */
#ifndef EK_CONV2D_S8_MVE_H
#define EK_CONV2D_S8_MVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ek_matrix_s8_mve.h"
#include "ek_patch_s8_mve.h"

typedef struct {
    ek_matrix_s8_mve_t matrix; /* taps 3: kernel_width 3, stride_width 1, input_channels a multiple of 16 */
    ek_patch_s8_mve_t patch;
    ek_frame_s8_mve_t frame;
    int32_t batches;
    int32_t output_height;
    bool pointwise; /* window i is pixel i; one batch of one row */
    bool backward;  /* the last tile comes first */
} ek_conv2d_s8_mve_params_t;

/* scratch: one patch, then what `patch` takes for the input if that is a frame, else one window unless
 * pointwise or taps is 3; patch and window are whole vectors. */
void ek_conv2d_s8_mve(const ek_conv2d_s8_mve_params_t *p, const int8_t *input, int8_t *output,
                      uint8_t *scratch);

#endif
