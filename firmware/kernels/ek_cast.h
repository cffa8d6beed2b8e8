/* CAST between bool, integers and, as output, float32. */
#ifndef EK_CAST_H
#define EK_CAST_H

#include <stdint.h>

enum { EK_CAST_BOOL, EK_CAST_UINT8, EK_CAST_INT8, EK_CAST_INT16, EK_CAST_INT32, EK_CAST_FLOAT32 };

typedef struct {
    int32_t count;
    int32_t from; /* EK_CAST_..., not FLOAT32 */
    int32_t to;
} ek_cast_params_t;

void ek_cast(const ek_cast_params_t *p, const void *input, void *output);

#endif
