#include "ek_concatenation_s8.h"

#include <string.h>

void ek_concatenation_s8(const ek_concatenation_s8_params_t *p, const int8_t *input0, const int8_t *input1,
                         const int8_t *input2, const int8_t *input3, const int8_t *input4,
                         const int8_t *input5, const int8_t *input6, const int8_t *input7, int8_t *output) {
    const int8_t *inputs[EK_CONCATENATION_INPUTS] = {input0, input1, input2, input3,
                                                     input4, input5, input6, input7};
    for (int32_t i = 0; i < p->outer; ++i) {
        for (int32_t n = 0; n < EK_CONCATENATION_INPUTS; ++n) {
            memcpy(output, inputs[n], (size_t)p->sizes[n]);
            inputs[n] += p->sizes[n];
            output += p->sizes[n];
        }
    }
}
