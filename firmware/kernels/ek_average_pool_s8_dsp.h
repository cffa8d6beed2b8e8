/* AVERAGE_POOL_2D on int8 over a whole input [rows, channels] (feature "dsp"). */
#ifndef EK_AVERAGE_POOL_S8_DSP_H
#define EK_AVERAGE_POOL_S8_DSP_H

#include <stdint.h>

typedef struct {
    int32_t batches;
    int32_t rows;
    int32_t channels; /* a multiple of 4 */
    int32_t low;      /* clamp */
    int32_t high;
} ek_average_pool_s8_dsp_params_t;

void ek_average_pool_s8_dsp(const ek_average_pool_s8_dsp_params_t *p, const int8_t *input, int8_t *output);

#endif
