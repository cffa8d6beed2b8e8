/* QUANTIZE between integers of any width; rounds twice. */
#ifndef EK_RESCALE_H
#define EK_RESCALE_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t from; /* EK_..., of ek_element.h */
    int32_t to;
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t low; /* clamp, before the zero point is added */
    int32_t high;
} ek_rescale_params_t;

void ek_rescale(const ek_rescale_params_t *p, const void *input, void *output);

#endif
