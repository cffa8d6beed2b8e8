#include "ek_arg_max_s8.h"

static int32_t first_of_greatest(const ek_arg_max_s8_params_t *p, const int8_t *input) {
    int32_t greatest = *input ^ p->flip; /* the complement turns the order round */
    int32_t found = 0;
    for (int32_t i = 1; i < p->extent; ++i) {
        const int32_t value = input[i * p->inner] ^ p->flip;
        if (value > greatest) {
            greatest = value;
            found = i;
        }
    }
    return found;
}

void ek_arg_max_s8(const ek_arg_max_s8_params_t *p, const int8_t *input, int32_t *output) {
    for (int32_t i = 0; i < p->outer; ++i) {
        for (int32_t j = 0; j < p->inner; ++j) {
            *output++ = first_of_greatest(p, input + i * p->extent * p->inner + j);
        }
    }
}
