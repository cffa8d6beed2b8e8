/* REDUCE_MAX and REDUCE_MIN on int16 over any axes. */
#ifndef EK_REDUCE_MAX_S16_H
#define EK_REDUCE_MAX_S16_H

#include <stdint.h>

#include "ek_reduction.h"

typedef struct {
    int32_t kept_extents[EK_REDUCTION_AXES]; /* outermost first; 1 where unused */
    int32_t kept_steps[EK_REDUCTION_AXES];   /* in elements of the input */
    int32_t reduced_extents[EK_REDUCTION_AXES];
    int32_t reduced_steps[EK_REDUCTION_AXES];
    int32_t flip; /* -1: the least value instead of the greatest; else 0 */
} ek_reduce_max_s16_params_t;

void ek_reduce_max_s16(const ek_reduce_max_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
