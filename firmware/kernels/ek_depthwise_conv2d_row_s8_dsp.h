/* DEPTHWISE_CONV_2D on int8, one row high, by SIMD multiplication (feature "dsp"); rounds twice.
 *
 * Four channels at a time, a row is widened to planes of words in the scratch, each with two neighbours of
 * one channel. A window begins with a word; where the stride is 1, every window holds a second output, one
 * element on, for which the weights move by a halfword.
 *
 * Row by row, of whose pixels it reads and writes the channels four by four, from left to right.
 */
#ifndef EK_DEPTHWISE_CONV2D_ROW_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_ROW_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    /* Per channel: 3 words, of which each holds two pairs of weights as bytes 0, 2 and 1, 3, ten in all; 64 *
     * bias + scale; the multiplier. The output is sum x multiplier / 2^(43 - scale), rounded twice. */
    const uint32_t *stream;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels; /* a multiple of 4 */
    int32_t output_height;
    int32_t output_width;
    int32_t stride_height;
    int32_t stride_width; /* 1 or 2 */
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t tile;   /* most windows at a time, at least 4 */
    int32_t centre; /* 2 * output zero point + 1 */
    bool rectified; /* no output is below the zero point */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_depthwise_conv2d_row_s8_dsp_params_t;

/* scratch: 16 * (tile + 4) + 4 bytes. The output may be the memory of an input of its shape. */
void ek_depthwise_conv2d_row_s8_dsp(const ek_depthwise_conv2d_row_s8_dsp_params_t *p, const int8_t *input,
                                    int8_t *output, void *scratch);

#endif
