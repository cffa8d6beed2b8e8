/* DEPTHWISE_CONV_2D on int8, 3 x 3, stride 1, padded to an odd width, by SIMD multiplication (feature "dsp");
 * rounds twice. For outputs that are none below the zero point.
 *
 * Four channels at a time: all their rows are widened to words in the scratch, each with two vertical
 * neighbours of one channel, before any output is written. Border columns multiply no padding.
 */
#ifndef EK_DEPTHWISE_CONV2D_3X3_PLANES_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_3X3_PLANES_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint32_t *stream; /* ek_depthwise_3x3_channel_t per channel, as of ek_depthwise_3x3_dsp.h */
    int32_t batches;
    int32_t height;   /* up to 30 */
    int32_t width;    /* odd, 3 or more */
    int32_t channels; /* a multiple of 4 */
    int32_t input_zero_point;
    int32_t centre; /* 2 * output zero point + 1 */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_depthwise_conv2d_3x3_planes_s8_dsp_params_t;

/* scratch: 256 * width bytes. The output may be the memory of the input. */
void ek_depthwise_conv2d_3x3_planes_s8_dsp(const ek_depthwise_conv2d_3x3_planes_s8_dsp_params_t *p,
                                           const int8_t *input, int8_t *output, void *scratch);

#endif
