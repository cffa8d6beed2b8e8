/* DEPTHWISE_CONV_2D on int8, 3 x 3, stride 1, by SIMD multiplication (feature "dsp"); rounds twice. */
#ifndef EK_DEPTHWISE_CONV2D_3X3_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_3X3_S8_DSP_H

#include "ek_depthwise_3x3_dsp.h"

typedef ek_depthwise_3x3_params_t ek_depthwise_conv2d_3x3_s8_dsp_params_t;

/* scratch: 48 * (output_width + 2) + 4 bytes. The output may be the memory of an input of its shape. */
void ek_depthwise_conv2d_3x3_s8_dsp(const ek_depthwise_conv2d_3x3_s8_dsp_params_t *p, const int8_t *input,
                                    int8_t *output, void *scratch);

#endif
