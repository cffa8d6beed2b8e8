/* ADD and SUB on int8 with Helium, as a linear form that export has proven for all pairs of values:
 *     (factor1 * x1 + factor2 * x2 + offset) >> 16 + shift, each of the two shifts rounding half up.
 * The form fits 32 bit. No broadcast along the innermost axis. */
#ifndef EK_LINEAR_S8_MVE_H
#define EK_LINEAR_S8_MVE_H

#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    ek_walk_t walk;
    int32_t factor1;
    int32_t factor2;
    int32_t offset;
    int32_t shift; /* after the first 16 bits; 1 to 8 */
    int32_t low;   /* clamp */
    int32_t high;
} ek_linear_s8_mve_params_t;

/* The output may be the memory of an input that is not broadcast. */
void ek_linear_s8_mve(const ek_linear_s8_mve_params_t *p, const int8_t *input1, const int8_t *input2,
                      int8_t *output);

#endif
