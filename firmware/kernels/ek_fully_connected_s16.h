/* FULLY_CONNECTED on int16 with int8 weights; zero points 0.
 * Row by row; writes a row while it still reads its input. */
#ifndef EK_FULLY_CONNECTED_S16_H
#define EK_FULLY_CONNECTED_S16_H

#include <stdint.h>

#include "ek_scale_s16.h"

typedef struct {
    const int8_t *weights; /* [outputs][inputs] */
    ek_scale_s16_t scale;
    int32_t batches;
    int32_t inputs;
    int32_t outputs;
} ek_fully_connected_s16_params_t;

void ek_fully_connected_s16(const ek_fully_connected_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
