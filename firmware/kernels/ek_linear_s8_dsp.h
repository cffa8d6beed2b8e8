/* A linear form of two int8 tensors of one shape (feature "dsp"):
 * (a * factor1 + b * factor2) / 2^28 + constant / 2^20.
 *
 * ADD and SUB have such a form where all 65,536 pairs of inputs agree with their own arithmetic.
 */
#ifndef EK_LINEAR_S8_DSP_H
#define EK_LINEAR_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t factor1; /* each product is floored at 2^8 */
    int32_t factor2;
    int32_t constant; /* / 2^20 */
    bool clamped;     /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_linear_s8_dsp_params_t;

/* The output may be the memory of an input. */
void ek_linear_s8_dsp(const ek_linear_s8_dsp_params_t *p, const int8_t *input1, const int8_t *input2,
                      int8_t *output);

#endif
