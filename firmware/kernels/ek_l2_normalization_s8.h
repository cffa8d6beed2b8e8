/* L2_NORMALIZATION on int8 along the last axis, in gemmlowp's fixed point. */
#ifndef EK_L2_NORMALIZATION_S8_H
#define EK_L2_NORMALIZATION_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t zero_point;
} ek_l2_normalization_s8_params_t;

/* Input and output may be the same memory. */
void ek_l2_normalization_s8(const ek_l2_normalization_s8_params_t *p, const int8_t *input, int8_t *output);

#endif
