/* SELECT_V2 on elements of any size, with broadcasting. */
#ifndef EK_SELECT_H
#define EK_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ek_walk.h"

typedef struct {
    int32_t extents[EK_WALK_AXES];  /* outermost first; 1 where unused */
    int32_t steps[3][EK_WALK_AXES]; /* of condition, first and second input, in elements; 0 where broadcast */
    size_t size;                    /* bytes of an element */
    const void *constant1;          /* stands for the first input, if not null */
    const void *constant2;
} ek_select_params_t;

void ek_select(const ek_select_params_t *p, const bool *condition, const void *input1, const void *input2,
               void *output);

#endif
