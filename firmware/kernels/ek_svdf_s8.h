/* SVDF on int8 with an int8 state, [batches][units * rank][memory]; rounds twice. */
#ifndef EK_SVDF_S8_H
#define EK_SVDF_S8_H

#include <stdint.h>

#include "ek_svdf.h"

typedef struct {
    ek_svdf_t svdf;
    const int8_t *times; /* [units * rank][memory] */
    int32_t state_zero_point;
} ek_svdf_s8_params_t;

void ek_svdf_s8(const ek_svdf_s8_params_t *p, const int8_t *input, int8_t *state, int8_t *output);

#endif
