/* DEPTHWISE_CONV_2D on int8 with Helium: multiplier 1, no dilation, at least 16 channels; rounds twice.
 *
 * `packed` holds one record per 16 channels, of which the last begins 16 before the end:
 *     int32 bias[16] (minus input zero point x sum of weights), int32 multipliers[16], int8 shifts[16]
 *     (<= 0, to the right), each with the channels 0 4 8 12, 2 6 10 14, 1 5 9 13, 3 7 11 15;
 *     int8 weights[kernel_width][kernel_height][16].
 * The magnitudes of any `group` consecutive weights of a channel add up to 255 at most: products fit 16 bit.
 */
#ifndef EK_DEPTHWISE_CONV2D_S8_MVE_H
#define EK_DEPTHWISE_CONV2D_S8_MVE_H

#include <stdint.h>

typedef struct {
    const int8_t *packed;
    int32_t channels;
    int32_t group;     /* 1, 2 or 3 */
    int32_t full;      /* groups; at least 1 */
    int32_t remainder; /* taps after them */
    int32_t fix; /* 1: negative values round half away from zero; 0: half up, where a clamp hides them */
    int32_t output_zero_point;
    int32_t low; /* clamp, after the zero point is added */
    int32_t high;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t listed; /* kernel_height x columns that the windows of a row cover */
} ek_depthwise_conv2d_s8_mve_params_t;

/* Pixel by pixel, in order. scratch: `listed` addresses of 32 bit, and `channels` bytes for what lies in the
 * padding. */
void ek_depthwise_conv2d_s8_mve(const ek_depthwise_conv2d_s8_mve_params_t *p, const int8_t *input,
                                int8_t *output, uint8_t *scratch);

#endif
