/* SOFTMAX on int16 along the last axis, by interpolated tables of exp(x) and 1 / (1 + x). */
#ifndef EK_SOFTMAX_S16_H
#define EK_SOFTMAX_S16_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t multiplier; /* beta x input scale, in steps of 10 / 65535 */
    int32_t shift;
    const int16_t *exp;        /* [513], from -10 to 0 */
    const int16_t *reciprocal; /* [513], of 1 + x for x from 0 to 1 */
} ek_softmax_s16_params_t;

/* The output may be the memory of the input. */
void ek_softmax_s16(const ek_softmax_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
