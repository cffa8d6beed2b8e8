/* Several tensors of elements of any type joined along an axis: CONCATENATION, PACK. */
#ifndef EK_JOIN_H
#define EK_JOIN_H

#include <stdint.h>

typedef struct {
    int32_t outer;            /* extents before the axis, multiplied */
    int32_t count;            /* of the inputs */
    const int32_t *sizes;     /* bytes from the axis on of each input */
    const int32_t *places;    /* where a constant input lies in `constants`, -1 for others; or null */
    const uint8_t *constants; /* the bytes of all constant inputs */
} ek_join_params_t;

/* inputs: those that are not constant. */
void ek_join(const ek_join_params_t *p, const void *const *inputs, void *output);

#endif
