/* LOGISTIC and TANH on int16, by an interpolated table. */
#ifndef EK_SIGMOID_S16_H
#define EK_SIGMOID_S16_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t multiplier; /* x * multiplier / 2^shift is in steps of 1 / 12288 */
    int32_t shift;
    bool tanh;
} ek_sigmoid_s16_params_t;

/* The output may be the memory of the input. */
void ek_sigmoid_s16(const ek_sigmoid_s16_params_t *p, const int16_t *input, int16_t *output);

#endif
