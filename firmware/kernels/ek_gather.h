/* GATHER by indices that the model computes; those outside are taken as the nearest inside. */
#ifndef EK_GATHER_H
#define EK_GATHER_H

#include <stdint.h>

typedef struct {
    const void *table; /* what is picked from, where it is constant; else null: the input */
    int32_t batches;   /* each with indices of its own */
    int32_t outer;     /* extents between batches and axis, multiplied */
    int32_t extent;    /* of the axis */
    int32_t count;     /* indices per batch */
    int32_t run;       /* bytes behind the axis */
} ek_gather_params_t;

void ek_gather(const ek_gather_params_t *p, const void *input, const int32_t *indices, void *output);

#endif
