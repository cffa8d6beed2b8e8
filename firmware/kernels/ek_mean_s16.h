/* MEAN on int16 over any axes; the division is part of the multiplier; rounds twice.
 * Output by output; reads before it writes. */
#ifndef EK_MEAN_S16_H
#define EK_MEAN_S16_H

#include <stdint.h>

#include "ek_reduction.h"

typedef struct {
    int32_t kept_extents[EK_REDUCTION_AXES]; /* outermost first; 1 where unused */
    int32_t kept_steps[EK_REDUCTION_AXES];   /* in elements of the input */
    int32_t reduced_extents[EK_REDUCTION_AXES];
    int32_t reduced_steps[EK_REDUCTION_AXES];
    int32_t offset; /* -zero point x number of reduced elements */
    int32_t multiplier;
    int32_t shift;
    int32_t output_zero_point;
} ek_mean_s16_params_t;

void ek_mean_s16(const ek_mean_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
