/* DEPTHWISE_CONV_2D on int8, 3 x 3, stride 1, by SIMD multiplication (feature "dsp"); rounds twice.
 *
 * Four channels at a time, from the first row to the last: pairs of rows are widened to words in the scratch,
 * each with two vertical neighbours of one channel, and two rows of output are made of two such pairs. What
 * is written are bytes of the same channels, of rows whose pairs were read before.
 */
#ifndef EK_DEPTHWISE_CONV2D_3X3_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_3X3_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

/* A filter [3][3], columns first: of each column the bytes 0, 1, 1, 2 from top to bottom, in the order 0, 2,
 * 1, 3. The output is sum x multiplier / 2^(43 - scale), rounded twice. */
typedef struct {
    uint32_t columns[3];
    int32_t bias_scale; /* 64 * bias + scale, 2 to 8 */
    int32_t multiplier;
} ek_depthwise_3x3_channel_t;

typedef struct {
    const uint32_t *stream; /* ek_depthwise_3x3_channel_t per channel */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t centre; /* 2 * output zero point + 1 */
    bool rectified; /* no output is below the zero point */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_depthwise_conv2d_3x3_s8_dsp_params_t;

/* scratch: 48 * (output_width + 2) + 4 bytes. The output may be the memory of an input of its shape. */
void ek_depthwise_conv2d_3x3_s8_dsp(const ek_depthwise_conv2d_3x3_s8_dsp_params_t *p, const int8_t *input,
                                    int8_t *output, void *scratch);

#endif
