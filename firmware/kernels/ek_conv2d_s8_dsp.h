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
    uint16_t batches;
    uint16_t input_height;
    uint16_t input_width;
    uint16_t input_channels;
    uint16_t output_height;
    uint16_t output_width;
    uint16_t output_channels;
    uint16_t kernel_height;
    uint16_t row; /* kernel width * input channels, rounded up to 4 */
    uint16_t kernel_width;
    uint16_t stride_height;
    uint16_t stride_width;
    uint16_t dilation_height;
    uint16_t pad_top;
    uint16_t pad_left;
    int16_t centre; /* 2 * output zero point + 1 */
    int8_t input_zero_point;
    uint8_t rounding; /* ek_matrix_t */
    bool backward;    /* from the last pixel to the first */
    bool clamped;     /* narrower than int8 */
    int8_t low;
    int8_t high;
} ek_conv2d_s8_dsp_params_t;

/* scratch: 6 * kernel_height * row bytes */
void ek_conv2d_s8_dsp(const ek_conv2d_s8_dsp_params_t *p, const int8_t *input, int8_t *output, void *scratch);

#endif
