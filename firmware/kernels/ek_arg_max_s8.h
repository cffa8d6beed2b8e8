/* ARG_MAX and ARG_MIN on int8: the first of equal values wins. */
#ifndef EK_ARG_MAX_S8_H
#define EK_ARG_MAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t outer; /* product of the extents before the axis */
    int32_t extent;
    int32_t inner; /* product of the extents after it */
    int32_t flip;  /* -1: the least value instead of the greatest; else 0 */
} ek_arg_max_s8_params_t;

void ek_arg_max_s8(const ek_arg_max_s8_params_t *p, const int8_t *input, int32_t *output);

#endif
