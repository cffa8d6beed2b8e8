/* CONCATENATION on int8 along any axis, of up to EK_CONCATENATION_INPUTS tensors. */
#ifndef EK_CONCATENATION_S8_H
#define EK_CONCATENATION_S8_H

#include <stdint.h>

#define EK_CONCATENATION_INPUTS 8

typedef struct {
    int32_t outer;                          /* extents before the axis, multiplied */
    int32_t sizes[EK_CONCATENATION_INPUTS]; /* elements from the axis on; 0 where unused */
} ek_concatenation_s8_params_t;

void ek_concatenation_s8(const ek_concatenation_s8_params_t *p, const int8_t *input0, const int8_t *input1,
                         const int8_t *input2, const int8_t *input3, const int8_t *input4,
                         const int8_t *input5, const int8_t *input6, const int8_t *input7, int8_t *output);

#endif
