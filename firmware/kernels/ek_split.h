/* One tensor of elements of any type cut into several along an axis: SPLIT, SPLIT_V, UNPACK. */
#ifndef EK_SPLIT_H
#define EK_SPLIT_H

#include <stdint.h>

typedef struct {
    int32_t outer;        /* extents before the axis, multiplied */
    int32_t count;        /* of the outputs */
    const int32_t *sizes; /* bytes from the axis on of each output */
} ek_split_params_t;

void ek_split(const ek_split_params_t *p, const void *input, void *const *outputs);

#endif
