/* CAST between bool, integers and float32; float32 is cut off and saturates. */
#ifndef EK_CAST_H
#define EK_CAST_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t from; /* EK_..., of ek_element.h */
    int32_t to;
} ek_cast_params_t;

void ek_cast(const ek_cast_params_t *p, const void *input, void *output);

#endif
