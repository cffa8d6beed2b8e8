#include "ek_add_constant_s8.h"

#include "ek_add_s8.h"

void ek_add_constant_s8(const ek_add_constant_s8_params_t *p, const int8_t *input, int8_t *output) {
    ek_add_s8(&p->add, input, p->constant, output);
}
