/* MUL on int8 of [rows, channels] by a vector [channels] (feature "dsp"); rounds twice. */
#ifndef EK_MUL_S8_DSP_H
#define EK_MUL_S8_DSP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t channels;
    int32_t zero_point;        /* of the rows */
    int32_t vector_zero_point; /* of the vector */
    int32_t multiplier;
    int32_t shift;  /* to the right, 1 to 22 */
    int32_t centre; /* 2 * output zero point + 1 */
    bool clamped;   /* narrower than int8 */
    int32_t low;
    int32_t high;
} ek_mul_s8_dsp_params_t;

/* The output may be the memory of the rows. */
void ek_mul_s8_dsp(const ek_mul_s8_dsp_params_t *p, const int8_t *rows, const int8_t *vector, int8_t *output);

#endif
