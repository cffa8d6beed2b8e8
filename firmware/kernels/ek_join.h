/* Several tensors of elements of any type joined along an axis: CONCATENATION, PACK. */
#ifndef EK_JOIN_H
#define EK_JOIN_H

#include <stdint.h>

typedef struct {
    int32_t outer;        /* extents before the axis, multiplied */
    int32_t count;        /* of the inputs */
    const int32_t *sizes; /* bytes from the axis on of each input */
} ek_join_params_t;

void ek_join(const ek_join_params_t *p, const void *const *inputs, void *output);

#endif
