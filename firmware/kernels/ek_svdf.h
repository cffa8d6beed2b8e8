/* What SVDF with an int8 and with an int16 state have in common. */
#ifndef EK_SVDF_H
#define EK_SVDF_H

#include <stdint.h>

#include "ek_dot_s8.h"
#include "ek_requantize.h"

typedef struct {
    const int8_t *features; /* [units * rank][inputs] */
    const int32_t *bias;    /* [units], or null */
    int32_t batches;
    int32_t inputs;
    int32_t units;
    int32_t rank;
    int32_t memory; /* values that each filter remembers */
    int32_t input_zero_point;
    int32_t state_multiplier; /* from a sum over the inputs to the state */
    int32_t state_shift;
    int32_t multiplier; /* from a sum over the state to the output */
    int32_t shift;
    int32_t output_zero_point;
} ek_svdf_t;

/* What one filter sees in the input, in steps of the state. */
static inline int32_t ek_svdf_feature(const ek_svdf_t *p, const int8_t *input, int32_t filter, int32_t low,
                                      int32_t high) {
    const int32_t sum =
        ek_dot_s8(input, p->features + filter * p->inputs, p->inputs, -p->input_zero_point, 0);
    return ek_clamp(ek_requantize_twice(sum, p->state_multiplier, p->state_shift), low, high);
}

/* x + y * z in 32 bit; wraps, as it does in the reference runtimes. */
static inline int32_t ek_svdf_add(int32_t x, int32_t y, int32_t z) {
    return (int32_t)((uint32_t)x + (uint32_t)y * (uint32_t)z);
}

static inline int8_t ek_svdf_output(const ek_svdf_t *p, int32_t sum) {
    const int32_t scaled = ek_requantize_twice(sum, p->multiplier, p->shift);
    return (int8_t)(ek_clamp(scaled, -128 - p->output_zero_point, 127 - p->output_zero_point) +
                    p->output_zero_point);
}

#endif
