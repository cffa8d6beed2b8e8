/* MUL on int8 of [rows, channels] by a vector [channels] (feature "dsp"), channel by channel a linear form.
 *
 * A channel's factor is floor((value - zero point) * 2^before * multiplier / 2^32) * 2^after; the constants
 * are those with which all 65,536 pairs of values agree with the operator's own arithmetic.
 */
#ifndef EK_MUL_LINEAR_S8_DSP_H
#define EK_MUL_LINEAR_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t channels;
    int32_t zero_point;        /* of the rows */
    int32_t vector_zero_point; /* of the vector */
    int32_t before;
    int32_t multiplier;
    int32_t after;
    int32_t constant; /* / 2^20 */
    bool clamped;     /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_mul_linear_s8_dsp_params_t;

/* The output may be the memory of the rows. */
void ek_mul_linear_s8_dsp(const ek_mul_linear_s8_dsp_params_t *p, const int8_t *rows, const int8_t *vector,
                          int8_t *output);

#endif
