/* CONV_2D on int8 by SIMD multiplication (feature "dsp"): three pixels by two channels at a time; rounds
 * twice.
 *
 * Weights and constants are packed as ek_matrix_dsp.h says; the bias holds what the input's zero point adds.
 *
 * Pixel by pixel; reads the windows of up to three before it writes them.
 */
#ifndef EK_CONV2D_S8_DSP_H
#define EK_CONV2D_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint32_t *stream; /* per pair of channels: [kernel_height][row / 2] weights and 4 words */
    int32_t batches;
    int32_t input_height;
    int32_t input_width;
    int32_t input_channels;
    int32_t output_height;
    int32_t output_width;
    int32_t output_channels;
    int32_t kernel_height;
    int32_t row; /* kernel width * input channels, rounded up to 4 */
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t pad_top;
    int32_t pad_left;
    int32_t input_zero_point;
    int32_t centre;   /* 2 * output zero point + 1 */
    int32_t rounding; /* ek_matrix_t */
    bool backward;    /* from the last pixel to the first */
    bool clamped;     /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_conv2d_s8_dsp_params_t;

/* scratch: 6 * kernel_height * row bytes */
void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int8_t *output, void *scratch);

#endif
