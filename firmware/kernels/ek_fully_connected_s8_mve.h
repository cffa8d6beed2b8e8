/* A row of int8 times packed weights, requantised, with Helium.
 *
 * `packed` holds one record per eight channels (absent channels are zeros), with `steps` blocks of depth 16:
 *     int32 bias[8] (minus input zero point x sum of weights), int8 weights[steps][8][16],
 *     and of channels 0 2 4 6 1 3 5 7: int32 multipliers[8], int8 shifts[8] (<= 0, to the right).
 */
#ifndef EK_FULLY_CONNECTED_S8_MVE_H
#define EK_FULLY_CONNECTED_S8_MVE_H

#include <stdint.h>

enum { EK_FULLY_CONNECTED_PARTIAL = 128 };

typedef struct {
    const int8_t *packed;
    int32_t steps;
    int32_t channels;
    int32_t fix;  /* 1: negative values round half away from zero; 0: half up, where a clamp hides them */
    int32_t once; /* 1: the only rounding is that of the shift */
    int32_t output_zero_point;
    int32_t low; /* clamp, after the zero point is added */
    int32_t high;
    int32_t inputs; /* a multiple of 16, or at most EK_FULLY_CONNECTED_PARTIAL */
} ek_fully_connected_s8_mve_params_t;

void ek_fully_connected_s8_mve(const ek_fully_connected_s8_mve_params_t *p, const int8_t *input,
                               int8_t *output);

#endif
