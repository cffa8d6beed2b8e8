/* DEPTHWISE_CONV_2D on int8 by SIMD multiplication (feature "dsp"), multiples of four channels; rounds twice.
 *
 * Four channels of a stretch of the input are copied to planes of words, each with two neighbours of one
 * channel: of one column where the kernel is high, of one row where it is one row high. A window is then
 * `window` words in a row, and the next begins `step` words on. Where the stride along the pairs is 1, a
 * window holds a second output, one element on: its weights are the first's, moved by a halfword.
 *
 * Row by row, or two rows by two rows, which it reads and writes in no certain order.
 */
#ifndef EK_DEPTHWISE_CONV2D_S8_DSP_H
#define EK_DEPTHWISE_CONV2D_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    /* Per channel: ceil(window / 2) words, of which each holds two pairs of weights as bytes 0, 2 and 1, 3;
     * then the channel's ek_channel_dsp_t. */
    const uint32_t *stream;
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t channels;
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    bool along;    /* pairs lie along a row; the kernel is one row high */
    bool both;     /* two outputs per window */
    int32_t pairs; /* per column; 1 along a row */
    int32_t window;
    int32_t step;
    int32_t tile;   /* most windows at a time */
    int32_t centre; /* 2 * output zero point + 1 */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_depthwise_conv2d_s8_dsp_params_t;

/* scratch: 16 * ((tile - 1) * step + window) bytes */
void ek_depthwise_conv2d_s8_dsp(const ek_depthwise_conv2d_s8_dsp_params_t *p, const int8_t *input,
                                int8_t *output, void *scratch);

#endif
