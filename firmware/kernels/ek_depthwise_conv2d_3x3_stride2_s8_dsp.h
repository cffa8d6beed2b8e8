/* DEPTHWISE_CONV_2D on int8, 3 x 3, stride 2, by SIMD multiplication (feature "dsp"); rounds twice.
 *
 * Four channels at a time, three rows are widened to planes of words in the scratch, each with two neighbours
 * of one row and channel; the rows' words alternate. A window is three words, and half of the next three.
 *
 * Row by row, whose pixels it reads and writes in no certain order.
 */
#ifndef EK_DEPTHWISE_CONV2D_3X3_STRIDE2_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_3X3_STRIDE2_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    /* Per channel: 12 bytes of weights, of which rows 0, 1 and 2 have columns 0 and 1 in bytes 0 and 2, 1 and
     * 3, 4 and 6, and column 2 in 5, 7 and 8; 64 * bias + scale; the multiplier. The output is sum x
     * multiplier / 2^(43 - scale), rounded twice. */
    const uint32_t *stream;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t tile;   /* most outputs at a time */
    int32_t centre; /* 2 * output zero point + 1 */
    bool rectified; /* no output is below the zero point */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_depthwise_conv2d_3x3_stride2_s8_dsp_params_t;

/* scratch: 48 * (tile + 1) + 4 bytes */
void ek_depthwise_conv2d_3x3_stride2_s8_dsp(const ek_depthwise_conv2d_3x3_stride2_s8_dsp_params_t *p,
                                            const int8_t *input, int8_t *output, void *scratch);

#endif
