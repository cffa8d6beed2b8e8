#include "ek_squared_difference_constant_s8.h"

#include "ek_squared_difference_s8.h"

void ek_squared_difference_constant_s8(const ek_squared_difference_constant_s8_params_t *p,
                                       const int8_t *input, int8_t *output) {
    ek_squared_difference_s8(&p->squared_difference, p->constant_first ? p->constant : input,
                             p->constant_first ? input : p->constant, output);
}
