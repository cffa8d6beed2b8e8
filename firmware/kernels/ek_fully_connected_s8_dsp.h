/* FULLY_CONNECTED on int8 by SIMD multiplication (feature "dsp"): four channels at a time.
 *
 * Pairs of channels share halfwords of packed weights: 256 * w1 + w0, see ek_conv2d_s8_dsp.h. The bias
 * holds what the input's zero point adds.
 */
#ifndef EK_FULLY_CONNECTED_S8_DSP_H
#define EK_FULLY_CONNECTED_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const uint32_t *stream; /* per four channels: [depth / 2][2] weights and 8 words of constants */
    int32_t batches;
    int32_t inputs;
    int32_t depth; /* inputs, rounded up to 4 */
    int32_t outputs;
    int32_t centre; /* 2 * output zero point + 1 */
    bool once;      /* rounds once, half up; else twice */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_fully_connected_s8_dsp_params_t;

/* scratch: 2 * depth bytes */
void ek_fully_connected_s8_dsp(const ek_fully_connected_s8_dsp_params_t *p, const int8_t *input,
                               int8_t *output, void *scratch);

#endif
