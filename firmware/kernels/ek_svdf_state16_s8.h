/* SVDF on int8 with an int16 state, [batches][units * rank][memory]; rounds twice. */
#ifndef EK_SVDF_STATE16_S8_H
#define EK_SVDF_STATE16_S8_H

#include <stdint.h>

#include "ek_svdf.h"

typedef struct {
    ek_svdf_t svdf;
    const int16_t *times; /* [units * rank][memory] */
} ek_svdf_state16_s8_params_t;

void ek_svdf_state16_s8(const ek_svdf_state16_s8_params_t *p, const int8_t *input, int16_t *state,
                        int8_t *output);

#endif
