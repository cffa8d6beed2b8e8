/* SOFTMAX on int8 along the last axis, in gemmlowp's fixed point. */
#ifndef EK_SOFTMAX_S8_H
#define EK_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;             /* at most 4095 */
    int32_t multiplier;        /* beta x input scale, with 5 integer bits */
    int32_t shift;             /* to the left */
    int32_t lowest_difference; /* from the row's maximum; exp of anything below counts as 0 */
} ek_softmax_s8_params_t;

/* The output may be the memory of the input. */
void ek_softmax_s8(const ek_softmax_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
