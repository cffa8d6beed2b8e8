/* MEAN on int8 over the rows of [rows, channels] (feature "dsp"); the division is part of the multiplier. */
#ifndef EK_MEAN_S8_DSP_H
#define EK_MEAN_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t channels; /* a multiple of 4 */
    int32_t offset;   /* -zero point x rows */
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
} ek_mean_s8_dsp_params_t;

void ek_mean_s8_dsp(const ek_mean_s8_dsp_params_t *p, const int8_t *input, int8_t *output);

#endif
