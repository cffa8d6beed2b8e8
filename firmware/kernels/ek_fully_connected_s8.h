/* FULLY_CONNECTED on int8; rounds twice, or once with a 63-bit multiplier where `fractions` is given.
 * Row by row; writes a row while it still reads its input. */
#ifndef EK_FULLY_CONNECTED_S8_H
#define EK_FULLY_CONNECTED_S8_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const int8_t *weights;      /* [outputs][inputs] */
    const int32_t *bias;        /* [outputs], or null */
    const int32_t *multipliers; /* [outputs], or [1] where not per_channel */
    const uint32_t *fractions;  /* likewise, or null to round twice */
    const int8_t *shifts;       /* likewise */
    bool per_channel;
    int32_t batches;
    int32_t inputs;
    int32_t outputs;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
} ek_fully_connected_s8_params_t;

void ek_fully_connected_s8(const ek_fully_connected_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
