/* Rows of int8 times packed weights, requantised: the core of convolution and fully connected layers on
 * Helium.
 *
 * `packed` holds one record per four channels (absent channels are zeros), with `steps` blocks of depth 16:
 *     int32 bias[4] (minus input zero point x sum of weights), int8 weights[steps][4][16],
 *     int32 multipliers[4], int8 shifts[4] (<= 0, to the right).
 */
#ifndef EK_MATRIX_S8_MVE_H
#define EK_MATRIX_S8_MVE_H

#include <stdint.h>

typedef struct {
    const int8_t *packed;
    int32_t steps; /* a row is 16 * steps bytes */
    int32_t channels;
    int32_t fix;  /* 1: negative values round half away from zero; 0: half up, where a clamp hides them */
    int32_t once; /* 1: the only rounding is that of the shift (ek_matrix_row_s8_mve alone) */
    int32_t output_zero_point;
    int32_t low; /* clamp, after the zero point is added */
    int32_t high;
} ek_matrix_s8_mve_t;

/* One row: y[channels]. */
void ek_matrix_row_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x, int8_t *y);

/* Two rows at once. */
void ek_matrix_pair_s8_mve(const ek_matrix_s8_mve_t *m, const int8_t *x0, const int8_t *x1, int8_t *y0,
                           int8_t *y1);

#endif
