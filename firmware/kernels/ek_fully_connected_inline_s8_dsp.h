/* FULLY_CONNECTED on int8 by SIMD multiplication (feature "dsp"): without scratch.
 *
 * Four channels at a time. Weights and constants are packed as ek_dense_dsp.h says; the bias holds what the
 * input's zero point adds.
 */
#ifndef EK_FULLY_CONNECTED_INLINE_S8_DSP_H
#define EK_FULLY_CONNECTED_INLINE_S8_DSP_H

#include "ek_dense_params_dsp.h"

typedef ek_dense_dsp_params_t ek_fully_connected_inline_s8_dsp_params_t;

/* depth equals inputs; input: aligned to 4 bytes */
void ek_fully_connected_inline_s8_dsp(const ek_fully_connected_inline_s8_dsp_params_t *p, const int8_t *input,
                                      int8_t *output);

#endif
